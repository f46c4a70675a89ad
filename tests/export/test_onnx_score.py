"""The graph `score`: it judges videos as the model does, whatever it is made of."""

import keras
import numpy as np
import onnxruntime
import pytest
from testing import random_clips, tiny_model, to_float

import keras_mocogan as km

# Each option of the discriminators at least once. A graph is written from layers and
# weights alone, so two of them do for the other backends.
MODELS = {
    "batch": {},
    "pairs": {
        "image_discriminator": {"frames": 2, "content_dim": "content"},
        "video_discriminator": {"levels": 4, "normalization": "none"},
    },
    "spectral": {
        "image_discriminator": {
            "variant": "full",
            "normalization": "spectral",
            "instance_noise": 0.1,
        },
        "video_discriminator": {"normalization": "spectral", "instance_noise": 0.1},
    },
    "alone": {"image_discriminator": False, "num_classes": 0, "image_size": (32, 48)},
    "compared": {
        "image_discriminator": {"frames": 3, "fusion": "late", "content_dim": "content"}
    },
    "features": {
        "image_discriminator": {
            "frames": 2,
            "fusion": "late",
            "features": "efficientnet_lite0",
            "normalization": "none",
        }
    },
    "features_of_gray": {
        "image_discriminator": {"features": "efficientnet_lite0"},
        "channels": 1,
        "image_size": (64, 80),
    },
    "three": {"image_discriminator": {"frames": 3}, "channels": 1},
}


def disturb(model):
    """Weights and statistics as after a training; logits far from 0."""
    random = np.random.default_rng(3)
    for network in model.discriminating_networks():
        for variable in network.weights:
            if any(
                name in variable.path for name in ("seed", "direction", "pretrained")
            ):
                continue
            value = keras.ops.convert_to_numpy(variable.value)
            if variable.name == "kernel":
                variable.assign(4 * value)
            else:
                variable.assign(value + random.uniform(0.1, 0.4, value.shape))


def scores(folder, videos):
    session = onnxruntime.InferenceSession(
        folder / "score.onnx", providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"videos": videos}), strict=True))


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(
            arguments,
            id=name,
            marks=[] if name in ("pairs", "spectral") else pytest.mark.once,
        )
        for name, arguments in MODELS.items()
    ],
)
def test_scores_are_the_models(arguments, tmp_path):
    model = tiny_model(**arguments)
    disturb(model)
    km.export_onnx(model, tmp_path)
    size, channels = model.image_size, model.frame_shape()[-1]
    videos = to_float(random_clips(2, 6, size, channels))
    found, wanted = scores(tmp_path, videos), model(videos)
    assert set(found) == set(wanted)
    for name, value in wanted.items():
        value = keras.ops.convert_to_numpy(value)
        assert found[name].shape == value.shape and abs(value).max() > 0.02, name
        np.testing.assert_allclose(found[name], value, atol=1e-5, rtol=1e-5)
    one = scores(tmp_path, videos[1:, :4])
    assert {name: value.shape[0] for name, value in one.items()} == dict.fromkeys(
        one, 1
    )


@pytest.mark.once
def test_discriminators_of_ones_own(tmp_path):
    layers = keras.layers
    frames = keras.Input((32, 32, 3))
    x = layers.Conv2D(4, 5, strides=4, activation="silu")(frames)
    judge = keras.Model(frames, layers.Dense(1)(layers.GlobalAveragePooling2D()(x)))
    clips = keras.Input((4, 32, 32, 3))
    x = layers.Conv3D(4, 3, strides=(1, 4, 4), padding="same")(clips)
    x = layers.BatchNormalization()(layers.GroupNormalization(2)(x)) + 0.5 * x
    features = layers.Flatten()(layers.Permute((3, 1, 2, 4))(x))
    outputs = {
        "logits": layers.Dense(1)(features),
        "category_logits": layers.Dense(2)(features),
    }
    model = tiny_model(
        image_discriminator=judge, video_discriminator=keras.Model(clips, outputs)
    )
    disturb(model)
    km.export_onnx(model, tmp_path)
    videos = to_float(random_clips(2, 6))
    found = scores(tmp_path, videos)
    for name, value in model(videos).items():
        value = keras.ops.convert_to_numpy(value)
        np.testing.assert_allclose(found[name], value, atol=1e-5, rtol=1e-5)


class Custom(keras.layers.Dense):
    pass


@pytest.mark.once
def test_any_size_and_what_cannot_be_exported(tmp_path):
    km.export_onnx(tiny_model(), tmp_path / "graphs")
    session = onnxruntime.InferenceSession(tmp_path / "graphs" / "score.onnx")
    (videos,) = session.get_inputs()
    assert videos.shape == ["batch", "frames", 32, 32, 3]
    shapes = {output.name: output.shape for output in session.get_outputs()}
    assert shapes == {"video": ["batch"], "image": ["batch"], "category": ["batch", 2]}
    frames = keras.Input((32, 32, 3))
    judge = keras.Model(frames, Custom(1, name="odd")(keras.layers.Flatten()(frames)))
    model = tiny_model(image_discriminator=judge)
    with pytest.raises(ValueError, match="'odd' of class Custom"):
        km.export_onnx(model, tmp_path / "other")
    assert not (tmp_path / "other").exists()
    km.export_onnx(model, tmp_path / "other", score=False)
    files = {file.name for file in (tmp_path / "other").iterdir()}
    assert files == {"motion_step.onnx", "image_generator.onnx", "model.json"}
