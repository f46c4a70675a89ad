"""Characters composed of layers, from a folder of tiny sheets made here."""

import shutil

import numpy as np
import pytest
from layer_files import BOXES, COLORS, SHEETS, SKINS, write_layers, write_sheet
from PIL import Image

from keras_mocogan import data

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def layers(tmp_path_factory):
    root = tmp_path_factory.mktemp("layers")
    write_layers(root)
    return root


def names_of(clips, i):
    """Attribute -> name of its value, for clip `i`."""
    return {
        name: clips.attribute_names[name][numbers[i]]
        for name, numbers in clips.attributes.items()
    }


def expected_cell(character, row, column, background=(0, 0, 0)):
    """A cell drawn by the README's order of layers, in plain loops."""
    cell = np.full((64, 64, 3), background, np.uint8)
    left = 16 if "Feminine" in character["body"] else 18
    hair = COLORS["hair"][character["hair_color"]]
    layers = [("behind", hair, 10)] if "Curly" in character["hair"] else []
    skin = SKINS[character["skin"]]
    layers += [("body", skin, left)]
    for part in ("legs", "shoes", "top"):
        layers.append((part, COLORS[part][character[f"{part}_color"]], 16))
    layers += [("head", skin, left), ("hair", hair, 16)]
    for part, color, start in layers:
        top, bottom = BOXES[part]
        cell[top + row : bottom + row, start + column : start + column + 16] = color
    return cell


def test_shapes_types_and_names(layers):
    clips = data.sprites(layers, 14, num_frames=5)
    assert clips.videos.shape == (14, 5, 64, 64, 3)
    assert clips.videos.dtype == np.uint8 and clips.labels.dtype == np.int32
    assert clips.labels.tolist() == [*range(12), 0, 1]
    assert clips.class_names[:4] == (
        "walk_back",
        "walk_right",
        "walk_front",
        "run_back",
    )
    assert list(clips.attributes) == list(clips.attribute_names)
    for name, numbers in clips.attributes.items():
        assert numbers.shape == (14,) and numbers.dtype == np.int32
        assert 0 <= numbers.min() <= numbers.max() < len(clips.attribute_names[name])
    assert clips.attribute_names["hair_color"] == ("Blue", "Pink", "Red")
    assert clips.attribute_names["shoes"] == ("Shoes 01 - Shoes",)
    assert len(clips.attribute_names["body"]) == 2
    videos, labels = clips[:2]
    assert videos is clips.videos and labels is clips.labels


@pytest.mark.parametrize("random_start", [False, True])
def test_frames_are_consecutive_cells_in_the_layers_order(layers, random_start):
    clips = data.sprites(
        layers,
        48,
        num_frames=9,
        directions=("back", "left", "front", "right"),
        random_start=random_start,
    )
    columns, starts = list(SHEETS.values()), set()
    for i, video in enumerate(clips.videos):
        action, row = divmod(clips.labels[i], 4)
        cycle = [
            expected_cell(names_of(clips, i), row, column)
            for column in range(columns[action])
        ]
        start = next(
            first for first, cell in enumerate(cycle) if (cell == video[0]).all()
        )
        starts.add(start)
        for t, frame in enumerate(video):
            expected = cycle[(start + t) % len(cycle)]
            np.testing.assert_array_equal(frame, expected)
    assert (len(starts) > 4) == random_start


def test_background_of_a_plain_color(layers):
    arguments = {"num_frames": 3, "seed": 4}
    clips = data.sprites(layers, 40, background="color", **arguments)
    corners = clips.videos[:, :, 0, 0]
    assert (clips.videos[:, :, :, :8] == corners[:, :1, None, None]).all()
    numbers = clips.attributes["background"]
    assert len(clips.attribute_names["background"]) == 8
    # One color a number, and another one for another.
    colors = {(int(n), *c) for n, c in zip(numbers, corners[:, 0], strict=True)}
    assert len(set(numbers)) == len(colors) == len({color[1:] for color in colors}) > 4
    # Nothing else of a clip changes.
    black = data.sprites(layers, 40, **arguments)
    character = (black.videos != 0).any(-1)
    np.testing.assert_array_equal(clips.videos[character], black.videos[character])


def test_a_video_does_not_depend_on_how_many_there_are(layers):
    few, many = (data.sprites(layers, count, seed=2) for count in (5, 30))
    np.testing.assert_array_equal(few.videos, many.videos[:5])
    for name, numbers in few.attributes.items():
        np.testing.assert_array_equal(numbers, many.attributes[name][:5])
    other = data.sprites(layers, 5, seed=3)
    assert not (few.videos == other.videos).all(axis=(1, 2, 3, 4)).all()


def test_no_frame_of_one_split_is_in_the_other(layers):
    shown = {}
    for split in ("training", "held_out"):
        # The shirts differ in their names alone, so characters look alike in plenty.
        clips = data.sprites(layers, 150, 8, split=split, directions=("back",))
        shown[split] = {frame.tobytes() for video in clips.videos for frame in video}
    assert len(shown["training"]) > 500 and len(shown["held_out"]) > 20
    assert not shown["training"] & shown["held_out"]


