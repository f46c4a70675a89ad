"""The generator's averaged weights, swapped in temporarily."""

import contextlib
from collections.abc import Iterator

import keras

from keras_mocogan.training.optimizer_group import averages


@contextlib.contextmanager
def ema_weights(model: keras.Model) -> Iterator[None]:
    """Gives the generator its averaged weights inside a `with` block.

    The average is kept by the generator's optimizer if that was made with
    `use_ema=True`; its videos are steadier than those of the last step. Without an
    average the block runs on the current weights. Frozen weights stay as they are too.

    Args:
        model: A compiled model of this package.

    Example:

    ```python
    model = km.MoCoGAN.from_recipe("short", image_size=32, clip_frames=4)
    with km.callbacks.ema_weights(model):
        videos = model.generate(4, seed=0)
    ```
    """
    found = averages(model.optimizer["generator"]) if model.compiled else []
    pairs = [pair for pair in found if pair[0].trainable]
    last = [keras.ops.convert_to_numpy(variable) for variable, _ in pairs]
    try:
        for variable, average in pairs:
            # As a separate array: on JAX a shared one would be donated with it.
            variable.assign(keras.ops.convert_to_numpy(average))
        yield
    finally:
        for (variable, _), value in zip(pairs, last, strict=True):
            variable.assign(value)
