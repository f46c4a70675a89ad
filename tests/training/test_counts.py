"""Counts that `fit`, `evaluate` and `predict` are given."""

import numpy as np
import pytest
from testing import BATCH, random_clips, tiny_model

pytestmark = pytest.mark.once

OF_FIT = (
    "batch_size",
    "steps_per_epoch",
    "validation_steps",
    "validation_batch_size",
)


@pytest.fixture(scope="module")
def model():
    model = tiny_model()
    model.compile(run_eagerly=True)
    return model


@pytest.mark.parametrize("name", OF_FIT)
@pytest.mark.parametrize("count", [0, -1, 1.5, "2", True])
def test_fit_counts_from_one(model, name, count):
    with pytest.raises(ValueError, match=f"`{name}` must be an integer of at least 1"):
        model.fit(random_clips(), **{name: count})
    assert model.global_step == 0


@pytest.mark.parametrize("name", ["epochs", "initial_epoch"])
@pytest.mark.parametrize("count", [-1, 1.5, "2"])
def test_epochs_are_counted_from_zero(model, name, count):
    with pytest.raises(ValueError, match=f"`{name}` must be an integer of at least 0"):
        model.fit(random_clips(), **{name: count})


@pytest.mark.parametrize("share", [1, 1.5, -0.5, "half", None])
def test_the_validation_split_is_a_share(model, share):
    with pytest.raises(ValueError, match="`validation_split` must be at least 0 and b"):
        model.fit(random_clips(), validation_split=share)


@pytest.mark.parametrize("method", ["evaluate", "predict"])
@pytest.mark.parametrize("name", ["batch_size", "steps"])
def test_the_others_count_from_one_too(model, method, name):
    with pytest.raises(ValueError, match=f"`{name}` must be an integer of at least 1"):
        getattr(model, method)(random_clips(), **{name: 0})


def test_integers_of_numpy_are_taken():
    model = tiny_model()
    model.compile(run_eagerly=True)
    size = np.int64(BATCH)
    history = model.fit(random_clips(), batch_size=size, epochs=np.int64(1), verbose=0)
    assert model.global_step == 1 and len(history.history["loss"]) == 1
