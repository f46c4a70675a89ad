"""Random states that replicas share and files store."""

from typing import Any

import keras
import numpy as np

from keras_mocogan import backend

# Keras keeps a seed as int32 on PyTorch, and as uint32 on JAX. A prime number, so that
# powers of two, which people like, do not all become the same seed.
_SEEDS = 2**31 - 19


class SeedGenerator(keras.random.SeedGenerator):
    """Keras' seed generator, with different numbers on each replica of a strategy.

    Args:
        seed: A non-negative integer of any size, or None for a random one.
    """

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed if seed is None else seed % _SEEDS, **kwargs)

    def next(self, ordered=True):
        return backend.fold_in_replica(super().next(ordered))


def save_seed_state(seed_generator: keras.random.SeedGenerator, store: Any) -> None:
    """Writes a seed generator's state to a Keras weight store."""
    state = keras.ops.convert_to_numpy(seed_generator.state)
    store["seed_state"] = state.astype("int64")  # its dtype differs by backend


def load_seed_state(seed_generator: keras.random.SeedGenerator, store: Any) -> None:
    """Reads what `save_seed_state` wrote."""
    state = np.asarray(store["seed_state"])
    seed_generator.state.assign(state.astype(seed_generator.state.dtype))
