"""Single departures from the package's way, for `compare_learning.py` to judge.

Each takes a compiled model and changes it in place, before its first step.
"""

import numpy as np


def first_layer_by_inputs(model):
    """G_I's first layer starts as a dense layer would, by its inputs."""
    kernel = model.image_generator.get_layer("dense").kernel
    side = (model.image_size // 16) ** 2
    filters = kernel.shape[1] // side
    kernel.assign(kernel * (filters * side / kernel.shape[0]) ** 0.5)


def zero_gru_bias(model):
    """R_M's biases start at zero, as in Keras."""
    bias = model.motion_generator.get_layer("gru").cell.bias
    bias.assign(np.zeros(bias.shape))


def default_epsilon(model):
    """Adam's epsilon as Keras has it."""
    for phase in model.optimizer.phases:
        model.optimizer[phase].epsilon = 1e-7
