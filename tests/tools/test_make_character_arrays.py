"""Files of characters: what is trained on, what is held out, who is in every class."""

import numpy as np
import pytest
from processes import ROOT

import keras_mocogan as km

pytestmark = [pytest.mark.once, pytest.mark.slow]


def test_files_hold_clips_and_what_is_known_of_them(run_backend, tmp_path):
    flags = "--dataset=figures --num_videos=5 --num_held_out=4 --contents=3".split()
    run_backend(
        "tensorflow",
        ROOT / "tools" / "make_character_arrays.py",
        *flags,
        *("--num_frames=2", "--seed=7", f"--output_dir={tmp_path}"),
    )
    for seed, (name, count) in enumerate((("training", 5), ("held_out", 4)), start=7):
        wanted = km.data.figures(count, num_frames=2, seed=seed)
        with np.load(tmp_path / f"{name}.npz") as file:
            np.testing.assert_array_equal(file["videos"], wanted.videos)
            np.testing.assert_array_equal(file["labels"], wanted.labels)
            np.testing.assert_array_equal(file["attr_hair"], wanted.attributes["hair"])
            assert tuple(file["names_hair"]) == wanted.attribute_names["hair"]
            assert "attr_height" not in file  # a proportion
    with np.load(tmp_path / "grid.npz") as file:
        grid = dict(file)
    assert grid["videos"].shape == (3, 12, 2, 64, 64, 3)
    assert grid["names_labels"].tolist() == list(wanted.class_names)
    one = km.data.figures(3, 2, seed=9, actions=["run"], directions=["right"])
    column = wanted.class_names.index("run_right")
    np.testing.assert_array_equal(grid["videos"][:, column], one.videos)
    np.testing.assert_array_equal(grid["attr_hair"], one.attributes["hair"])
