"""Instance noise whose random state is saved with the weights."""

from typing import Any

import keras

from keras_mocogan import backend
from keras_mocogan.backend import kernels
from keras_mocogan.layers.seeds import SeedGenerator, load_seed_state, save_seed_state


@keras.saving.register_keras_serializable(package="keras_mocogan")
class InstanceNoise(keras.layers.Layer):
    """Gaussian noise in training, drawn for every value.

    Its random state is saved with the weights. Keras' `GaussianNoise` does not save its
    seed generator, so a resumed run would start its noise again.

    Args:
        stddev: Standard deviation.
        seed: Integer, or None.
        **kwargs: `name` and `dtype` of `keras.layers.Layer`.
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stddev, self.seed = stddev, seed
        self.seed_generator = SeedGenerator(seed)

    def call(self, inputs, training=False):
        if not training:
            return inputs
        return inputs + backend.draw_batch(self._noise, keras.ops.shape(inputs))

    def _noise(self, shape):
        draw = keras.random.normal if kernels.is_reference() else kernels.normal
        return draw(
            shape,
            stddev=self.stddev,
            dtype=self.compute_dtype,
            seed=self.seed_generator,
        )

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "stddev": self.stddev, "seed": self.seed}

    def save_own_variables(self, store):
        super().save_own_variables(store)
        save_seed_state(self.seed_generator, store)

    def load_own_variables(self, store):
        load_seed_state(self.seed_generator, store)
