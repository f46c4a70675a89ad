"""Generators that come with the package."""

import numpy as np
import pytest
from testing import tiny_model

import keras_mocogan as km
from keras_mocogan import presets


def test_shapes_move_as_their_class_says():
    model = km.MoCoGAN.from_preset("shapes")
    labels = np.arange(32) % 2
    videos = model.generate(32, labels=labels, seed=0)
    assert np.median(km.metrics.object_share(videos)) > 0.9
    wanted = np.array(["right", "down"])[labels]
    assert np.mean(np.array(km.metrics.path_directions(videos)) == wanted) > 0.9
    colours = km.metrics.shape_colours(videos)
    assert np.median(km.metrics.content_distances(colours)) < 6
    # Other contents, other colours.
    assert colours.mean(axis=1).std(axis=0).min() > 30


def test_files_are_small():
    folder = presets._FOLDER
    sizes = {path.suffix: path.stat().st_size for path in folder.glob("shapes.*")}
    assert set(sizes) == {".json", ".npz"}
    assert sum(sizes.values()) < 8e6


def test_a_saved_preset_generates_the_same(tmp_path, monkeypatch):
    model = tiny_model(content_input="modulation", num_classes=2)
    presets.save(model, "mine", tmp_path / "presets")
    monkeypatch.setattr(presets, "_FOLDER", tmp_path / "presets")
    assert presets.names() == ["mine"]
    again = km.MoCoGAN.from_preset("mine")
    assert again.get_config() == model.get_config()
    expected = model.generate(2, labels=1, seed=3).astype(int)
    found = again.generate(2, labels=1, seed=3)
    assert abs(found - expected).max() <= 2  # float16 weights, of 255
    assert expected.std() > 0


def test_unknown_presets():
    with pytest.raises(ValueError, match="MoCoGAN has no preset 'faces'.*shapes"):
        km.MoCoGAN.from_preset("faces")
