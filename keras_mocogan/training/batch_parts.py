"""A step in parts of its batch, so that a large batch needs little memory."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
from keras import ops

from keras_mocogan import backend


def split(data: Any, count: int) -> Iterator[tuple[Any, Any]]:
    """Parts of a batch of near-equal size, and the share of the batch in each.

    Args:
        data: Tensors with clips along the first axis, in any structure; None stays.
        count: Number of parts. If there are fewer clips, some parts hold a clip that
            another one has, with a share of 0.

    Yields:
        `(share, part)`.
    """
    if count == 1:
        yield 1.0, data
        return
    n = ops.shape(next(x for x in keras.tree.flatten(data) if x is not None))[0]
    larger = max if isinstance(n, int) else ops.maximum  # in a graph n may be unknown
    for index in range(count):
        first, end = n * index // count, n * (index + 1) // count
        share = ops.cast(end - first, "float32") / ops.cast(n, "float32")
        # The mean of no clips at all would not be a number.
        yield share, _rows(data, slice(first, larger(end, first + 1)))


def _rows(data, rows):
    return keras.tree.map_structure(lambda x: None if x is None else x[rows], data)


def gradients_of_parts(
    model: keras.Model,
    losses: Sequence[tuple[Any, Callable[[], tuple[Any, dict[str, Any]]]]],
    variables: list[keras.Variable],
) -> tuple[tuple[Any, dict[str, Any]], list[Any]]:
    """What `backend.value_and_gradients` gives, as the mean over a batch's parts.

    Args:
        model: An `AdversarialModel`.
        losses: For each part its share of the batch and its loss, a function without
            arguments that returns `(loss, {metric name: scalar})`.
        variables: Those that learn; with none of them nothing is differentiated.

    Returns:
        `((loss, metrics), gradients)`.
    """
    if len(losses) == 1:
        return _gradients(model, losses[0][1], variables, after=None)
    total = None
    for share, loss_fn in losses:
        # One part after another: together they would need the memory of all.
        after = [] if total is None else keras.tree.flatten(total)
        found = _gradients(model, loss_fn, variables, after)
        with backend.no_gradient():
            found = keras.tree.map_structure(
                lambda x, s=share: ops.multiply(s, x), found
            )
            if total is not None:
                found = keras.tree.map_structure(ops.add, total, found)
        total = found
    return total


def _gradients(model, loss_fn, variables, after):
    if variables:
        return backend.value_and_gradients(model, loss_fn, variables, after)
    return backend.mean_over_processes(loss_fn()), []  # all frozen
