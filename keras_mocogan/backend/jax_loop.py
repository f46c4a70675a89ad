"""JAX: several training steps in one compiled program."""

import itertools

import jax
import keras
import numpy as np


def pays():
    """Whether steps are compiled into a loop here.

    An accelerator can end a small step before Python has started the next one. On a CPU
    a step takes long enough.
    """
    return jax.default_backend() != "cpu" and keras.distribution.distribution() is None


def several_steps(step, count):
    """A train function for Keras that takes `count` steps at once.

    Args:
        step: Takes the state and a batch; returns the logs and the new state.
        count: Steps of an execution. An epoch's last may have fewer. They are taken
            one by one then, and where batches have different sizes.

    Returns:
        A function that takes the state and an iterator of batches. It returns the logs
        of the last step and the new state.
    """
    one = jax.jit(step)

    def turned(state, batch):
        logs, state = step(state, batch)
        return state, logs

    @jax.jit
    def loop(state, batches):
        stacked = jax.tree.map(lambda *rows: jax.numpy.stack(rows), *batches)
        state, logs = jax.lax.scan(turned, state, stacked)
        return jax.tree.map(lambda values: values[-1], logs), state

    def execute(state, iterator):
        batches = [next(iterator), *itertools.islice(iterator, count - 1)]
        # Of arrays, the last batch may be smaller: a loop takes batches of one shape.
        if len(batches) == count and _are_alike(batches):
            return loop(state, batches)
        for batch in batches:
            logs, state = one(state, batch)
        return logs, state

    return execute


def _are_alike(batches):
    shapes = [[np.shape(x) for x in jax.tree.leaves(batch)] for batch in batches]
    return all(found == shapes[0] for found in shapes)