def test_both_splits_together_are_all_characters(layers):
    def colors(split):
        clips = data.sprites(layers, 300, 1, split=split, actions=("walk",))
        names = ("hair_color", "top_color", "legs_color")
        return set(zip(*(clips.attributes[name] for name in names), strict=True))

    training, held_out = colors("training"), colors("held_out")
    assert not training & held_out
    assert training | held_out == colors("all")
    assert len(colors("all")) == 3 * 3 * 2


def test_another_wardrobe(layers):
    only = {"hair_color": ["Red"], "top_color": ["Cyan", "White"]}
    clips = data.sprites(layers, 30, 1, only=only)
    free = data.sprites(layers, 1, 1)
    assert clips.attribute_names == free.attribute_names
    worn = [names_of(clips, i) for i in range(30)]
    assert {character["hair_color"] for character in worn} == {"Red"}
    assert {character["top_color"] for character in worn} == {"Cyan", "White"}
    assert {character["skin"] for character in worn} == set(SKINS)


def test_an_item_occurs_where_it_can_do_every_action(layers):
    clips = data.sprites(layers, 40, 1, actions=("walk", "run"))
    assert clips.attribute_names["shoes"] == ("Boots 01 - Boots", "Shoes 01 - Shoes")
    assert clips.attribute_names["shoes_color"] == ("Leather", "Red", "White")
    boots = clips.attributes["shoes"] == 0
    assert 0 < boots.sum() < 40
    assert (clips.attributes["shoes_color"][boots] == 1).all()


def test_sheets_by_their_own_names(layers):
    by_name = data.sprites(layers, 3, actions=("Combat 1h - Halfslash",))
    np.testing.assert_array_equal(
        by_name.videos, data.sprites(layers, 3, actions=("slash",)).videos
    )
    assert by_name.class_names[0] == "Combat 1h - Halfslash_back"


def copy_of(layers, root):
    """A copy of the folder in which sheets can be damaged."""
    shutil.copytree(layers, root / "copy")
    return root / "copy"


def test_file_names_in_lower_case(layers, tmp_path):
    copy = copy_of(layers, tmp_path)
    for path in (copy / "Characters" / "Body").rglob("*.png"):
        path.rename(path.with_name(path.name.lower()))
    np.testing.assert_array_equal(
        data.sprites(copy, 12).videos, data.sprites(layers, 12).videos
    )


def test_messages_name_what_is_missing(layers, tmp_path):
    with pytest.raises(
        ValueError, match=r"`layers_dir` must .* holds no body.*nothing"
    ):
        data.sprites(tmp_path / "none", 1)
    with pytest.raises(ValueError, match=r"'climb'\].* only \['Combat 1h - H.*Jump"):
        data.sprites(layers, 1, actions=("climb",))
    copy = copy_of(layers, tmp_path)
    (copy / "Characters" / "Head").rename(copy / "Characters" / "Skull")
    with pytest.raises(ValueError, match=r"Head has no head '... - Feminine'.*get the"):
        data.sprites(copy, 1)


def test_sheets_that_do_not_fit(layers, tmp_path):
    copy = copy_of(layers, tmp_path)
    paths = list((copy / "Characters" / "Head").rglob("Walk.png"))
    for path in paths:
        write_sheet(path, "head", (1, 2, 3), 7)
    with pytest.raises(ValueError, match="same number of columns.* with 7, .* with 8"):
        data.sprites(copy, 1)
    for path in paths:
        Image.new("RGBA", (512, 192)).save(path)
    with pytest.raises(ValueError, match="a row of cells .* with 512x192 pixels"):
        data.sprites(copy, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_videos": 0}, "`num_videos` must .* at least 1"),
        ({"num_frames": 0}, "`num_frames` must .* at least 1"),
        ({"seed": -1}, "`seed` must .* at least 0"),
        (
            {"actions": "walk"},
            "`actions` must be a sequence .* Received: actions='walk'",
        ),
        ({"actions": ("run", "run")}, "`actions` must be .* none twice"),
        ({"directions": ("up",)}, "`directions` must be one of 'back', 'left'"),
        ({"actions": None}, "`actions` must be a sequence .* Received: actions=None"),
        ({"background": "blue"}, "`background` must be one of 'black', 'color'"),
        ({"split": "test"}, "`split` must be one of 'all', 'training', 'held_out'"),
        ({"only": {"hat": ["Red"]}}, "`only` must have keys from .*'hair_color'"),
        ({"only": {"skin": ["Green"]}}, r"`only\['skin'\]` must .*'Coffee', 'Peach'"),
        ({"only": {"skin": "Peach"}}, r"`only\['skin'\]` must be a sequence"),
        (
            {
                "only": {"shoes": ["Boots 01 - Boots"], "shoes_color": ["White"]},
                "actions": ("walk",),
            },
            "`only` must leave at least one character",
        ),
    ],
)
def test_bad_arguments(layers, arguments, message):
    with pytest.raises(ValueError, match=message):
        data.sprites(layers, **({"num_videos": 1} | arguments))


def test_a_split_without_characters(layers):
    only = {"hair_color": ["Red"], "top_color": ["Cyan"], "legs_color": ["Oak"]}
    clips = {}
    for split in ("training", "held_out"):
        try:
            clips[split] = data.sprites(layers, 1, split=split, only=only)
        except ValueError as error:
            message = str(error)
    assert len(clips) == 1
    assert "`only` must leave a character of `split`" in message
