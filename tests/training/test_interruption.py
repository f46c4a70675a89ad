"""What is left of a model after Ctrl-C or an error, at whatever moment it comes."""

import keras
import numpy as np
import pytest
from testing import (
    BATCH,
    assert_identical,
    labels_for,
    random_clips,
    snapshot,
    tiny_model,
)

on_jax = pytest.mark.skipif(
    keras.backend.backend() != "jax", reason="elsewhere steps write in place"
)

VIDEOS = random_clips(4 * BATCH)
LABELS = labels_for(VIDEOS)
FIT = {"batch_size": BATCH, "shuffle": False, "verbose": 0}


@pytest.fixture(scope="module")
def model():
    """A model that was trained a step."""
    model = tiny_model()
    model.compile()
    model.fit(VIDEOS[:BATCH], LABELS[:BATCH], **FIT)
    return model


def interrupt(*_, **__):
    raise KeyboardInterrupt


def assert_alive(model, tmp_path):
    """It generates, saves and trains."""
    assert model.generate(1, seed=0).shape == (1, 4, 32, 32, 3)
    model.save(tmp_path / "model.keras")
    before = model.global_step
    model.fit(VIDEOS[:BATCH], LABELS[:BATCH], **FIT)
    assert model.global_step == before + 1


@pytest.mark.parametrize(
    ("method", "error"), [("fit", KeyboardInterrupt), ("evaluate", RuntimeError)]
)
def test_while_the_step_is_traced(model, tmp_path, monkeypatch, method, error):
    def fail(data):
        raise error

    before = snapshot(model)
    model.train_function = model.test_function = None  # traced anew, and again below
    with monkeypatch.context() as patch:
        for name in ("adversarial_step", "evaluation_step"):
            patch.setattr(model, name, fail)
        with pytest.raises(error):
            getattr(model, method)(VIDEOS, LABELS, batch_size=BATCH, verbose=0)
    model.train_function = model.test_function = None
    assert_identical(before, snapshot(model))
    assert_alive(model, tmp_path)


def test_clips_too_short_to_score(model, tmp_path):
    before = snapshot(model)
    with pytest.raises(ValueError, match="Pass clips of 4 or more frames"):
        model.predict(VIDEOS[:, :3], verbose=0)
    assert_identical(before, snapshot(model))
    assert_alive(model, tmp_path)


class InterruptAt(keras.callbacks.Callback):
    """Ctrl-C between two steps."""

    def __init__(self, batch):
        super().__init__()
        self.batch = batch

    def on_train_batch_begin(self, batch, logs=None):
        if batch == self.batch:
            raise KeyboardInterrupt


def test_between_two_steps_all_that_were_made_are_kept(model, tmp_path):
    before = model.global_step
    with pytest.raises(KeyboardInterrupt):
        model.fit(VIDEOS, LABELS, callbacks=[InterruptAt(2)], **FIT)
    assert model.global_step == before + 2
    assert_alive(model, tmp_path)


def returning_late(function, calls):
    """Ctrl-C while a step runs: Python notices when it has been made."""
    left = iter(range(calls))

    def call(*arguments):
        result = function(*arguments)
        if next(left, None) is None:
            raise KeyboardInterrupt
        return result

    return call


@on_jax
def test_within_a_step_the_state_before_it_is_kept(model, tmp_path):
    start = snapshot(model)
    model.fit(VIDEOS[: 2 * BATCH], LABELS[: 2 * BATCH], **FIT)
    after_two = snapshot(model)
    for variable, value in zip(
        [*model.variables, *model.optimizer.variables], start, strict=True
    ):
        variable.assign(value)
    step = model.train_function
    model.train_function = returning_late(step, 2)
    with pytest.raises(KeyboardInterrupt):
        model.fit(VIDEOS, LABELS, **FIT)
    model.train_function = step
    assert_identical(after_two, snapshot(model))
    assert_alive(model, tmp_path)


@on_jax
@pytest.mark.parametrize("method", ["evaluate", "predict", "train_on_batch"])
def test_within_other_calls_nothing_is_lost(model, tmp_path, method):
    before = snapshot(model)
    for kind in ("train", "test", "predict"):
        getattr(model, f"make_{kind}_function")()
    names = ("train_function", "test_function", "predict_function")
    steps = {name: getattr(model, name) for name in names}
    for name, step in steps.items():
        setattr(model, name, returning_late(step, 0))
    labels = () if method == "predict" else (LABELS[:BATCH],)
    with pytest.raises(KeyboardInterrupt):
        getattr(model, method)(VIDEOS[:BATCH], *labels)
    for name, step in steps.items():
        setattr(model, name, step)
    assert_identical(before, snapshot(model))
    assert_alive(model, tmp_path)


@on_jax
def test_within_generate_the_networks_keep_their_weights(model, tmp_path):
    network = model.clip_generator()
    network.make_predict_function()
    step, before = network.predict_function, snapshot(model)
    network.predict_function = returning_late(step, 0)
    with pytest.raises(KeyboardInterrupt):
        model.generate(1, seed=0)
    network.predict_function = step
    assert_identical(before, snapshot(model))
    assert_alive(model, tmp_path)


class SetRate(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        if batch == 1:
            self.model.optimizer["generator"].learning_rate = 0.5
            raise KeyboardInterrupt


def test_what_a_callback_set_before_the_interruption_stays(model):
    rate = model.optimizer["generator"].learning_rate
    before = float(keras.ops.convert_to_numpy(rate))
    with pytest.raises(KeyboardInterrupt):
        model.fit(VIDEOS, LABELS, callbacks=[SetRate()], **FIT)
    now = float(keras.ops.convert_to_numpy(model.optimizer["generator"].learning_rate))
    model.optimizer["generator"].learning_rate = before
    np.testing.assert_allclose(now, 0.5)
