"""Pixel-art characters who walk, run, jump and strike, composed from layers."""

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from keras_mocogan.checks import check_choice, check_integer
from keras_mocogan.data.sprite_layers.characters import (
    attribute_indices,
    attribute_values,
    draw_character,
    layer_paths,
    restrict,
)
from keras_mocogan.data.sprite_layers.wardrobe import CELL, DIRECTIONS, find_bodies

# Action -> its sheet. Any other sheet in the folder can be used by its own name.
_SHEETS = {
    "walk": "Walk",
    "run": "Run",
    "jump": "Jump",
    "slash": "Combat 1h - Halfslash",
}
SPRITE_ACTIONS = tuple(_SHEETS)
# The left is the mirror image of the right, so three directions hold everything.
SPRITE_DIRECTIONS = ("back", "right", "front")
# Name -> color of a plain background, all of them paler than the characters' clothes.
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
    """The result of `sprites`; `videos, labels = clips[:2]` is what `fit` needs.

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

    A character is a body with skin, hair, shirt, trousers and shoes from a folder of
    layers; a class is an action in a direction. The look of a character does not depend
    on what they do, and both are known. The layers do not come with this package:
    `docs/data.md` says where to get them and whom to credit.

    Video `i` depends only on the folder, `seed` and `i`: a larger `num_videos` adds
    videos and changes none. Classes take turns: video `i` has class
    `i % len(class_names)`.

    Args:
        layers_dir: Folder that holds `Characters`: a clone of
            https://github.com/ElizaWy/LPC, or part of one. Items without one of the
            actions are left out.
        num_videos: Number of videos, at least 1.
        num_frames: Frames of a video, at least 1. Actions are cycles of 6 or 8 frames,
            which repeat as often as necessary.
        seed: Non-negative integer.
        actions: Names from `SPRITE_ACTIONS`, or of other sheets such as `"Climb"`.
        directions: Where the characters face: `"back"`, `"left"`, `"front"`, `"right"`.
            The left is the mirror image of the right.
        background: `"black"`, or `"color"`: one of eight plain colors for each clip.
            The color is then an attribute too, `"background"`.
        split: `"training"`, `"held_out"` or `"all"`. About a tenth of the combinations
            of hair, shirt and trouser colors is held out, chosen by their names. These
            colors show in every frame, so the two splits share no frame.
        only: Attribute -> names of the values that may occur, such as
            `{"hair_color": ["Red"]}`. `attribute_names` of a call without it lists the
            names; indices are the same with it.
        random_start: Whether a clip begins anywhere in the cycle, like clips cut from
            longer ones, or at the sheet's first frame.

    Returns:
        `SpriteClips`: `videos`, `labels`, `attributes` (`body`, `skin`, `hair`,
        `hair_color`, `top`, `top_color`, `legs`, `legs_color`, `shoes`,
        `shoes_color`), `class_names` and `attribute_names`.

    Raises:
        ValueError: If the folder lacks layers or sheets, or an argument does not fit.

    Example:

    ```python
    clips = km.data.sprites("LPC", num_videos=60, split="training")  # a clone
    videos, labels = clips[:2]
    clips.class_names[labels[0]]  # "walk_back"
    clips.attribute_names["skin"][clips.attributes["skin"][0]]  # such as "Honey"
    ```
    """
    num_videos = check_integer("num_videos", num_videos, 1)
    num_frames = check_integer("num_frames", num_frames, 1)
    seed = check_integer("seed", seed, 0)
    actions = _check_names("actions", actions)
    directions = _check_names("directions", directions)
    for direction in directions:
        check_choice("directions", direction, DIRECTIONS)
    check_choice("background", background, ("black", "color"))
    check_choice("split", split, ("all", "training", "held_out"))

    # Loaded here: it needs Pillow, which importing the package must not load.
    from keras_mocogan.data.sprite_layers.drawing import LayerReader

    sheets = [_SHEETS.get(action, action).lower() for action in actions]
    bodies = find_bodies(layers_dir, sheets)
    values = attribute_values(bodies)
    bodies = restrict(bodies, dict(only or {}))
    classes = [(sheet, direction) for sheet in sheets for direction in directions]

    reader = LayerReader()
    colors = list(_BACKGROUNDS.values()) if background == "color" else [(0, 0, 0)]
    videos = np.empty((num_videos, num_frames, CELL, CELL, 3), np.uint8)
    characters, backgrounds = [], np.empty(num_videos, np.int32)
    for i, video in enumerate(videos):
        generator = np.random.default_rng([seed, i])
        # Always drawn, so that one option does not change the effect of another.
        start, shade = generator.random(2)
        backgrounds[i] = int(shade * len(colors))
        character = draw_character(bodies, split, generator)
        characters.append(character)

        sheet, direction = classes[i % len(classes)]
        paths = layer_paths(bodies, character, sheet)
        cells = reader.stack(paths, direction, colors[backgrounds[i]])
        first = int(start * len(cells)) if random_start else 0
        video[:] = cells[(first + np.arange(num_frames)) % len(cells)]

    attributes = attribute_indices(characters, values)
    if background == "color":
        attributes["background"] = backgrounds
        values["background"] = tuple(_BACKGROUNDS)
    labels = np.arange(num_videos, dtype=np.int32) % np.int32(len(classes))
    names = [f"{action}_{direction}" for action in actions for direction in directions]
    return SpriteClips(videos, labels, attributes, tuple(names), values)


def _check_names(name, values):
    is_sized = hasattr(values, "__len__") and not isinstance(values, str)
    if not is_sized or not len(values) or len(set(values)) < len(values):
        raise ValueError(
            f"`{name}` must be a sequence of at least one name, none twice. Received: "
            f"{name}={values!r}."
        )
    return tuple(values)
