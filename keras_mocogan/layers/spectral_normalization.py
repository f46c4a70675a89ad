"""Spectral normalization whose forward pass changes nothing."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from keras import ops

# After these, the norm of the largest kernel of the paper's size is right to 0.4 %;
# without them it is three times too small.
_FIRST_ITERATIONS = 100


@keras.saving.register_keras_serializable(package="keras_mocogan")
class SpectralNormalization(keras.layers.Wrapper):
    """Divides a layer's kernel by its largest singular value.

    Miyato, Kataoka, Koyama and Yoshida, "Spectral Normalization for Generative
    Adversarial Networks", ICLR 2018. Keras' own layer writes the kernel while it is
    called: PyTorch then cannot differentiate two calls in one loss, JAX's gradient
    differs from the others', and the generator's phase changes the discriminator.

    Here the kernel stays as it is and the input is divided, which is the same for a
    linear layer. `advance`, called once after each step of the discriminator, makes one
    power iteration. `build` makes a hundred of them, so that the first steps are
    divided by the right norm too.

    Args:
        layer: A Keras layer with a `kernel`, linear apart from its bias.
        seed: Integer that fixes where the power iteration starts.
        **kwargs: `name` and `dtype` of `keras.layers.Layer`.

    Raises:
        ValueError: When it is built, if the layer has no kernel.
    """

    def __init__(self, layer: keras.layers.Layer, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.seed = seed

    def build(self, input_shape=None):
        """Builds the layer inside, and the first direction of its kernel."""
        super().build(input_shape)
        if not hasattr(self.layer, "kernel"):
            raise ValueError(
                "`layer` must have a `kernel`, as a convolution or a dense layer has. "
                f"Received: {self.layer.name!r}, one {type(self.layer).__name__}. Wrap "
                "the layers that have one."
            )
        kernel = ops.convert_to_numpy(self.layer.kernel)
        direction = first_direction(kernel, self.seed)
        self.direction = self.add_weight(
            shape=direction.shape,
            initializer=lambda shape, dtype: ops.convert_to_tensor(
                direction, dtype=dtype
            ),
            trainable=False,
            autocast=False,
            dtype=self.variable_dtype,
            name="direction",
        )

    def call(self, inputs):
        return self.layer(inputs / ops.cast(self.norm(), inputs.dtype))

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def norm(self) -> Any:
        """What the input is divided by: the kernel's largest singular value."""
        # For the direction of that value, the length of the image is the value, and
        # its gradient is the paper's.
        return ops.norm(self._image())

    def advance(self) -> None:
        """Turns the direction towards that of the largest singular value."""
        moved = ops.matmul(ops.transpose(self._matrix()), self._image())
        self.direction.assign(moved / (ops.norm(moved) + keras.config.epsilon()))

    def _matrix(self):
        kernel = ops.cast(self.layer.kernel, self.direction.dtype)
        return ops.reshape(kernel, (-1, kernel.shape[-1]))

    def _image(self):
        return ops.matmul(self._matrix(), self.direction.value)

    def get_config(self):
        return {**super().get_config(), "seed": self.seed}


def first_direction(kernel: np.ndarray, seed: int) -> np.ndarray:
    """The direction of a kernel that has none yet.

    It is computed by NumPy, so that it is the same on all backends.
    """
    matrix = kernel.astype("float64").reshape(-1, kernel.shape[-1])
    direction = np.random.default_rng(seed).standard_normal(matrix.shape[1])
    square = matrix.T @ matrix  # small even if a kernel has many inputs
    for _ in range(_FIRST_ITERATIONS):
        direction = square @ direction
        direction /= np.linalg.norm(direction) + keras.config.epsilon()
    return direction


def advance(networks: Iterable[keras.Model]) -> None:
    """Advances every spectral normalization of these networks by one iteration."""
    for network in networks:
        for layer in network._flatten_layers():
            if isinstance(layer, SpectralNormalization) and layer.trainable_variables:
                layer.advance()
