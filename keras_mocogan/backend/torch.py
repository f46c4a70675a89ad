"""Differentiation on PyTorch: autograd, asked only for the weights of one phase."""

import torch


class KeepsState:
    """There is nothing to do: the values stay in the variables."""


class TrainStep(KeepsState):
    """Keras' `train_step` and `test_step` for PyTorch."""

    def train_step(self, data):
        return self.adversarial_step(data)

    def test_step(self, data):
        return self.evaluation_step(data)


def value_and_gradients(model, loss_fn, variables):
    """Returns `((loss, metrics), gradients)`; see `keras_mocogan.backend`."""
    loss, metrics = loss_fn()
    # Unlike `backward`, `grad` with inputs never computes the weight gradients of the
    # other networks.
    weights = [variable.value for variable in variables]
    # Zeros for a head that the loss leaves out.
    gradients = torch.autograd.grad(loss, weights, materialize_grads=True)
    return (loss, metrics), list(gradients)


def fold_in_replica(seed):
    """The step runs once for all devices: one seed."""
    return seed


def shard_batch(x):
    """There is one device: nothing to divide."""
    return x


def input_gradients(score_fn, x):
    """Returns the gradient of `score_fn(x)`; see `keras_mocogan.backend`."""
    x = x.detach().requires_grad_()
    return torch.autograd.grad(score_fn(x), x, create_graph=True)[0]


def no_gradient():
    """Without this, PyTorch would keep the generator's graph for the discriminators."""
    return torch.no_grad()
