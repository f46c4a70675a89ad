"""Fixtures of the tests of data sets."""

import functools

import pytest

from keras_mocogan import data


@pytest.fixture(params=["tf", "python"])
def engine(request, monkeypatch):
    """The name of each engine in turn, which `data.video_dataset` uses."""
    made = functools.partial(data.video_dataset, engine=request.param)
    monkeypatch.setattr(data, "video_dataset", made)
    return request.param
