"""PyTorch's part of a batch, told by stand-ins for the other processes.

`tests/training/test_two_processes.py` has real ones.
"""

import keras
import numpy as np
import pytest

from keras_mocogan import backend
from keras_mocogan.layers.batch_normalization import BatchNormalization
from keras_mocogan.layers.centering import Centering
from keras_mocogan.training.rng import StepRandom
from keras_mocogan.utils import processes

pytestmark = pytest.mark.skipif(keras.config.backend() != "torch", reason="of PyTorch")


@pytest.fixture
def second_of_two(monkeypatch):
    monkeypatch.setattr(processes, "shard", lambda: (1, 2))


def draw():
    random = StepRandom(keras.random.SeedGenerator(5))
    return [
        keras.ops.convert_to_numpy(drawn)
        for drawn in (
            random.normal((3, 2)),
            random.integers((3,), 1000),
            random.integers((), 1000),
        )
    ]


def test_a_process_has_its_rows_of_what_one_would_draw(monkeypatch):
    parts = []
    for index in range(2):
        monkeypatch.setattr(processes, "shard", lambda index=index: (index, 2))
        parts.append(draw())
    (first, numbers, window), (second, more, same) = parts
    random = keras.random.SeedGenerator(5)
    whole = keras.ops.convert_to_numpy(keras.random.normal((6, 2), seed=random))
    np.testing.assert_array_equal(np.concatenate([first, second]), whole)
    assert len(set([*numbers, *more])) > 3 and window == same


def test_statistics_are_of_the_rows_of_both_processes(second_of_two, monkeypatch):
    from keras_mocogan.backend import torch_processes

    x = np.random.default_rng(0).normal(3, 2, (8, 5, 2)).astype("float32")
    first, second = x[:3], x[3:6]
    theirs = np.stack([first.mean((0, 1)), first.var((0, 1))])

    class Sum:
        @staticmethod
        def apply(known):
            known = known.clone()
            known[0] += keras.ops.convert_to_tensor(theirs)
            return known

    monkeypatch.setattr(torch_processes, "_Sum", Sum)
    layer = BatchNormalization(momentum=0.0, epsilon=1e-5, synchronized=True)
    found = keras.ops.convert_to_numpy(layer(second, training=True))
    both = x[:6]
    mean, variance = both.mean((0, 1)), both.var((0, 1))
    wanted = (second - mean) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    known = [layer.moving_mean, layer.moving_variance]
    for average, value in zip(known, (mean, variance), strict=True):
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(average), value, rtol=1e-4
        )
    assert BatchNormalization.from_config(layer.get_config())._is_synchronized


def test_averages_of_batch_statistics_are_found_unless_frozen():
    from keras_mocogan.backend.torch import _statistics

    inner = keras.Sequential([keras.Input((3,)), Centering(name="center")])
    model = keras.Sequential([inner, BatchNormalization(name="norm")])
    model.build((None, 3))
    center, norm = inner.layers[0], model.layers[1]
    wanted = [center.moving_mean, norm.moving_mean, norm.moving_variance]
    assert [id(v) for v in _statistics(model)] == [id(v) for v in wanted]
    norm.trainable = False
    assert [id(v) for v in _statistics(model)] == [id(center.moving_mean)]


def test_means_and_wishes_of_a_single_process_are_its_own():
    assert backend.mean_over_processes({"loss": 2.0}) == {"loss": 2.0}
    assert processes.shard() == (0, 1) and processes.is_primary()


def test_a_lost_process_is_told_in_a_sentence():
    from keras_mocogan.backend.torch_processes import _told

    reason = "[/a/pair.cc:537] Connection closed by peer [10.0.0.1]:1. This is typical"
    with pytest.raises(ConnectionError) as caught, _told():
        raise RuntimeError(reason)
    assert "(Connection closed by peer [10.0.0.1]:1)" in str(caught.value)
