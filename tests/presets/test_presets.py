"""Models that come with the package."""

import json

import numpy as np
import pytest
from testing import tiny_model, tiny_vgan

import keras_mocogan as km
from keras_mocogan.presets import loading as presets


def test_shapes_move_as_their_class_says():
    model = km.MoCoGAN.from_preset("shapes")
    labels = np.arange(32) % 2
    videos = model.generate(32, labels=labels, seed=0)
    assert np.median(km.metrics.object_share(videos)) > 0.9
    wanted = np.array(["right", "down"])[labels]
    assert np.mean(np.array(km.metrics.path_directions(videos)) == wanted) > 0.9
    colors = km.metrics.shape_colors(videos)
    assert np.median(km.metrics.content_distances(colors)) < 6
    # Other contents, other colors.
    assert colors.mean(axis=1).std(axis=0).min() > 30


def test_files_are_small():
    folder = presets._FOLDER
    sizes = {path.suffix: path.stat().st_size for path in folder.glob("shapes.*")}
    assert set(sizes) == {".json", ".npz"}
    assert sum(sizes.values()) < 8e6


@pytest.mark.parametrize("image_size", [32, (32, 48)])
def test_a_saved_preset_generates_the_same(tmp_path, image_size):
    options = {"image_size": image_size, "num_classes": 2}
    model = tiny_model(image_generator={"modulation_dim": 3}, **options)
    presets.save(model, "mine", tmp_path / "presets")
    assert presets.names(tmp_path / "presets") == ["mine"]
    again = presets.load(km.MoCoGAN, "mine", tmp_path / "presets")
    assert again.get_config() == model.get_config()
    expected = model.generate(2, labels=1, seed=3).astype(int)
    found = again.generate(2, labels=1, seed=3)
    assert abs(found - expected).max() <= 2  # float16 weights, of 255
    assert expected.std() > 0


def test_discriminators_go_on_from_where_they_were(tmp_path):
    model = tiny_model(num_classes=2)
    presets.save(model, "mine", tmp_path)
    again = presets.load(km.MoCoGAN, "mine", tmp_path)
    for network, other in zip(
        model.discriminating_networks(), again.discriminating_networks(), strict=True
    ):
        for weight, loaded in zip(
            network.get_weights(), other.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(loaded, weight.astype("float16"))
    (tmp_path / "mine.discriminators.npz").unlink()
    presets.load(km.MoCoGAN, "mine", tmp_path)  # to generate, they are not needed


def test_presets_tell_about_themselves(tmp_path):
    about = {"class_names": ["walk", "run"], "credits": "Drawn by Eva Noß."}
    presets.save(tiny_model(num_classes=2), "mine", tmp_path, about)
    assert presets.about("mine", tmp_path) == about
    said = "a preset. Received: name='yours'. The presets are 'mine'"
    with pytest.raises(ValueError, match=said):
        presets.about("yours", tmp_path)


def test_saving_asks_for_a_folder():
    with pytest.raises(TypeError, match="folder"):
        presets.save(tiny_model(), "mine")
    assert presets.names() == ["shapes", "sprites"]


def test_weights_are_found_by_name(tmp_path):
    model = tiny_vgan()
    presets.save(model, "mine", tmp_path)
    with np.load(tmp_path / "mine.npz") as file:
        weights = dict(file)
    assert len(weights) == sum(len(n.weights) for n in model.generating_networks())
    np.savez(tmp_path / "mine.npz", **dict(reversed(weights.items())))
    again = presets.load(km.VGAN, "mine", tmp_path)
    for network, other in zip(
        model.generating_networks(), again.generating_networks(), strict=True
    ):
        for weight, loaded in zip(
            network.get_weights(), other.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(loaded, weight.astype("float16"))


def test_other_weights_are_refused_by_name(tmp_path):
    presets.save(tiny_model(), "mine", tmp_path)
    with np.load(tmp_path / "mine.npz") as file:
        weights = dict(file)
    name = "image_generator/dense/kernel"
    kernel = weights.pop(name)
    np.savez(tmp_path / "mine.npz", other=kernel, **weights)
    with pytest.raises(ValueError, match=f"Missing: .'{name}'.; unknown: .'other'."):
        presets.load(km.MoCoGAN, "mine", tmp_path)
    np.savez(tmp_path / "mine.npz", **{name: kernel[1:]}, **weights)
    with pytest.raises(ValueError, match=f"Received: .*mine.npz, which holds {name} "):
        presets.load(km.MoCoGAN, "mine", tmp_path)


def test_weights_that_are_pickles_are_not_opened(tmp_path):
    presets.save(tiny_model(), "mine", tmp_path)
    with np.load(tmp_path / "mine.npz") as file:
        weights = {name: np.array([None], object) for name in file.files}
    np.savez(tmp_path / "mine.npz", **weights)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        presets.load(km.MoCoGAN, "mine", tmp_path)


def test_names_lead_out_of_no_folder(tmp_path):
    presets.save(tiny_model(), "mine", tmp_path)
    (tmp_path / "inside").mkdir()
    said = "a preset of MoCoGAN. Received: name='../mine'"
    with pytest.raises(ValueError, match=said):
        presets.load(km.MoCoGAN, "../mine", tmp_path / "inside")


def test_unknown_presets():
    said = "a preset of MoCoGAN. Received: name='faces'.*shapes"
    with pytest.raises(ValueError, match=said):
        km.MoCoGAN.from_preset("faces")
    said = "a preset of VGAN. Received: name='shapes'.*of MoCoGAN"
    with pytest.raises(ValueError, match=said):
        km.VGAN.from_preset("shapes")


def test_the_preset_names_its_weights():
    told = json.loads((presets._FOLDER / "shapes.json").read_text())
    with np.load(presets._FOLDER / "shapes.npz") as file:
        kernel = file["image_generator/modulation/kernel"]
        assert kernel.shape == (told["config"]["content_dim"], 64)
        assert not any(name.startswith("arr_") for name in file.files)
