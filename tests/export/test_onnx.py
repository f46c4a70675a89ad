"""ONNX graphs: they compute in onnxruntime what the model computes on its backend."""

import json

import keras
import numpy as np
import onnxruntime
import pytest
from testing import random_clips, tiny_model, tiny_vgan, to_float

import keras_mocogan as km

# Each option of G_I at least once, together with those that change what it does.
GENERATORS = {
    "paper": {},
    "modulation": {"modulation_dim": "content"},
    "palette": {"modulation_dim": "content", "palette_size": 2},
    "pixels": {"modulation_dim": "content", "modulated": "pixels"},
    "frame_level": {"modulation_dim": "content", "frame_level": True},
    "group": {"normalization": "group", "filters": 4},
    "synchronized": {"normalization": "synchronized_batch"},
    "smooth": {"smooth_start": True},
    "modern": {
        "modulation_dim": "content",
        "palette_size": 3,
        "normalization": "group",
        "smooth_start": True,
    },
}


def run(folder, name, **inputs):
    session = onnxruntime.InferenceSession(
        folder / f"{name}.onnx", providers=["CPUExecutionProvider"]
    )
    outputs = [output.name for output in session.get_outputs()]
    return dict(zip(outputs, session.run(None, inputs), strict=True))


def disturb(model, gain=1):
    """Weights, biases and statistics as after a training: none is 0 or 1.

    Args:
        gain: For kernels, so that frames are neither gray nor saturated, where rounding
            would be hidden or blown up.
    """
    random = np.random.default_rng(3)
    for network in model.generating_networks():
        for variable in network.weights:
            value = keras.ops.convert_to_numpy(variable.value)
            if variable.name == "kernel":
                variable.assign(gain * value)
            else:
                variable.assign(value + random.uniform(0.1, 0.4, value.shape))


def latents(model, n, seed=1):
    content = model.sample_content(n, seed)
    motion = np.random.default_rng(seed).normal(size=(n, model.motion_dim))
    return content, motion.astype("float32")


@pytest.mark.parametrize("options", GENERATORS.values(), ids=GENERATORS)
def test_frames_are_the_models(options, tmp_path):
    model = tiny_model(image_generator=options)
    disturb(model, gain=1 if "modulation_dim" in options else 4)
    km.export_onnx(model, tmp_path)
    content, motion = latents(model, 4)
    frames = run(tmp_path, "image_generator", content=content, motion=motion)["frames"]
    latent = np.concatenate([content, motion], -1)
    wanted = keras.ops.convert_to_numpy(model.image_generator(latent))
    assert frames.dtype == "float32" and wanted.std() > 0.03
    np.testing.assert_allclose(frames, wanted, atol=1e-5)
    one = run(tmp_path, "image_generator", content=content[:1], motion=motion[:1])
    np.testing.assert_allclose(one["frames"], wanted[:1], atol=1e-5)


@pytest.mark.parametrize("channels", [1, 4])
def test_frames_of_other_channels_with_the_class(channels, tmp_path):
    model = tiny_model(category_input="frame", channels=channels)
    disturb(model, gain=4)
    about = km.export_onnx(model, tmp_path)
    assert about["channels"] == channels and about["category_input"] == "frame"
    content, motion = latents(model, 2)
    frames = run(
        tmp_path,
        "image_generator",
        content=content,
        motion=motion,
        category=np.eye(2, dtype="float32")[[1, 0]],
    )["frames"]
    wanted = model.decode(content, motion[:, None], labels=[1, 0])[:, 0]
    np.testing.assert_allclose(frames, wanted, atol=1e-5)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"category_input": "frame", "noise_dim": 5},
        {"num_classes": 0},
        {"motion_generator": {"cyclic": True}, "motion_dim": 5},
        {"motion_generator": {"cyclic": True}, "num_classes": 0},
    ],
    ids=["class", "class_in_frame", "no_classes", "cyclic", "cyclic_no_classes"],
)
def test_steps_are_the_models_path(arguments, tmp_path):
    model = tiny_model(**arguments)
    disturb(model)
    about = km.export_onnx(model, tmp_path)
    frames, labels = 6, None
    noise = km.latents.sample_noise(3, frames, model.noise_dim, seed=2)
    state, more = km.latents.sample_state(3, model.motion_dim, seed=2), {}
    if model.num_classes and model.category_input == "motion":
        labels = [1, 0, 1]
        more["category"] = np.eye(2, dtype="float32")[labels]
    path = []
    assert about["motion_start"] == ("motion_generator" in arguments)
    if about["motion_start"]:
        state = run(tmp_path, "motion_start", state=state, **more)["first_state"]
    for step in range(frames):
        found = run(tmp_path, "motion_step", state=state, noise=noise[:, step], **more)
        state = found["next_state"]
        path.append(found["motion"])
    wanted = model.sample_motion(3, frames, labels, seed=2)
    np.testing.assert_allclose(np.stack(path, 1), wanted, atol=1e-5)


