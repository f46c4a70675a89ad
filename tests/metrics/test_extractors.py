"""Features by networks: what they are given, and what is made of their answer."""

import json
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from testing import random_clips, tiny_model

from keras_mocogan.data import shape_motion
from keras_mocogan.metrics import (
    FeatureExtractor,
    VideoClassifier,
    accuracy_interval,
    i3d,
    load_classifier,
)
from keras_mocogan.metrics.extractors import resize_bilinear
from keras_mocogan.utils.image_sizes import sides

pytestmark = pytest.mark.once


@pytest.fixture
def videos():
    return np.random.default_rng(0).integers(0, 256, (5, 4, 12, 16, 3), "uint8")


# === Any network ===


@pytest.mark.parametrize(
    ("value_range", "scale", "offset"),
    [("uint8", 1, 0), ("unit", 1 / 255, 0), ("symmetric", 2 / 255, -1)],
)
def test_networks_are_given_their_range(videos, value_range, scale, offset):
    extract = FeatureExtractor(
        lambda x: x.reshape(len(x), -1).astype("float64"), value_range, batch_size=2
    )
    wanted = videos.reshape(5, -1) * scale + offset
    np.testing.assert_allclose(extract(videos), wanted, atol=1e-6)


def test_keras_models_serve(videos):
    inputs = keras.Input((4, 12, 16, 3))
    outputs = keras.ops.mean(inputs, axis=(1, 2, 3))
    extract = FeatureExtractor(keras.Model(inputs, {"features": outputs}), "unit")
    wanted = videos.mean((1, 2, 3)) / 255
    np.testing.assert_allclose(extract(videos), wanted, rtol=1e-5)


def test_networks_of_uint8_are_given_rounded_pixels(videos):
    seen = []

    def network(x):
        seen.append(x)
        return x.reshape(len(x), -1)

    # Two columns become one: the mean of both.
    FeatureExtractor(network, "uint8", (12, 8))(videos)
    wanted = np.rint(videos.reshape(5, 4, 12, 8, 2, 3).mean(axis=4))
    assert seen[0].dtype == "uint8"
    np.testing.assert_array_equal(seen[0], wanted)


def test_features_in_bfloat16_serve(videos):
    import torch

    def network(x):
        return torch.from_numpy(x).mean((2, 3, 4)).bfloat16()

    found = FeatureExtractor(network, "unit")(videos)
    np.testing.assert_allclose(found, videos.mean((2, 3, 4)) / 255, rtol=2**-8)


def test_wrong_outputs_and_batch_sizes_are_told(videos):
    extract = FeatureExtractor(lambda x: {"logits": x, "codes": x})
    said = "`output` must be one of 'logits', 'codes'. Received: output='features'"
    with pytest.raises(ValueError, match=said):
        extract(videos)
    for size in (0, -1, 1.5):
        with pytest.raises(ValueError, match=f"Received: batch_size={size}"):
            FeatureExtractor(network=len, batch_size=size)


def test_wrong_videos_and_networks_are_told(videos):
    extract = FeatureExtractor(lambda x: x.mean((1, 2)))
    with pytest.raises(ValueError, match="Received: shape .* for 5 videos"):
        extract(videos)
    with pytest.raises(ValueError, match="must be uint8 .*Received: .*dtype float32"):
        extract(videos.astype("float32"))
    with pytest.raises(ValueError, match=r"`keras_mocogan.video.to_uint8\(videos\)`"):
        extract(videos / 127.5 - 1)
    with pytest.raises(ValueError, match="`videos` must be uint8"):
        VideoClassifier(2, 16, filters=1).classify(videos / 127.5 - 1)
    said = "one of 'uint8', 'unit', 'symmetric'. Received: value_range='bytes'"
    with pytest.raises(ValueError, match=said):
        FeatureExtractor(None, "bytes")


# === Resizing ===


@pytest.mark.parametrize("size", [7, 12, 31, (7, 31), (31, 7)])
def test_resizing_is_that_of_tensorflow_1_and_of_pytorch(videos, size):
    import torch

    floats = videos.astype("float32")
    frames = floats.reshape(20, 12, 16, 3)
    both = sides(size)
    old = tf.compat.v1.image.resize_bilinear(frames, both).numpy()
    found = resize_bilinear(floats, size, half_pixel_centers=False)
    np.testing.assert_allclose(found.reshape(old.shape), old, atol=1e-3)
    first = torch.from_numpy(np.moveaxis(frames, -1, 1).copy())
    new = torch.nn.functional.interpolate(first, both, mode="bilinear")
    found = resize_bilinear(floats, size).reshape(20, *both, 3)
    np.testing.assert_allclose(np.moveaxis(found, -1, 1), new.numpy(), atol=1e-3)


# === I3D ===


def stand_in(videos):
    """400 numbers that tell order of axes, size and range of what a network got."""
    return videos[:, 1, :20, 5:25, 2].reshape(len(videos), 400)


