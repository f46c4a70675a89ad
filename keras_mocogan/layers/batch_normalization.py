"""Batch normalization, fused, with separate statistics for the parts of a batch."""

import contextlib
import contextvars
from collections.abc import Iterator, Sequence
from typing import Any

import keras
from keras import ops

from keras_mocogan.backend import kernels

_PARTS = contextvars.ContextVar("parts", default=1)


@contextlib.contextmanager
def separate_batch_statistics(parts: int) -> Iterator[None]:
    """Inside, a batch is normalized in `parts` parts, each with its own statistics.

    One call of a network is faster than several, but batch normalization must not mix
    samples that the paper's code judges in separate calls. The samples of the parts are
    interleaved, so that devices which share the batch have some of each part.
    """
    token = _PARTS.set(parts)
    try:
        yield
    finally:
        _PARTS.reset(token)


def interleave(parts: Sequence[Any]) -> Any:
    """One batch from several of the same size, whose samples take turns."""
    return ops.reshape(ops.stack(parts, axis=1), (-1, *parts[0].shape[1:]))


def deinterleave(batch: Any, parts: int) -> Any:
    """`(n, parts, ...)`: a batch that `interleave` made, its parts side by side."""
    return ops.reshape(batch, (-1, parts, *batch.shape[1:]))


def _apart(batch, parts):
    return ops.unstack(deinterleave(batch, parts), parts, axis=1)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class BatchNormalization(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization` over the last axis.

    In training it normalizes with one fused operation of the backend, where Keras uses
    a dozen; statistics are float32. Inside `separate_batch_statistics` each part of the
    batch has its own statistics. They update the averages one after the other, as if
    the parts had come in separate calls.

    `synchronized` statistics are those of the whole batch, where replicas of TensorFlow
    or processes of PyTorch share it. On JAX all statistics are.

    Raises:
        ValueError: If `axis` is another one than the last, or `renorm` is True.
    """

    def __init__(self, *args: Any, synchronized: bool = False, **kwargs: Any) -> None:
        # Keras knows the argument on TensorFlow only.
        on_tensorflow = keras.config.backend() == "tensorflow"
        super().__init__(*args, synchronized=synchronized and on_tensorflow, **kwargs)
        self._is_synchronized = synchronized
        if self.renorm:
            raise ValueError(
                "`renorm` must be False: statistics are those of the batch. Received: "
                "renorm=True. Use `keras.layers.BatchNormalization`."
            )

    def build(self, input_shape):
        if self.axis not in (-1, len(input_shape) - 1):
            raise ValueError(
                "`axis` must be -1, the channels' axis. Received: "
                f"axis={self.axis}. Use `keras.layers.BatchNormalization`."
            )
        super().build(input_shape)

    def get_config(self):
        return {**super().get_config(), "synchronized": self._is_synchronized}

    def call(self, inputs, training=False, mask=None):
        if training and self.trainable:
            parts = _PARTS.get()
            if parts == 1:
                return self._normalize(inputs, mask)
            masks = [None] * parts if mask is None else _apart(mask, parts)
            each = zip(_apart(inputs, parts), masks, strict=True)
            return interleave([self._normalize(*part) for part in each])
        if not self._is_fused(inputs):
            return super().call(inputs, training=False)
        known = self.moving_mean, self.moving_variance, self.gamma, self.beta
        return kernels.apply_batch_norm(inputs, *known, self.epsilon)

    def _normalize(self, x, mask):
        normalize = kernels.batch_norm
        if mask is not None:  # the backends' operations know no masks
            return super().call(x, training=True, mask=mask)
        if self._is_synchronized and kernels.has_processes():
            normalize = kernels.batch_norm_over_processes
        elif self.synchronized or not self._is_fused(x):
            return super().call(x, training=True)
        y, mean, variance = normalize(x, self.gamma, self.beta, self.epsilon)
        for average, value in (
            (self.moving_mean, mean),
            (self.moving_variance, variance),
        ):
            value = ops.cast(value, average.dtype)  # bfloat16 if all weights are
            average.assign(average * self.momentum + value * (1.0 - self.momentum))
        return y

    def _is_fused(self, x):
        if kernels.is_reference() or not (self.scale and self.center):
            return False
        return keras.backend.standardize_dtype(x.dtype) in ("float32", "bfloat16")
