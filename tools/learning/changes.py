"""Single changes to the package's way of training, for `compare_learning.py`.

Each takes a compiled model and changes it in place before its first step.
"""

import keras
import numpy as np


def first_layer_by_inputs(model):
    """G_I's first layer starts like a dense layer, scaled by its inputs."""
    kernel = model.image_generator.get_layer("dense").kernel
    side = (model.image_size // 16) ** 2
    filters = kernel.shape[1] // side
    kernel.assign(kernel * (filters * side / kernel.shape[0]) ** 0.5)


def zero_gru_bias(model):
    """R_M's biases start at zero, as in Keras."""
    bias = model.motion_generator.get_layer("gru").cell.bias
    bias.assign(np.zeros(bias.shape))


def default_epsilon(model):
    """Adam has Keras' default epsilon."""
    for phase in model.optimizer.phases:
        model.optimizer[phase].epsilon = 1e-7


@keras.saving.register_keras_serializable(package="learning")
class QuickMotion(keras.optimizers.Adam):
    """The paper's Adam, with a higher rate for the weights of R_M's GRU."""

    def __init__(self, multiple=1.0, **kwargs):
        super().__init__(**kwargs)
        self.multiple = multiple

    def build(self, variables):
        super().build(variables)
        paths = [variable.path for variable in variables]
        self._quick = {i for i, path in enumerate(paths) if path.startswith("gru/")}

    def update_step(self, gradient, variable, learning_rate):
        # By index, because on TensorFlow the variable is not Keras' own here.
        if self._get_variable_index(variable) in self._quick:
            learning_rate = learning_rate * self.multiple
        super().update_step(gradient, variable, learning_rate)

    def get_config(self):
        return {**super().get_config(), "multiple": self.multiple}


def motion_rate_5(model):
    """R_M learns at five times the rate of G_I."""
    _set_motion_rate(model, 5.0)


def motion_rate_20(model):
    """R_M learns at twenty times the rate of G_I."""
    _set_motion_rate(model, 20.0)


def _set_motion_rate(model, multiple):
    gru = model.motion_generator.get_layer("gru")
    if not all(v.path.startswith("gru/") for v in gru.trainable_variables):
        raise ValueError(
            "R_M's weights must have paths that begin with 'gru/'. Received: "
            f"{gru.trainable_variables}."
        )
    paper = model.default_optimizer().get_config()
    names = ("learning_rate", "beta_1", "beta_2", "epsilon")
    settings = {name: paper[name] for name in names}
    model.compile(generator_optimizer=QuickMotion(multiple, **settings))
