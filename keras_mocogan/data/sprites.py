"""Pixel-art characters who walk, run, jump and strike, composed of layers."""

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from keras_mocogan.checks import check_choice, check_integer

# Action -> its sheet. Any other sheet of the folder may be named as it is.
_SHEETS = {
    "walk": "Walk",
    "run": "Run",
    "jump": "Jump",
    "slash": "Combat 1h - Halfslash",
}
SPRITE_ACTIONS = tuple(_SHEETS)
# The left is the mirror image of the right, so three carry all there is.
SPRITE_DIRECTIONS = ("back", "right", "front")
_ALL_DIRECTIONS = ("back", "left", "front", "right")
# Name -> color of a plain background, all of them paler than what characters wear.
_BACKGROUNDS = {
    "sky": (168, 206, 236),
    "mint": (176, 226, 200),
    "sand": (236, 214, 170),
    "rose": (240, 190, 196),
    "lilac": (206, 190, 236),
    "lemon": (242, 236, 166),
    "stone": (190, 194, 200),
    "slate": (84, 94, 112),
}


class SpriteClips(NamedTuple):
    """What `sprites` returns; `videos, labels = clips[:2]` takes what `fit` needs.

    Attributes:
        videos: `uint8` array of shape `(num_videos, num_frames, 64, 64, 3)`.
        labels: `int32` array of shape `(num_videos,)`, indices into `class_names`.
        attributes: Attribute -> `int32` array of shape `(num_videos,)`, indices into
            `attribute_names[attribute]`.
        class_names: A name for each class, such as `"walk_back"`.
        attribute_names: Attribute -> names of its values.
    """

    videos: np.ndarray
    labels: np.ndarray
    attributes: dict[str, np.ndarray]
    class_names: tuple[str, ...]
    attribute_names: dict[str, tuple[str, ...]]


def sprites(
    layers_dir: str | os.PathLike[str],
    num_videos: int,
    num_frames: int = 8,
    seed: int = 0,
    actions: Sequence[str] = SPRITE_ACTIONS,
    directions: Sequence[str] = SPRITE_DIRECTIONS,
    background: str = "black",
    split: str = "all",
    only: Mapping[str, Sequence[str]] | None = None,
    random_start: bool = True,
) -> SpriteClips:
    """Composes clips of characters, each of whom can do every action.

    A character is a body with skin, hair, shirt, trousers and shoes out of a folder of
    layers; a class is an action in a direction. So the same content occurs in every
    motion, and both are known. The layers do not come with this package:
    `docs/data.md` says where they are and whom to credit.

    Video `i` is a function of the folder, `seed` and `i` alone: a larger `num_videos`
    adds videos and changes none. Classes take turns: video `i` has class
    `i % len(class_names)`.

    Args:
        layers_dir: Folder that holds `Characters`: a clone of
            https://github.com/ElizaWy/LPC, or a part of it. Items that lack one of the
            actions are left out.
        num_videos: Number of videos, at least 1.
        num_frames: Frames of a video, at least 1. Actions are cycles of 6 or 8 frames,
            and go round as often as needed.
        seed: Non-negative integer.
        actions: Out of `SPRITE_ACTIONS`, or names of other sheets such as `"Climb"`.
        directions: Where the characters face: `"back"`, `"left"`, `"front"`, `"right"`.
            The left is the mirror image of the right.
        background: `"black"`, or `"color"`: one of eight plain colors a clip, which is
            then an attribute too, `"background"`.
        split: `"training"`, `"held_out"` or `"all"`. About a tenth of the combinations of
            the colors of hair, shirt and trousers is held out, by their names. These
            show in every frame, so no frame of a character is in both.
        only: Attribute -> names of the values that may occur, such as
            `{"hair_color": ["Red"]}`. `attribute_names` of a call without it has the
            names, and indices stay the same with it.
        random_start: Whether a clip begins anywhere in the cycle, as clips cut out of
            longer ones do, or at the sheet's first frame.

    Returns:
        `SpriteClips`: `videos`, `labels`, `attributes` (`body`, `skin`, `hair`,
        `hair_color`, `top`, `top_color`, `legs`, `legs_color`, `shoes`,
        `shoes_color`), `class_names` and `attribute_names`.

    Raises:
        ValueError: If the folder lacks layers or sheets, or an argument does not fit.

    Example:

    ```python
    import os

    if os.path.isdir("LPC"):  # Cloned beforehand.
        clips = km.data.sprites("LPC", num_videos=600, split="training")
        videos, labels = clips[:2]
        clips.attribute_names["hair_color"][clips.attributes["hair_color"][0]]
    ```
    """
    num_videos = check_integer("num_videos", num_videos, 1)
    num_frames = check_integer("num_frames", num_frames, 1)
    seed = check_integer("seed", seed, 0)
    actions = _check_names("actions", actions)
    directions = _check_names("directions", directions)
    for direction in directions:
        check_choice("directions", direction, _ALL_DIRECTIONS)
    check_choice("background", background, ("black", "color"))
    check_choice("split", split, ("all", "training", "held_out"))

    # Loaded here: they need Pillow, which importing the package must not.
    from keras_mocogan.data.sprite_layers import characters, drawing, wardrobe

    sheets = [_SHEETS.get(action, action).lower() for action in actions]
    bodies = wardrobe.find_bodies(layers_dir, sheets)
    values = characters.attribute_values(bodies)
    bodies = characters.restrict(bodies, dict(only or {}))
    classes = [(sheet, direction) for sheet in sheets for direction in directions]

    reader, chosen = drawing.LayerReader(), []
    backgrounds = np.zeros(num_videos, np.int32)
    videos = np.empty((num_videos, num_frames, drawing.CELL, drawing.CELL, 3), np.uint8)
    for i in range(num_videos):
        generator = np.random.default_rng([seed, i])
        # The order of draws keeps options apart: one changes nothing of the others.
        start = generator.random()
        backgrounds[i] = generator.integers(len(_BACKGROUNDS))
        character = characters.draw_character(bodies, split, generator)
        chosen.append(character)
        sheet, direction = classes[i % len(classes)]
        color = _color(backgrounds[i]) if background == "color" else (0, 0, 0)
        paths = characters.layer_paths(bodies, character, sheet)
        cells = reader.stack(paths, direction, color)
        first = int(start * len(cells)) if random_start else 0
        videos[i] = cells[(first + np.arange(num_frames)) % len(cells)]

    attributes = characters.attribute_indices(chosen, values)
    if background == "color":
        attributes["background"] = backgrounds
        values["background"] = tuple(_BACKGROUNDS)
    labels = np.arange(num_videos, dtype=np.int32) % np.int32(len(classes))
    names = [f"{action}_{direction}" for action in actions for direction in directions]
    return SpriteClips(videos, labels, attributes, tuple(names), values)


def _color(number):
    return tuple(_BACKGROUNDS.values())[number]


def _check_names(name, values):
    if isinstance(values, str) or not len(values) or len(set(values)) < len(values):
        raise ValueError(
            f"`{name}` must be a sequence of at least one name, each once. Received: "
            f"{name}={values!r}."
        )
    return tuple(values)