@pytest.fixture
def wanted(videos):
    def features(half_pixel_centers):
        floats = videos.astype("float32")
        resized = resize_bilinear(floats, 224, half_pixel_centers) * (2 / 255) - 1
        return stand_in(resized)

    return features


def test_i3d_from_torch_script(tmp_path, videos, wanted):
    import torch

    class StandIn(torch.nn.Module):
        def forward(self, x, rescale: bool = False, return_features: bool = False):
            logits = x[:, 2, 1, :20, 5:25].reshape(x.shape[0], 400)
            return logits if return_features else logits.softmax(1)

    torch.jit.script(StandIn()).save(str(tmp_path / "i3d.pt"))
    extractor = i3d(tmp_path / "i3d.pt", batch_size=2)
    assert extractor.name == "I3D (i3d.pt)"
    features = extractor(videos)
    np.testing.assert_allclose(features, wanted(True), atol=1e-5)
    features = i3d(tmp_path / "i3d.pt", half_pixel_centers=False)(videos)
    np.testing.assert_allclose(features, wanted(False), atol=1e-5)


def test_i3d_from_a_saved_model(tmp_path, videos, wanted):
    class StandIn(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, None, 224, 224, 3))])
        def logits(self, rgb):
            return {"default": tf.reshape(rgb[:, 1, :20, 5:25, 2], (-1, 400))}

    module = StandIn()
    tf.saved_model.save(module, tmp_path / "i3d", signatures={"default": module.logits})
    features = i3d(tmp_path / "i3d")(videos)
    np.testing.assert_allclose(features, wanted(False), atol=1e-5)


def test_missing_weights_are_described(tmp_path):
    said = "i3d_torchscript.pt.* Received: .*none.pt, .*Download one"
    with pytest.raises(FileNotFoundError, match=said):
        i3d(tmp_path / "none.pt")


def test_files_that_are_no_networks_are_described(tmp_path):
    import torch

    torch.save({"weight": torch.zeros(2)}, tmp_path / "weights.pt")
    (tmp_path / "text.pt").write_text("no network")
    for name in ("weights.pt", "text.pt"):
        with pytest.raises(ValueError, match=f"must be a TorchScript file.*{name}"):
            i3d(tmp_path / name)


def test_signatures_that_take_more_than_videos_are_described(tmp_path):
    class StandIn(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, 400)), tf.TensorSpec(())])
        def logits(self, x, scale):
            return {"default": scale * x}

    module = StandIn()
    tf.saved_model.save(module, tmp_path / "i3d", signatures={"default": module.logits})
    with pytest.raises(ValueError, match="must take only videos. Received: .*scale"):
        i3d(tmp_path / "i3d")


# === The classifier ===


def test_each_class_has_its_name():
    with pytest.raises(ValueError, match="each of 3 classes. Received: 2 names"):
        VideoClassifier(3, 16, class_names=["a", "b"])


def test_classifier_is_saved_with_what_it_scored(tmp_path):
    videos, _ = shape_motion(3, num_frames=6, image_size=16)
    told = {"accuracy": 0.9, "interval": [0.8, 0.95], "clips": 50}
    model = VideoClassifier(
        3, 16, clip_frames=4, filters=2, class_names=["a", "b", "c"], held_out=told
    )
    features, probabilities = model.classify(videos)
    assert features.shape == (3, 16)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    middle, _ = model.classify(videos[:, 1:5])
    np.testing.assert_allclose(features, middle, rtol=1e-6)
    model.save(tmp_path / "classifier.keras")
    loaded = load_classifier(tmp_path / "classifier.keras")
    assert (loaded.held_out, loaded.class_names) == (told, ["a", "b", "c"])
    np.testing.assert_allclose(loaded.classify(videos)[0], features, rtol=1e-6)


def test_classifier_of_rectangular_clips(tmp_path):
    model = VideoClassifier(2, [16, 24], clip_frames=4, filters=1)
    videos = random_clips(2, size=(16, 24))
    features, _ = model.classify(videos)
    model.save(tmp_path / "classifier.keras")
    loaded = load_classifier(tmp_path / "classifier.keras")
    assert loaded.get_config() == model.get_config()
    assert loaded.get_config()["image_size"] == (16, 24)
    np.testing.assert_allclose(loaded.classify(videos)[0], features, rtol=1e-6)
    with pytest.raises(ValueError, match="frames >= 4, 16, 24, 3. .*shape .2, 4, 24"):
        model.classify(random_clips(2, size=(24, 16)))


def test_classifiers_that_tell_nothing_apart_are_refused():
    with pytest.raises(ValueError, match="at least 2. Received: num_classes=1"):
        VideoClassifier(1, 16, filters=1)
    with pytest.raises(ValueError, match="at least 1. Received: clip_frames=0"):
        VideoClassifier(2, 16, clip_frames=0, filters=1)


