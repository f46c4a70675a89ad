"""A step in parts of its batch is the step of the whole batch."""

import functools

import keras
import numpy as np
import pytest
from keras import ops
from testing import PHASES, random_clips, tiny_model

from keras_mocogan.training import batch_parts
from keras_mocogan.training.rng import StepRandom

CLIPS = 3


class RandomOfRows(StepRandom):
    """Draws that depend on a clip's number in the whole batch alone."""

    def __init__(self, parts):
        super().__init__(None)
        self.parts, self.calls, self.first = parts, 0, 0

    def next_part(self, n):
        # Each phase of the step goes through all parts in their order.
        self.first = CLIPS * (self.calls % self.parts) // self.parts
        self.calls += 1

    def _rows(self, shape, table):
        return ops.convert_to_tensor(table)[self.first : self.first + shape[0]]

    def normal(self, shape):
        drawn = np.random.default_rng(0).normal(size=(CLIPS, *shape[1:]))
        return self._rows(shape, drawn.astype("float32"))

    def uniform(self, shape, low=0.0, high=1.0):
        drawn = np.random.default_rng(0).uniform(low, high, (CLIPS, *shape[1:]))
        return self._rows(shape, drawn.astype("float32"))

    def integers(self, shape, end):
        drawn = np.random.default_rng(0).integers(0, end, (CLIPS, *shape[1:]))
        return self._rows(shape, drawn.astype("int32"))


def make_model(accumulate):
    networks = {
        "image_generator": {"normalization": "group"},
        "image_discriminator": {
            "normalization": "none",
            "frames": 2,
            "fusion": "late",
            "features": "efficientnet_lite0",
        },
        "video_discriminator": {"normalization": "none"},
    }
    model = tiny_model(**networks)
    model.rng = RandomOfRows(accumulate)
    generate = model.generate_clips

    def generate_clips(n, *arguments):
        model.rng.next_part(n)
        return generate(n, *arguments)

    model.generate_clips = generate_clips
    # Unlike Adam's, the first step of SGD is as large as the gradients are.
    sgd = {f"{phase}_optimizer": keras.optimizers.SGD(0.1) for phase in PHASES}
    # D_I compares a clip with the others of its part alone.
    model.compile(**sgd, accumulate=accumulate, mismatch_weight=0.0)
    return model


def weights_of(model):
    return [np.array(ops.convert_to_numpy(v)) for v in model.trainable_variables]


def step(model):
    labels = np.array([0, 1, 1], "int32")
    logs = model.train_on_batch(random_clips(CLIPS), labels, return_dict=True)
    return logs, weights_of(model)


def test_gradients_and_losses_are_means_over_the_parts():
    weight = keras.Variable([1.0, 2.0])
    holder = keras.Model()
    holder.weight = weight

    def loss_of(values):
        loss = ops.sum(weight * ops.convert_to_tensor(values))
        return loss, {"first": ops.convert_to_tensor(values[0])}

    parts = [(0.25, (4.0, 8.0)), (0.25, (0.0, 4.0)), (0.5, (1.0, 1.0))]
    losses = [(share, functools.partial(loss_of, values)) for share, values in parts]
    (loss, metrics), gradients = batch_parts.gradients_of_parts(
        holder, losses, [weight]
    )
    # (4 + 0) / 4 + 1 / 2 and (8 + 4) / 4 + 1 / 2
    np.testing.assert_allclose(ops.convert_to_numpy(gradients[0]), [1.5, 3.5])
    assert float(loss) == 1.5 + 2 * 3.5 and float(metrics["first"]) == 1.5
    # With nothing that learns.
    (loss, _), gradients = batch_parts.gradients_of_parts(holder, losses, [])
    assert float(loss) == 8.5 and gradients == []


@pytest.mark.slow
def test_parts_make_the_step_of_the_whole_batch():
    whole, parts = make_model(1), make_model(2)  # of one clip and of two
    before = weights_of(whole)
    (logs, wanted), (logs_of_parts, found) = step(whole), step(parts)
    assert logs_of_parts == pytest.approx(logs, rel=1e-4)
    for old, new, same in zip(before, wanted, found, strict=True):
        change = np.abs(new - old).max()
        assert change > 0
        assert np.abs(same - new).max() < 1e-3 * change + 1e-7
    assert parts.global_step == 1
    assert parts.get_compile_config()["accumulate"] == 2


@pytest.mark.once
def test_parts_differ_by_one_clip_at_most():
    data = np.arange(7), None
    found = list(batch_parts.split(data, 3))
    assert [list(videos) for _, (videos, _) in found] == [[0, 1], [2, 3], [4, 5, 6]]
    shares = [float(share) for share, _ in found]
    assert shares == pytest.approx([2 / 7, 2 / 7, 3 / 7])
    # Fewer clips than parts: no part is empty, and each clip counts once.
    found = list(batch_parts.split(np.arange(2), 3))
    assert [list(videos) for _, videos in found] == [[0], [0], [1]]
    assert [float(share) for share, _ in found] == [0, 0.5, 0.5]


@pytest.mark.once
def test_parts_may_be_of_float64():
    model = tiny_model(dtype="float64")
    model.compile(accumulate=2, run_eagerly=True)
    before = weights_of(model)
    logs, after = step(model)
    assert np.isfinite(list(logs.values())).all()
    for old, new in zip(before, after, strict=True):
        assert new.dtype == "float64" and (new != old).any()


@pytest.mark.once
def test_no_parts_are_refused():
    with pytest.raises(ValueError, match="Received: accumulate=0"):
        tiny_model().compile(accumulate=0)