def test_contents_are_the_encoders(tmp_path):
    wide = {"image_size": (32, 48), "image_encoder": {"filters": 2}}
    model = tiny_model(**wide)
    disturb(model)
    about = km.export_onnx(model, tmp_path, score=False)
    images = random_clips(3, 1, (32, 48))[:, 0]
    found = run(tmp_path, "image_encoder", images=to_float(images))["content"]
    lengths = np.linalg.norm(found, axis=-1)
    np.testing.assert_allclose(lengths, 3**0.5, rtol=1e-5)
    assert abs(found[0] - found[1]).max() > 1e-3 and about["image_encoder"]
    np.testing.assert_allclose(found, model.encode(images), atol=1e-5)
    assert not km.export_onnx(tiny_model(), tmp_path / "none")["image_encoder"]
    assert not (tmp_path / "none" / "image_encoder.onnx").exists()


def test_a_network_of_ones_own(tmp_path):
    latent = keras.Input((5,))
    layers = keras.layers
    x = layers.Dense(32, activation="softplus")(latent)
    x = layers.Dropout(0.5)(layers.LeakyReLU(0.1)(layers.BatchNormalization()(x)))
    x = layers.Concatenate()([x[:, 8:], x[:, :8]]) - 2 * x
    x = layers.Reshape((4, -1, 2))(x)
    inner = keras.Sequential(
        [
            keras.Input((4, 4, 2)),
            layers.Conv2DTranspose(4, 8, 8, padding="same", activation="relu"),
            layers.Conv2D(8, 3, padding="same", activation="silu"),
            layers.BatchNormalization(),
            layers.Conv2D(4, 3, strides=2, padding="same", groups=2),
            layers.Conv2DTranspose(4, 3, 2, padding="same", activation="elu"),
        ]
    )
    network = keras.Model(latent, layers.Dense(3, activation="tanh")(inner(x)))
    model = tiny_model(image_generator=network)
    disturb(model)
    km.export_onnx(model, tmp_path)
    content, motion = latents(model, 4)
    frames = run(tmp_path, "image_generator", content=content, motion=motion)["frames"]
    wanted = model.decode(content, motion[:, None])[:, 0]
    assert wanted.std() > 0.03
    np.testing.assert_allclose(frames, wanted, atol=1e-5)


@pytest.mark.once
def test_description_and_dynamic_batch(tmp_path):
    model = tiny_model()
    about = km.export_onnx(model, tmp_path / "new" / "folder", ["left", "links"])
    folder = tmp_path / "new" / "folder"
    assert json.loads((folder / "model.json").read_text()) == about
    assert about["class_names"] == ["left", "links"]
    assert (about["height"], about["width"], about["channels"]) == (32, 32, 3)
    assert about["value_range"] == [-1, 1] and about["num_frames"] == 4
    session = onnxruntime.InferenceSession(folder / "motion_step.onnx")
    assert {i.name: i.shape for i in session.get_inputs()} == {
        "state": ["batch", 2],
        "noise": ["batch", 2],
        "category": ["batch", 2],
    }
    session = onnxruntime.InferenceSession(folder / "image_generator.onnx")
    assert [o.shape for o in session.get_outputs()] == [["batch", 32, 32, 3]]


class Custom(keras.layers.Dense):
    pass


@pytest.mark.once
@pytest.mark.once
def test_a_folder_keeps_no_graph_of_another_model(tmp_path):
    (tmp_path / "notes.onnx").touch()

    def found():
        return sorted(path.stem for path in tmp_path.glob("*.onnx"))

    more = {"image_encoder": {"filters": 2}, "motion_generator": {"cyclic": True}}
    km.export_onnx(tiny_model(**more), tmp_path)
    always = ["image_generator", "motion_step", "notes"]
    assert found() == sorted(["image_encoder", "motion_start", *always, "score"])
    km.export_page(tiny_model(**more), tmp_path)
    assert found() == sorted(["motion_start", *always])
    km.export_onnx(tiny_model(), tmp_path, score=False)
    assert found() == always


def test_what_cannot_be_exported_is_told(tmp_path):
    with pytest.raises(ValueError, match="a MoCoGAN, .* Received: a VGAN"):
        km.export_onnx(tiny_vgan(), tmp_path)
    with pytest.raises(ValueError, match="must be 2 names"):
        km.export_onnx(tiny_model(), tmp_path, ["one"])
    latent = keras.Input((5,))
    frames = keras.layers.Reshape((32, 32, 3))(Custom(3072, name="odd")(latent))
    model = tiny_model(image_generator=keras.Model(latent, frames))
    with pytest.raises(ValueError, match="Conv2DTranspose, .*'odd' of class Custom"):
        km.export_onnx(model, tmp_path)
    noise, state = keras.Input((None, 2)), keras.Input((2,))
    path = keras.layers.GRU(2, return_sequences=True)(noise, initial_state=state)
    network = keras.Model({"noise": noise, "state": state}, path)
    model = tiny_model(num_classes=0, motion_generator=network)
    with pytest.raises(ValueError, match="must be a `MotionGenerator`"):
        km.export_onnx(model, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.once
def test_a_diverged_model_is_not_exported(tmp_path):
    model = tiny_model()
    kernel = model.image_generator.trainable_variables[0]
    kernel.assign(np.full(kernel.shape, np.nan, "float32"))
    with pytest.raises(ValueError, match="Weights must be finite"):
        km.export_onnx(model, tmp_path)


@pytest.mark.once
def test_a_missing_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"keras-mocogan\[onnx\]"):
        km.export_onnx(tiny_model(), tmp_path)
