"""Differentiation on TensorFlow: a gradient tape that watches one phase's weights."""

import contextlib

import tensorflow as tf


class KeepsState:
    """There is nothing to do: the values stay in the variables."""


class TrainStep(KeepsState):
    """Keras' `train_step` and `test_step` for TensorFlow."""

    # When data of unknown length has ended, Keras runs the step once more without a
    # batch. What does not wait for the batch, such as counting the step, would be done.

    def train_step(self, data):
        with tf.control_dependencies(_tensors(data)):
            return self.adversarial_step(data)

    def test_step(self, data):
        with tf.control_dependencies(_tensors(data)):
            return self.evaluation_step(data)


def _tensors(data):
    # `train_on_batch` hands None over where there are no labels or weights.
    return [part for part in tf.nest.flatten(data) if part is not None]


def value_and_gradients(model, loss_fn, variables, after=None):
    """Returns `((loss, metrics), gradients)`; see `keras_mocogan.backend`."""
    with tf.control_dependencies(list(after or ())):
        return _value_and_gradients(loss_fn, variables)


def _value_and_gradients(loss_fn, variables):
    weights = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        for weight in weights:
            tape.watch(weight)
        loss, metrics = loss_fn()
        # Optimizers add up the replicas' gradients; the loss is a mean over all.
        share = loss / num_replicas()
    zero = tf.UnconnectedGradients.ZERO  # for a head that the loss leaves out
    return (loss, metrics), tape.gradient(share, weights, unconnected_gradients=zero)


def num_replicas():
    """Replicas of the `tf.distribute` strategy that the step runs on, or 1."""
    context = tf.distribute.get_replica_context()
    return context.num_replicas_in_sync if context else 1


def fold_in_replica(seed):
    """The seed that this replica draws from, made from the one that all share."""
    if num_replicas() == 1:
        return seed
    replica = tf.distribute.get_replica_context().replica_id_in_sync_group
    # An odd factor keeps neighboring seeds and replicas apart.
    apart = tf.cast(replica, seed.dtype) * tf.constant(2654435761, seed.dtype)
    return seed + tf.stack([apart, tf.zeros_like(apart)])


def draw_batch(draw, shape):
    """A replica draws only its own rows: there is nothing to divide."""
    return draw(shape)


def mean_over_processes(values):
    """There is one process; Keras' metrics gather what its replicas found."""
    return values


def largest(number):
    """There is one process."""
    return number


def input_gradients(score_fn, x):
    """Returns the gradient of `score_fn(x)`; see `keras_mocogan.backend`."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        score = score_fn(x)
    return tape.gradient(score, x)


def no_gradient():
    """A tape records only inside `value_and_gradients`: nothing has to be done."""
    return contextlib.nullcontext()
