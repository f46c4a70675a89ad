"""Differentiation on PyTorch: autograd, asked only for the weights of one phase."""

import keras
import torch

from keras_mocogan.backend.torch_processes import (
    Largest,
    average,
    draw_rows,
    make_same,
)
from keras_mocogan.utils import processes


class KeepsState:
    """There is nothing to do: the values stay in the variables."""


class TrainStep(KeepsState):
    """Keras' `train_step` and `test_step` for PyTorch."""

    def train_step(self, data):
        return self.adversarial_step(data)

    def test_step(self, data):
        return self.evaluation_step(data)

    def fit(self, *args, **kwargs):
        if self.compiled:
            own = self.variables, self.optimizer.variables, self.metrics_variables
            make_same(variable for group in own for variable in group)
        return super().fit(*args, **kwargs)


def value_and_gradients(model, loss_fn, variables, after=None):
    """Returns `((loss, metrics), gradients)`; see `keras_mocogan.backend`."""
    loss, metrics = loss_fn()
    # Unlike `backward`, `grad` with inputs never computes the weight gradients of the
    # other networks.
    weights = [variable.value for variable in variables]
    # Zeros for a head that the loss leaves out.
    gradients = torch.autograd.grad(loss, weights, materialize_grads=True)
    if processes.shard()[1] == 1:
        return (loss, metrics), list(gradients)
    # One message for all. Averages of batch statistics have to be the same everywhere:
    # weights are bounded by them, and files have those of one process.
    statistics = list(_statistics(model))
    means = {
        "losses": [loss, metrics],
        "gradients": list(gradients),
        "statistics": [variable.value for variable in statistics],
    }
    means = average(means)
    for variable, mean in zip(statistics, means["statistics"], strict=True):
        variable.assign(mean)
    return tuple(means["losses"]), means["gradients"]


def _statistics(layer):
    """The moving averages of batch statistics in all layers that are not frozen."""
    for name in ("moving_mean", "moving_variance"):
        variable = getattr(layer, name, None)
        if layer.trainable and isinstance(variable, keras.Variable):
            yield variable
    for inner in getattr(layer, "layers", ()):
        yield from _statistics(inner)


def mean_over_processes(values):
    """The means of a structure of numbers over all processes."""
    return average(values)


def largest(number):
    """The largest of all processes' integers; `int` waits for it."""
    return Largest(number)


def fold_in_replica(seed):
    """Processes draw the same, and each takes its rows of it: one seed."""
    return seed


def draw_batch(draw, shape):
    """This process's rows of what `draw` gives for the batch of all processes."""
    return draw_rows(draw, shape)


def input_gradients(score_fn, x):
    """Returns the gradient of `score_fn(x)`; see `keras_mocogan.backend`."""
    x = x.detach().requires_grad_()
    return torch.autograd.grad(score_fn(x), x, create_graph=True)[0]


def no_gradient():
    """Without this, PyTorch would keep the generator's graph for the discriminators."""
    return torch.no_grad()
