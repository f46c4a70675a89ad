"""`fit` on data sets of both engines: the same steps, and threads that end."""

import gc
import threading
import time

import keras
import numpy as np
import pytest
from processes import run_backend
from testing import (
    EAGER,
    assert_identical,
    batches_of,
    labels_for,
    random_clips,
    snapshot,
    tiny_model,
)

import keras_mocogan as km

ENGINES = ("tf", "python")
VIDEOS = random_clips(7, frames=6)


def dataset(engine, **arguments):
    settings = {"image_size": 32, "clip_frames": 4, "batch_size": 2, "seed": 3}
    return km.data.video_dataset(
        (VIDEOS, labels_for(VIDEOS)), engine=engine, **(settings | arguments)
    )


def compiled_model():
    keras.utils.set_random_seed(0)  # of the layers' own seeds
    model = tiny_model()
    model.compile(run_eagerly=EAGER)
    return model


@pytest.fixture(scope="module")
def model():
    return compiled_model()


def reading_threads():
    return {t for t in threading.enumerate() if "read clips" in t.name}


def assert_no_thread_is_left(before):
    """Apart from those of other tests, whose data sets somebody may still hold."""
    deadline = time.monotonic() + 20
    gc.collect()
    while left := reading_threads() - before:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
        gc.collect()  # a step of JAX that still ran may have held the iterator


def test_both_train_alike():
    """Epochs of a pass each, of 2 batches, and validation in other windows."""
    histories, states = [], []
    for engine in ENGINES:
        model = compiled_model()
        fitted = model.fit(
            dataset(engine, batch_size=3),
            epochs=2,
            validation_data=dataset(engine, batch_size=3, seed=5),
            verbose=0,
        )
        assert model.global_step == 4
        histories.append(fitted.history)
        states.append(snapshot(model))
    assert_identical(*states)
    assert histories[0] == histories[1]
    assert "val_loss" in histories[0]


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_both_are_judged_alike(model, method):
    found = [
        keras.tree.flatten(getattr(model, method)(dataset(engine), verbose=0))
        for engine in ENGINES
    ]
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_run_that_is_resumed_within_an_epoch_sees_the_same_clips():
    whole, parts = compiled_model(), compiled_model()
    whole.fit(dataset("python", repeat=True), steps_per_epoch=3, verbose=0)
    parts.fit(dataset("python", repeat=True), steps_per_epoch=2, verbose=0)
    parts.fit(
        dataset("python", repeat=True, first_step=2),
        steps_per_epoch=3,
        callbacks=[km.callbacks.ResumeEpoch()],
        verbose=0,
    )
    assert parts.global_step == whole.global_step == 3
    assert_identical(snapshot(parts), snapshot(whole))


def test_epochs_shorter_than_a_pass_go_on_in_it(model):
    made = dataset("python", repeat=True)
    positions, read = [], made._reader.read_into

    def read_into(arrays, first):
        positions.append(first)
        read(arrays, first)

    made._reader.read_into = read_into
    before = model.global_step
    model.fit(made, steps_per_epoch=2, epochs=2, verbose=0)
    assert model.global_step == before + 4
    # Every position once, those that were read ahead of the last step included.
    assert len(positions) == len(set(positions))
    assert {0, 2, 4, 6} <= set(positions)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_next_iteration_after_fit_is_the_next_pass(model, engine):
    used, fresh = dataset(engine), dataset(engine)
    passes = [batches_of(fresh) for _ in range(2)]
    model.fit(used, verbose=0)
    for found, expected in zip(batches_of(used), passes[1], strict=True):
        assert_identical(found, expected)


@pytest.mark.parametrize("end", ["done", "interrupted", "error"])
def test_fit_leaves_no_thread(model, end):
    class End(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if end != "done":
                raise KeyboardInterrupt if end == "interrupted" else ZeroDivisionError

    def fit():
        made = dataset("python", repeat=True)
        model.fit(made, steps_per_epoch=3, callbacks=[End()], verbose=0)

    before = reading_threads()
    if end == "done":
        fit()
    else:
        with pytest.raises((KeyboardInterrupt, ZeroDivisionError)):
            fit()
    assert_no_thread_is_left(before)


FIT_AND_END = """
    import time

    import numpy as np
    from testing import tiny_model

    import keras_mocogan as km
    from keras_mocogan.data.readers import sources

    read_frames = sources.ArraySource.read_frames

    def read(self, clip, numbers):
        time.sleep(0.1)
        return read_frames(self, clip, numbers)

    sources.ArraySource.read_frames = read
    batches = km.data.video_dataset(
        np.full([8, 4, 32, 32, 3], 9, "uint8"),
        image_size=32,
        clip_frames=4,
        batch_size=2,
        repeat=True,
        engine="python",
    )
    model = tiny_model(num_classes=0)
    model.compile(run_eagerly=True)
    model.fit(batches, steps_per_epoch=1, verbose=0)
    iterator = iter(batches)
    next(iterator)
    print("trained", flush=True)
"""


@pytest.mark.once
def test_a_script_ends_after_fit():
    assert run_backend("tensorflow", FIT_AND_END).strip() == "trained"
