"""LiteRT graphs: built-in operations only, and the model's own frames and motion."""

import json

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from testing import (
    enliven,
    random_clips,
    tiny_model,
    tiny_tgan,
    tiny_vgan,
    to_float,
)

import keras_mocogan as km

pytestmark = pytest.mark.once

MODELS = {
    "paper": {"category_input": "frame", "noise_dim": 5},
    "modern": {
        "motion_generator": {"cyclic": True},
        "image_generator": {
            "modulation_dim": "content",
            "palette_size": 3,
            "normalization": "group",
        },
    },
    "bfloat16": {
        "dtype": "mixed_bfloat16",
        "num_classes": 0,
        "image_size": (32, 48),
        "image_encoder": {"filters": 2},
    },
}


def run(path, **inputs):
    """What the one signature of a file gives, and the operations behind it."""
    interpreter = Interpreter(str(path))
    (name,) = interpreter.get_signature_list()
    assert name == path.stem
    assert not [
        details["op_name"]
        for details in interpreter._get_ops_details()
        if details["op_name"].startswith("Flex")
    ]
    return interpreter.get_signature_runner(name)(**inputs)


def check_graphs(model, folder):
    """Compares both graphs with the model, for two sizes of a batch."""
    code, labels = {}, None
    if model.num_classes:
        labels = np.array([1, 0, 1])
        code = {"category": np.eye(2, dtype="float32")[labels]}
    in_motion = bool(labels is not None) and model.category_input == "motion"
    noise = km.latents.sample_noise(3, 4, model.noise_dim, seed=2)
    state, path = km.latents.sample_state(3, model.motion_dim, seed=2), []
    if (folder / "motion_start.tflite").exists():
        inputs = {"state": state, **(code if in_motion else {})}
        state = run(folder / "motion_start.tflite", **inputs)["first_state"]
    for step in range(4):
        inputs = {
            "state": state,
            "noise": noise[:, step],
            **(code if in_motion else {}),
        }
        found = run(folder / "motion_step.tflite", **inputs)
        state = found["next_state"]
        path.append(found["motion"])
    motion = model.sample_motion(3, 4, labels if in_motion else None, seed=2)
    np.testing.assert_allclose(np.stack(path, 1), motion, atol=1e-5)
    content = model.sample_content(3, seed=1)
    code = {} if in_motion else code
    wanted = model.decode(content, motion, labels if code else None)
    assert wanted.std() > 0.1
    for n in (3, 1):
        inputs = {"content": content, "motion": motion[:, 2], **code}
        inputs = {name: rows[:n] for name, rows in inputs.items()}
        frames = run(folder / "image_generator.tflite", **inputs)["frames"]
        assert frames.dtype == "float32"
        np.testing.assert_allclose(frames, wanted[:n, 2], atol=1e-5)
        if model.image_encoder is not None:
            images = random_clips(n, 1, model.image_size)[:, 0]
            inputs = {"images": to_float(images)}
            found = run(folder / "image_encoder.tflite", **inputs)["content"]
            np.testing.assert_allclose(found, model.encode(images), atol=1e-5)


@pytest.mark.slow  # a conversion takes seconds
@pytest.mark.parametrize("name", MODELS)
def test_graphs_compute_what_the_model_does(name, tmp_path):
    model = tiny_model(**MODELS[name])
    if name != "modern":  # whose frames are lively already
        enliven(model)
    about = km.export_litert(model, tmp_path / "a" / "b")
    assert json.loads((tmp_path / "a" / "b" / "model.json").read_text()) == about
    assert about["versions"]["tensorflow"] and "opset" not in about
    if name == "bfloat16":
        same = tiny_model(**MODELS[name] | {"dtype": "float32"})
        for network, other in zip(
            same.generating_networks(), model.generating_networks(), strict=True
        ):
            network.set_weights(other.get_weights())
        model = same
    check_graphs(model, tmp_path / "a" / "b")


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_export_through_tensorflow(backend, tmp_path, run_backend):
    code = """
        import sys
        import keras_mocogan as km
        from testing import enliven, tiny_model
        model = tiny_model()
        enliven(model)
        about = km.export_litert(model, sys.argv[1], ["up", "down"])
        assert about["class_names"] == ["up", "down"]
    """
    run_backend(backend, code, tmp_path)
    model = tiny_model()
    enliven(model)
    check_graphs(model, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("device", ["cpu", "gpu"])
def test_decode_of_a_saved_model_converts(device, tmp_path):
    import tensorflow as tf

    model = tiny_model(category_input="frame")
    enliven(model)
    km.export_saved_model(model, tmp_path / "exported", device)
    load = tf.lite.TFLiteConverter.from_saved_model
    converter = load(str(tmp_path / "exported"), signature_keys=["decode"])
    (tmp_path / "decode.tflite").write_bytes(converter.convert())
    for n, frames in ((2, 5), (1, 300)):  # the second has more than one slice
        content, motion = model.sample_content(n, 1), model.sample_motion(n, frames)
        labels = np.arange(n, dtype="int32") % 2
        inputs = {"content": content, "motion": motion, "label": labels}
        videos = run(tmp_path / "decode.tflite", **inputs)["videos"]
        wanted = model.decode(content, motion, labels)
        np.testing.assert_allclose(videos, wanted, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("maker", [tiny_vgan, tiny_tgan])
def test_decode_of_clips_of_one_latent_converts(maker, tmp_path):
    import tensorflow as tf

    model = maker()
    km.export_saved_model(model, tmp_path / "exported")
    load = tf.lite.TFLiteConverter.from_saved_model
    converter = load(str(tmp_path / "exported"), signature_keys=["decode"])
    (tmp_path / "decode.tflite").write_bytes(converter.convert())
    latent = model.sample_latent(70, seed=1)
    labels = np.arange(70, dtype="int32") % 2 if model.num_classes else None
    inputs = {"latent": latent, **({} if labels is None else {"label": labels})}
    videos = run(tmp_path / "decode.tflite", **inputs)["videos"]
    np.testing.assert_allclose(videos, model.decode(latent, labels), atol=1e-5)


def test_a_folder_keeps_no_encoder_of_another_model(tmp_path):
    (tmp_path / "image_encoder.tflite").touch()
    km.export_litert(tiny_model(), tmp_path)
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == ["image_generator.tflite", "model.json", "motion_step.tflite"]


def test_what_cannot_be_exported_is_told(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="a MoCoGAN, .* Received: a VGAN"):
        km.export_litert(tiny_vgan(), tmp_path)
    with pytest.raises(ValueError, match="must be 2 names"):
        km.export_litert(tiny_model(), tmp_path, ["one"])
    noise, state = keras.Input((None, 2)), keras.Input((2,))
    path = keras.layers.GRU(2, return_sequences=True)(noise, initial_state=state)
    network = keras.Model({"noise": noise, "state": state}, path)
    model = tiny_model(num_classes=0, motion_generator=network)
    with pytest.raises(ValueError, match="must be a `MotionGenerator`"):
        km.export_litert(model, tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"keras-mocogan\[tensorflow\]"):
        km.export_litert(model, tmp_path)
    assert not list(tmp_path.iterdir())
