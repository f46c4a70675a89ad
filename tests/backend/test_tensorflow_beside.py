"""TensorFlow reads the videos of all backends, and takes the GPUs from none."""

import keras
import pytest
import tensorflow as tf
from processes import run_backend

from keras_mocogan.backend.tensorflow_beside import reading_tensorflow

READING = """
    import sys

    import tensorflow as tf
    from tensorflow.python.eager import context

    asked = []

    def hide(devices, kind):
        started = context._context is not None and context._context._initialized
        asked.append((devices, kind, started))

    tf.config.set_visible_devices = hide

    import numpy as np

    import keras_mocogan as km

    assert asked == []
    videos = np.zeros((2, 4, 32, 32, 3), "uint8")
    size = {"image_size": 32, "clip_frames": 4}
    next(iter(km.data.video_dataset(videos, batch_size=2, **size)))
    print(asked[:1], context._context._initialized)
"""


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize(
    ("backend", "asked"),
    [("torch", [([], "GPU", False)]), ("tensorflow", [])],
)
def test_reading_hides_the_gpus_before_tensorflow_starts(backend, asked):
    assert run_backend(backend, READING).strip() == f"{asked} True"


def test_only_the_backend_has_the_gpus(monkeypatch):
    asked = []
    monkeypatch.setattr(tf.config, "set_visible_devices", lambda *_: asked.append(_))
    assert reading_tensorflow() is tf
    assert asked == ([] if keras.config.backend() == "tensorflow" else [([], "GPU")])


def test_a_tensorflow_that_runs_already_is_left_alone(monkeypatch):
    def refuse(*_):
        raise RuntimeError("Visible devices cannot be modified after being initialized")

    monkeypatch.setattr(tf.config, "set_visible_devices", refuse)
    assert reading_tensorflow() is tf