def test_classifier_refuses_other_clips():
    model = VideoClassifier(2, 16, clip_frames=4, filters=1)
    wanted = "must be uint8 of shape .n, frames >= 4, 16, 16, 3. "
    with pytest.raises(ValueError, match=f"{wanted}.* Received: shape .1, 3, 16"):
        model.classify(np.zeros((1, 3, 16, 16, 3), "uint8"))


def test_a_classifier_is_not_loaded_from_anything_else(tmp_path):
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(
        tmp_path / "other.keras"
    )
    with pytest.raises(ValueError, match="hold one VideoClassifier.*one Sequential"):
        load_classifier(tmp_path / "other.keras")
    (tmp_path / "old.h5").write_bytes(b"")
    for name in ("old.h5", "none.keras"):
        with pytest.raises(ValueError, match=f"must be a `.keras` file.*{name}"):
            load_classifier(tmp_path / name)


def tampered(path, change):
    """Rewrites the configuration in a `.keras` file."""
    with zipfile.ZipFile(path) as file:
        contents = {name: file.read(name) for name in file.namelist()}
    config = json.loads(contents["config.json"])
    contents["config.json"] = json.dumps(change(config)).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in contents.items():
            file.writestr(name, content)


def lambda_layer(marker):
    """The configuration of a model whose layer writes a file when it is called."""
    code = f"lambda x: (open({str(marker)!r}, 'w').close(), x)[1]"
    layer = keras.layers.Lambda(eval(code))
    inputs = keras.Input((2,))
    return json.loads(keras.Model(inputs, layer(inputs)).to_json())


FOREIGN = {
    "lambda": lambda config, marker: lambda_layer(marker),
    "class": lambda config, marker: (
        config
        | {"module": "subprocess", "class_name": "Popen", "registered_name": None}
        | {"config": {"args": ["touch", str(marker)]}}
    ),
    "function": lambda config, marker: {
        "module": "builtins",
        "class_name": "function",
        "config": "system",
        "registered_name": "function",
    },
    "argument": lambda config, marker: (
        config | {"config": config["config"] | {"name": lambda_layer(marker)}}
    ),
    "compiled": lambda config, marker: (
        config | {"compile_config": {"optimizer": lambda_layer(marker)}}
    ),
}


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("network", ["classifier", "gan"])
def test_files_that_hold_programs_run_none(tmp_path, kind, network):
    if network == "classifier":
        model = VideoClassifier(2, 16, clip_frames=4, filters=1)
    else:
        model = tiny_model()
        model.compile()
    path, marker = tmp_path / "m.keras", tmp_path / "marker"
    model.save(path)
    tampered(path, lambda config: FOREIGN[kind](config, marker))
    marker.unlink(missing_ok=True)
    load = load_classifier if network == "classifier" else keras.models.load_model
    if (kind, network) == ("compiled", "classifier"):
        load(path)  # without what it was compiled with
    else:
        with pytest.raises((ValueError, TypeError, AttributeError)):
            load(path)
    assert not marker.exists()


@pytest.mark.parametrize("damage", ["cut", "empty", "config", "weights"])
def test_damaged_files_of_classifiers_are_described(tmp_path, damage):
    whole, path = tmp_path / "whole.keras", tmp_path / "damaged.keras"
    VideoClassifier(2, 16, clip_frames=4, filters=1).save(whole)
    if damage == "cut":
        content = whole.read_bytes()
        path.write_bytes(content[: len(content) // 2])
    else:
        other = {"config.json": b"[1]"} if damage == "config" else {}
        other |= {"model.weights.h5": b"no weights"} if damage == "weights" else {}
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist() if damage != "empty" else []:
                new.writestr(name, other.get(name, old.read(name)))
    said = f"must be a whole .* Received: {path}, which is damaged .* Copy it again"
    with pytest.raises(ValueError, match=said):
        load_classifier(path)


def test_a_program_in_a_file_would_run_but_for_the_safe_mode(tmp_path):
    model = VideoClassifier(2, 16, clip_frames=4, filters=1)
    path, marker = tmp_path / "m.keras", tmp_path / "marker"
    model.save(path)
    tampered(path, lambda config: lambda_layer(marker))
    marker.unlink()
    keras.models.load_model(path, safe_mode=False)
    assert marker.exists()


# R's prop.test without continuity correction.
@pytest.mark.parametrize(
    ("hits", "count", "interval"),
    [(9, 10, (0.5958500, 0.9821238)), (10, 10, (0.7224672, 1.0))],
)
def test_accuracy_has_wilsons_interval(hits, count, interval):
    np.testing.assert_allclose(accuracy_interval(hits, count), interval, atol=1e-5)


@pytest.mark.parametrize("hits", [-1, 4, np.nan])
def test_more_hits_than_clips_are_refused(hits):
    with pytest.raises(ValueError, match=f"`hits` must be .* 0 to 3, .*hits={hits}"):
        accuracy_interval(hits, 3)
