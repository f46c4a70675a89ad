"""Batch normalization, fused, and apart for the parts of one batch."""

import contextlib
import contextvars

import keras
from keras import ops

from keras_mocogan import backend

_PARTS = contextvars.ContextVar("parts", default=1)


@contextlib.contextmanager
def judged_apart(parts):
    """Inside, batches are `parts` batches one after the other, normalized apart.

    One call of a network is faster than several; batch normalization alone must not
    mix what the paper's code judges apart.
    """
    token = _PARTS.set(parts)
    try:
        yield
    finally:
        _PARTS.reset(token)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class BatchNormalization(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization` over the last axis.

    In training it normalizes with one fused operation of the backend where Keras uses
    a dozen; statistics are float32. Inside `judged_apart` each part of the batch has
    statistics of its own, which move the averages one after the other, as if the
    parts had come in turn.
    """

    def call(self, inputs, training=False):
        if not training:
            known = self.moving_mean, self.moving_variance, self.gamma, self.beta
            return backend.apply_batch_norm(inputs, *known, self.epsilon)
        parts = ops.split(inputs, _PARTS.get())
        normalized = [self._normalize(part) for part in parts]
        return normalized[0] if len(parts) == 1 else ops.concatenate(normalized)

    def _normalize(self, x):
        if self.synchronized:
            return super().call(x, training=True)
        y, mean, variance = backend.batch_norm(x, self.gamma, self.beta, self.epsilon)
        for average, value in (
            (self.moving_mean, mean),
            (self.moving_variance, variance),
        ):
            average.assign(average * self.momentum + value * (1.0 - self.momentum))
        return y
