"""The faster precision is the one whose convolution took less time."""

import time

import pytest

import keras_mocogan as km
from keras_mocogan.backend import precision


@pytest.mark.parametrize(
    ("bfloat16", "policy"),
    [
        (0.5, "mixed_bfloat16"),
        (0.89, "mixed_bfloat16"),
        (0.95, "float32"),
        (2, "float32"),
    ],
)
def test_the_choice(monkeypatch, bfloat16, policy):
    def seconds(x, kernel):
        assert x.shape[-1] == kernel.shape[-2]
        return bfloat16 if "bfloat16" in str(x.dtype) else 1.0

    monkeypatch.setattr(precision, "_seconds", seconds)
    found = km.precision.faster_policy()
    assert found == (policy, {"float32": 1.0, "bfloat16": bfloat16})


def test_it_measures_in_a_moment():
    start = time.perf_counter()
    policy, seconds = km.precision.faster_policy()
    assert time.perf_counter() - start < 30  # under a second on an idle machine
    assert all(0 < value < 10 for value in seconds.values())
    assert policy == precision._choose(seconds)
