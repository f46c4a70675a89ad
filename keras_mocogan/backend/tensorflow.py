"""Differentiation on TensorFlow: a gradient tape that watches one phase's weights."""

import contextlib

import tensorflow as tf


class TrainStep:
    """Keras' `train_step` and `test_step` for TensorFlow."""

    def train_step(self, data):
        return self.adversarial_step(data)

    def test_step(self, data):
        return self.evaluation_step(data)


def value_and_gradients(model, loss_fn, variables):
    """Returns `((loss, metrics), gradients)`; see `keras_mocogan.backend`."""
    weights = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        for weight in weights:
            tape.watch(weight)
        loss, metrics = loss_fn()
    return (loss, metrics), tape.gradient(loss, weights)


def input_gradients(score_fn, x):
    """Returns the gradient of `score_fn(x)`; see `keras_mocogan.backend`."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        score = score_fn(x)
    return tape.gradient(score, x)


def no_gradient():
    """A tape records only inside `value_and_gradients`: nothing to switch off."""
    return contextlib.nullcontext()
