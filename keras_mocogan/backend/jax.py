"""Differentiation on JAX, where Keras' state travels as values in and out."""

import contextlib
import functools

import jax
import keras
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

from keras_mocogan.backend.jax_state import KeepsState


class TrainStep(KeepsState):
    """Keras' stateless `train_step` and `test_step` for JAX."""

    def train_step(self, state, data):
        groups = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        )
        return _run_stateless(self.adversarial_step, groups, state, data)

    def test_step(self, state, data):
        groups = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.metrics_variables,
        )
        return _run_stateless(self.evaluation_step, groups, state, data)


def _run_stateless(step, groups, state, data):
    pairs = [
        pair
        for variables, values in zip(groups, state, strict=True)
        for pair in zip(variables, values, strict=True)
    ]
    with keras.StatelessScope(state_mapping=pairs) as scope:
        logs = step(data)
    new_state = tuple([scope.get_current_value(v) for v in group] for group in groups)
    return logs, new_state


def value_and_gradients(model, loss_fn, variables, after=None):
    """Returns `((loss, metrics), gradients)`; see `keras_mocogan.backend`."""
    chosen = {id(variable) for variable in variables}
    others = [v for v in model.variables if id(v) not in chosen]
    # Scopes do not nest: the inner one sees only what it is seeded with. A variable
    # missing from it would read a stale value.
    before = [variable.value for variable in others]

    def stateless_loss(weights):
        pairs = [
            *zip(variables, weights, strict=True),
            *zip(others, before, strict=True),
        ]
        with keras.StatelessScope(state_mapping=pairs) as scope:
            loss, metrics = loss_fn()
        return loss, (metrics, [scope.get_current_value(v) for v in others])

    weights = [variable.value for variable in variables]
    gradient_fn = jax.value_and_grad(stateless_loss, has_aux=True)
    if after is not None:
        gradient_fn = _apart(gradient_fn, after)
    (loss, (metrics, now)), gradients = gradient_fn(weights)
    for variable, old, new in zip(others, before, now, strict=True):
        if new is not old:  # batch-norm statistics, seeds
            variable.assign(new)
    return (loss, metrics), gradients


def _apart(gradient_fn, after):
    """Computes gradients when `after` is known, in memory that is then free again.

    On a CPU XLA gives each part of a batch memory of its own, even if one has to wait
    for the other. What a branch took is free when it ends, and XLA cannot know that
    this one is always taken.
    """
    traced = jax.jit(gradient_fn)  # so that it is traced once

    def call(weights):
        weights, _ = jax.lax.optimization_barrier((weights, list(after)))
        shapes = jax.eval_shape(traced, weights)
        is_finite = weights[0].ravel()[0] != np.inf
        return jax.lax.cond(is_finite, traced, lambda _: _zeros(shapes), weights)

    return call


def _zeros(shapes):
    return jax.tree.map(lambda like: jax.numpy.zeros(like.shape, like.dtype), shapes)


def fold_in_replica(seed):
    """The step runs once for all devices: one seed."""
    return seed


def draw_batch(draw, shape):
    """Divides what is drawn among the devices of `keras.distribution`.

    Otherwise every device would draw all that the step draws, and run the networks on
    all of it.
    """
    x = draw(shape)
    distribution = keras.distribution.distribution()
    if distribution is None:
        return x
    layout = distribution.get_data_layout(x.shape)
    return keras.distribution.distribute_tensor(x, layout)


def mean_over_processes(values):
    """The step runs once for all processes: its means are theirs."""
    return values


def largest(number):
    """The largest of all processes' integers, an array that devices compute."""
    sharding, compute = _maximum()
    mine = np.full(jax.local_device_count(), number, "int32")
    return compute(jax.make_array_from_process_local_data(sharding, mine))


@functools.cache
def _maximum():
    devices = jax.sharding.Mesh(np.array(jax.devices()), ("devices",))
    everywhere = NamedSharding(devices, PartitionSpec())
    compute = jax.jit(jax.numpy.max, out_shardings=everywhere)
    return NamedSharding(devices, PartitionSpec("devices")), compute


def input_gradients(score_fn, x):
    """Returns the gradient of `score_fn(x)`; see `keras_mocogan.backend`."""
    return jax.grad(score_fn)(x)


def no_gradient():
    """JAX only differentiates functions: there is nothing to switch off."""
    return contextlib.nullcontext()
