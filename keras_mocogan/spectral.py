"""Spectral normalization whose forward pass changes nothing."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="keras_mocogan")
class SpectralNormalization(keras.layers.Wrapper):
    """Divides a layer's kernel by its largest singular value.

    Miyato, Kataoka, Koyama and Yoshida, "Spectral Normalization for Generative
    Adversarial Networks", ICLR 2018. Keras' own layer writes the kernel while it is
    called: PyTorch then cannot differentiate two calls in one loss, JAX's gradient
    differs from the others', and the generator's phase changes the discriminator.
    Here the kernel stays as it is and the input is divided, which for a linear layer
    is the same; `advance`, once after each step of the discriminator, makes the
    power iteration.

    Args:
        layer: A Keras layer with a `kernel`, linear but for its bias.
        seed: Integer that fixes where the power iteration starts.
        **kwargs: `name` and `dtype` of `keras.layers.Layer`.
    """

    def __init__(self, layer, seed=0, **kwargs):
        super().__init__(layer, **kwargs)
        self.seed = seed

    def build(self, input_shape=None):
        super().build(input_shape)
        outputs = self.layer.kernel.shape[-1]
        start = np.random.default_rng(self.seed).standard_normal(outputs)
        self.direction = self.add_weight(
            shape=(outputs,),
            initializer=lambda shape, dtype: ops.convert_to_tensor(
                start / np.linalg.norm(start), dtype=dtype
            ),
            trainable=False,
            autocast=False,
            dtype=self.variable_dtype,
            name="direction",
        )

    def call(self, inputs):
        norm = ops.norm(self._image())
        return self.layer(inputs / ops.cast(norm, inputs.dtype))

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def advance(self):
        """Turns the direction towards that of the largest singular value."""
        moved = ops.matmul(ops.transpose(self._matrix()), self._image())
        self.direction.assign(moved / (ops.norm(moved) + keras.config.epsilon()))

    def _matrix(self):
        kernel = ops.cast(self.layer.kernel, self.direction.dtype)
        return ops.reshape(kernel, (-1, kernel.shape[-1]))

    def _image(self):
        # For the direction of the largest singular value its length is that value,
        # and its gradient the one of the paper.
        return ops.matmul(self._matrix(), self.direction.value)

    def get_config(self):
        return {**super().get_config(), "seed": self.seed}


def advance(networks):
    """Advances every spectral normalization of these networks by one iteration."""
    for network in networks:
        for layer in network.layers:
            if isinstance(layer, SpectralNormalization) and layer.trainable_variables:
                layer.advance()
