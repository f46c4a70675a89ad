"""Presets: those of the package, and folders that models write."""

import hashlib
import json
import shutil

import h5py
import keras
import numpy as np
import pytest
from PIL import Image
from testing import (
    labels_for,
    random_clips,
    tiny_image_gan,
    tiny_model,
    tiny_tgan,
    tiny_vgan,
)

import keras_mocogan as km
from keras_mocogan.presets import locations
from keras_mocogan.utils.remote import fsspec_files

ABOUT = {
    "class_names": ["walk", "run"],
    "credits": "Drawn by Eva Noß.",
    "license": "cc-by-4.0",
    "scores": {"mcs": 0.5, "acd": {"value": 2.0, "real": 1.0}},
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A model, and the folder of its preset, which is only read."""
    model, folder = tiny_model(), tmp_path_factory.mktemp("presets") / "mine"
    model.save_to_preset(folder, ABOUT)
    return model, folder


@pytest.fixture
def folder(saved, tmp_path):
    """A copy of the preset, which may be changed."""
    return shutil.copytree(saved[1], tmp_path / "mine")


def config_of(folder):
    return json.loads((folder / "config.json").read_text("utf-8"))


def change(folder, **parts):
    held = config_of(folder) | parts
    (folder / "config.json").write_text(json.dumps(held))


def sign(folder, *names):
    """Puts the checksums of changed files into `config.json`, as an author would."""
    found = {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in names}
    change(folder, weights=config_of(folder)["weights"] | found)


def assert_same(one, other):
    for network, twin in zip(one.networks(), other.networks(), strict=True):
        for weight, loaded in zip(
            network.get_weights(), twin.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(weight, loaded)


# === Of the package ===


def test_shapes_move_as_their_class_says():
    model = km.MoCoGAN.from_preset("shapes")
    labels = np.arange(32) % 2
    videos = model.generate(32, labels=labels, seed=0)
    assert np.median(km.metrics.object_share(videos)) > 0.9
    wanted = np.array(["right", "down"])[labels]
    assert np.mean(np.array(km.metrics.path_directions(videos)) == wanted) > 0.9
    colors = km.metrics.shape_colors(videos)
    assert np.median(km.metrics.content_distances(colors)) < 16
    # Other contents, other colors.
    assert colors.mean(axis=1).std(axis=0).min() > 30
    assert model.untrained_slots == ()


@pytest.mark.once
def test_the_package_has_small_ones_with_credits():
    assert km.presets.names() == ["shapes", "sprites"]
    for name in km.presets.names():
        files = list((locations._FOLDER / name).iterdir())
        assert sum(path.stat().st_size for path in files) < 10e6
        card = (locations._FOLDER / name / "README.md").read_text()
        assert f'km.MoCoGAN.from_preset("{name}")' in card
    credits = (locations._FOLDER / "sprites" / "CREDITS.txt").read_text().strip()
    assert km.presets.about("sprites")["credits"] == credits and credits in card
    assert km.load_model("sprites").untrained_slots == ()


# === Writing and reading ===


def test_a_saved_preset_is_the_same(saved):
    model, folder = saved
    again = km.MoCoGAN.from_preset(folder)
    assert again.get_config() == model.get_config()
    assert_same(model, again)
    videos = [m.generate(2, labels=1, seed=3) for m in (model, again)]
    np.testing.assert_array_equal(*videos)
    assert again.untrained_slots == ()


@pytest.mark.once
@pytest.mark.parametrize("make", [tiny_vgan, tiny_tgan, tiny_image_gan])
def test_every_system_has_presets(tmp_path, make):
    model = make()
    model.save_to_preset(tmp_path / "mine")
    again = km.load_model(tmp_path / "mine")
    assert type(again) is type(model)
    assert_same(model, again)
    # Without classes nobody has names.
    with pytest.raises(ValueError, match="must be a list of . names.*one for each"):
        model.save_to_preset(tmp_path / "mine", {"class_names": ["a", "b", "c"]})


@pytest.mark.once
def test_half_precision(tmp_path, saved):
    model, folder = saved
    model.save_to_preset(tmp_path / "half", dtype="float16")
    again = km.MoCoGAN.from_preset(tmp_path / "half")
    for weight, loaded in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(loaded, weight.astype("float16"))
    frames = [m.generate(2, seed=3).astype(int) for m in (model, again)]
    assert abs(frames[0] - frames[1]).max() <= 2
    assert not list((tmp_path / "half").glob(".*"))
    with pytest.raises(ValueError, match="`dtype` must be one of.*'float64'"):
        model.save_to_preset(tmp_path / "half", dtype="float64")


@pytest.mark.once
def test_what_half_precision_cannot_hold_stays_whole(tmp_path):
    model = tiny_vgan(video_discriminator={"instance_noise": 0.1})
    kernel = model.video_discriminator.trainable_variables[0]
    kernel.assign(np.full(kernel.shape, 1e6, "float32"))
    model.save_to_preset(tmp_path / "half", dtype="float16")
    again = km.load_model(tmp_path / "half").video_discriminator
    assert (again.get_weights()[0] == 1e6).all()


@pytest.mark.once
def test_files_are_those_of_keras(saved):
    """Each network can be had alone, by Keras itself."""
    model, folder = saved
    names = {path.name for path in folder.iterdir()}
    assert names == {
        *("config.json", "README.md", "preview.gif"),
        *(f"{n}.weights.h5" for n in model.network_slots if getattr(model, n)),
    }
    options = {"image_size": 32, "filters": 2, "latent_dim": 5}
    network = km.ImageGenerator(**options)
    network.load_weights(folder / "image_generator.weights.h5")
    latent = np.ones((1, 5), "float32")
    np.testing.assert_array_equal(network(latent), model.image_generator(latent))


@pytest.mark.once
def test_the_users_networks_and_what_is_frozen_come_along(tmp_path):
    latent = keras.Input((5,))
    frame = keras.layers.Dense(32 * 32 * 3, "tanh")(latent)
    frame = keras.layers.Reshape((32, 32, 3))(frame)
    model = tiny_model(image_generator=keras.Model(latent, frame))
    model.motion_generator.trainable = False
    model.save_to_preset(tmp_path / "mine")
    again = km.MoCoGAN.from_preset(tmp_path / "mine")
    assert_same(model, again)
    assert not again.motion_generator.trainable and again.image_generator.trainable


@pytest.mark.once
def test_without_discriminators_it_generates_and_says_so(saved, folder):
    names = ["image_discriminator.weights.h5", "video_discriminator.weights.h5"]
    left = config_of(folder)["weights"]
    for name in names:
        (folder / name).unlink()
        del left[name]
    change(folder, weights=left)
    model = km.MoCoGAN.from_preset(folder)
    expected = saved[0].generate(1, labels=0, seed=1)
    np.testing.assert_array_equal(model.generate(1, labels=0, seed=1), expected)
    assert model.untrained_slots == ("image_discriminator", "video_discriminator")


@pytest.mark.once
def test_what_was_not_trained_stays_so_until_it_learns(tmp_path):
    discriminators = ("image_discriminator", "video_discriminator")
    model = tiny_model()
    model.untrained_slots = discriminators
    model.save_to_preset(tmp_path / "mine")
    files = sorted(config_of(tmp_path / "mine")["weights"])
    assert files == ["image_generator.weights.h5", "motion_generator.weights.h5"]
    model.save(tmp_path / "mine.keras")
    for name in ("mine", "mine.keras"):
        assert km.load_model(tmp_path / name).untrained_slots == discriminators
    less, _ = km.fine_tune(tmp_path / "mine", image_discriminator=False)
    less.compile(run_eagerly=True)
    less.make_train_function()
    assert less.untrained_slots == ()
    model.video_discriminator.trainable = False
    model.compile(run_eagerly=True)
    model.train_on_batch(random_clips(), labels_for(random_clips()))
    assert model.untrained_slots == ("video_discriminator",)
    _, told = km.fine_tune(model)
    assert told.made_anew == ("video_discriminator, which the source does not have",)
    assert "image_discriminator" in told.kept


@pytest.mark.once
def test_presets_tell_about_themselves(saved):
    folder = saved[1]
    assert km.presets.about(folder) == ABOUT
    card = (folder / "README.md").read_text("utf-8")
    assert card.startswith("---\nlibrary_name: keras-mocogan\n")
    assert "license: cc-by-4.0\n---\n\n# mine\n" in card
    assert 'model = km.MoCoGAN.from_preset("mine")' in card  # no path of a machine
    for line in (
        "| frames | 32 pixels, 3 channels |",
        "| classes | 2: walk, run |",
        "| acd | 2.0 | 1.0 |",
        "| mcs | 0.5 |  |",
        "Drawn by Eva Noß.",
    ):
        assert line in card.splitlines()
    picture = Image.open(folder / "preview.gif")
    assert picture.n_frames == 4 and picture.size == (4 * 32 + 6, 2 * 32 + 2)


@pytest.mark.once
def test_names_and_folders(saved, monkeypatch):
    monkeypatch.chdir(saved[1].parent)
    assert km.presets.class_name("mine") == "MoCoGAN"
    shutil.copytree("mine", "shapes")
    assert km.presets.about("shapes")["class_names"] == ["right", "down"]
    assert km.presets.about("./shapes") == ABOUT
    shutil.rmtree("shapes")


@pytest.mark.once
def test_other_files_are_not_overwritten(tmp_path, folder):
    (tmp_path / "README.md").write_text("Something else.")
    with pytest.raises(ValueError, match="`folder` must be new or empty.*other files"):
        tiny_model().save_to_preset(tmp_path)
    tiny_model(num_classes=0).save_to_preset(folder)  # a preset is replaced
    assert km.load_model(folder).num_classes == 0
    (folder / "config.json").unlink()  # as a call that was cut short leaves it
    tiny_model(num_classes=3).save_to_preset(folder)
    assert km.load_model(folder).num_classes == 3


@pytest.mark.once
def test_a_model_that_has_diverged_is_no_preset(saved, folder):
    model = tiny_model()
    kernel = model.image_generator.trainable_variables[-1]
    kernel.assign(np.full(kernel.shape, np.nan, "float32"))
    with pytest.raises(ValueError, match="must have finite weights. Received: .*image"):
        model.save_to_preset(folder)
    assert_same(saved[0], km.load_model(folder))  # the one that was there


@pytest.mark.once
def test_at_a_url_a_preset_is_there_when_its_weights_are(monkeypatch):
    sent, upload = [], fsspec_files.upload
    monkeypatch.setattr(
        fsspec_files, "upload", lambda *names: (sent.append(names[1]), upload(*names))
    )
    tiny_model().save_to_preset("memory://dancers")
    names = [name.rpartition("/")[2] for name in sent]
    assert names[-1] == "config.json" and len(names) == 7


@pytest.mark.once
@pytest.mark.parametrize("value", [np.zeros(2), np.float32(1), float("nan")])
def test_what_is_told_is_plain(saved, tmp_path, folder, value):
    for place in (tmp_path / "new", folder):
        with pytest.raises(ValueError, match="`about` must hold plain values"):
            tiny_model(seed=1).save_to_preset(place, {"scores": {"acd": value}})
    # Nothing is in the way of the next call, and the preset that was there is whole.
    assert not (tmp_path / "new").exists()
    assert_same(saved[0], km.load_model(folder))


@pytest.mark.once
def test_scores_have_names(tmp_path):
    with pytest.raises(ValueError, match="`about.'scores'.` must be a dictionary"):
        tiny_model().save_to_preset(tmp_path / "mine", {"scores": [0.5]})
    assert not (tmp_path / "mine").exists()


@pytest.mark.once
def test_the_card_names_the_working_folder(tmp_path, monkeypatch):
    (tmp_path / "dancers").mkdir()
    monkeypatch.chdir(tmp_path / "dancers")
    tiny_model().save_to_preset(".")
    card = (tmp_path / "dancers" / "README.md").read_text("utf-8")
    assert "\n# dancers\n" in card and 'from_preset("dancers")' in card


# === What does not fit ===


@pytest.mark.once
def test_unknown_presets(saved):
    said = "A preset must be one of shapes, sprites.*Received: 'faces'"
    with pytest.raises(ValueError, match=said):
        km.MoCoGAN.from_preset("faces")
    said = "'shapes', which is of MoCoGAN. Call `km.MoCoGAN.from_preset`, or"
    with pytest.raises(ValueError, match=said):
        km.VGAN.from_preset("shapes")


@pytest.mark.once
def test_a_class_of_ones_own_is_called_by_its_name(tmp_path):
    class Dancers(km.MoCoGAN):
        pass

    arguments = {"image_size": 32, "clip_frames": 4, "image_discriminator": False}
    Dancers(**arguments, video_discriminator={"filters": 2}).save_to_preset(tmp_path)
    card = (tmp_path / "README.md").read_text("utf-8")
    assert "\nmodel = Dancers.from_preset(" in card
    with pytest.raises(ValueError, match="Call `from_preset` of your class Dancers."):
        km.MoCoGAN.from_preset(tmp_path)
    assert type(Dancers.from_preset(tmp_path)) is Dancers


@pytest.mark.once
@pytest.mark.parametrize("name", ["load_model", "MotionGenerator", "Dense"])
def test_classes_that_are_no_models_are_not_called(folder, name):
    change(folder, **{"class": name})
    with pytest.raises(ValueError, match="must be of a model of this package"):
        km.load_model(folder)


@pytest.mark.once
def test_a_missing_file_is_named(folder):
    (folder / "video_discriminator.weights.h5").unlink()
    with pytest.raises(ValueError, match="Received: no .*video_disc.*weights.h5"):
        km.MoCoGAN.from_preset(folder)


@pytest.mark.once
def test_a_changed_file_is_refused(folder):
    path = folder / "image_generator.weights.h5"
    content = bytearray(path.read_bytes())
    wanted = config_of(folder)["weights"][path.name]
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    found = hashlib.sha256(content).hexdigest()
    with pytest.raises(ValueError, match=f"{wanted}. Received: .*{found}"):
        km.MoCoGAN.from_preset(folder)
    path.write_bytes(content[:100])
    with pytest.raises(ValueError, match="did not arrive whole"):
        km.MoCoGAN.from_preset(folder)


@pytest.mark.once
def test_weights_of_other_shapes_are_refused(folder, tmp_path):
    other = tiny_model(image_generator={"filters": 3})
    name = "image_generator.weights.h5"
    other.image_generator.save_weights(folder / name, overwrite=True)
    sign(folder, name)
    with pytest.raises(ValueError) as caught:
        km.MoCoGAN.from_preset(folder)
    message = str(caught.value)
    assert f"{name} must hold the weights of the ImageGenerator" in message
    # The first layer: 5 entries to 2x2 pixels of 8 times 2 or 3 channels.
    assert "(5, 64)" in message and "(5, 96)" in message


@pytest.mark.once
def test_files_that_are_no_weights_are_refused(folder):
    path = folder / "motion_generator.weights.h5"
    path.write_bytes(b"no HDF5")
    sign(folder, path.name)
    with pytest.raises(ValueError, match="must hold the weights of the MotionGen"):
        km.MoCoGAN.from_preset(folder)


@pytest.mark.once
def test_weights_lead_to_no_other_file(folder, tmp_path):
    name = "motion_generator.weights.h5"
    (tmp_path / "secret.h5").write_bytes((folder / name).read_bytes())
    with h5py.File(folder / name, "r+") as file:
        group = next(key for key in file if "layers" in key)
        del file[group]
        file[group] = h5py.ExternalLink(tmp_path / "secret.h5", f"/{group}")
    sign(folder, name)
    with pytest.raises(ValueError, match="ExternalLink"):
        km.MoCoGAN.from_preset(folder)


@pytest.mark.once
@pytest.mark.parametrize("name", ["../secret.weights.h5", "other.weights.h5"])
def test_only_files_of_networks_are_read(folder, name):
    change(folder, weights=config_of(folder)["weights"] | {name: "0" * 64})
    with pytest.raises(ValueError, match="unknown: .*weights.h5"):
        km.MoCoGAN.from_preset(folder)


@pytest.mark.once
def test_code_does_not_come_along(folder):
    """A configuration may name Keras' layers and registered classes, nothing else."""
    config = config_of(folder)["config"]
    for module, name in (("os", "system"), ("keras.layers", "Lambda")):
        network = {
            "module": module,
            "class_name": name,
            "registered_name": name,
            "config": {"name": "x", "function": {"class_name": "__lambda__"}},
        }
        change(folder, config=config | {"image_generator": network})
        with pytest.raises(ValueError, match="whose configuration it cannot read"):
            km.MoCoGAN.from_preset(folder)


@pytest.mark.once
def test_newer_formats_and_other_files_are_told_apart(folder):
    change(folder, format=2, versions={"keras_mocogan": "9.0"})
    said = "of format 1 or older. Received: .*of format 2, by .*9.0.*--upgrade"
    with pytest.raises(ValueError, match=said):
        km.MoCoGAN.from_preset(folder)
    (folder / "config.json").write_text('{"architectures": ["Bert"]}')
    with pytest.raises(ValueError, match="which holds .'architectures'."):
        km.MoCoGAN.from_preset(folder)
    (folder / "config.json").write_text("<html>")
    with pytest.raises(ValueError, match="must be JSON"):
        km.MoCoGAN.from_preset(folder)


@pytest.mark.once
def test_arguments_that_no_version_knows_are_told(folder):
    config = config_of(folder)["config"]
    for arguments in ({"taste": 1}, {"image_size": "32"}, {"content_dim": -1}):
        change(folder, config=config | arguments)
        with pytest.raises(ValueError, match="must describe a MoCoGAN of this version"):
            km.MoCoGAN.from_preset(folder)
