"""What a network that was trained on photos sees in frames."""

import contextlib
import contextvars
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mocogan.backend import kernels
from keras_mocogan.checks import check_at_least
from keras_mocogan.layers.convolutions import same_padding

FILE = Path(__file__).parent / "pretrained" / "efficientnet_lite0.npz"

_STEM = 32
# Of each stage: blocks, kernel, stride, factor by which a block widens, channels.
_STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80))
_STAGES += ((3, 5, 1, 6, 112),)
_TAPS = (1, 2, 4)  # stages whose results are given, 4, 8 and 16 times as coarse
_SCALE = 1 / 8  # the maps of people, drawn or filmed, then vary by about 1
_LEAST = 64  # pixels of the shorter side; the network was made for 224


_PENALIZED = contextvars.ContextVar("penalized", default=False)


@contextlib.contextmanager
def penalized_slopes() -> Iterator[None]:
    """Inside, features of enlarged frames count as constants for gradients.

    Penalties on a discriminator's slopes are computed here. An enlarged frame has
    several pixels for each of its own, so the slope of its features is several times as
    large: with R1 on them people took shape slowly. (Besides, TensorFlow has no second
    derivative of `ops.image.resize`, and takes it for 0.)
    """
    token = _PENALIZED.set(True)
    try:
        yield
    finally:
        _PENALIZED.reset(token)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class PretrainedFeatures(keras.layers.Layer):
    """Features of frames by a frozen EfficientNet-Lite0, in random mixtures.

    Sauer, Chitta, Müller and Geiger, "Projected GANs Converge Faster", NeurIPS 2021: a
    discriminator that judges features of a network that was trained on ImageNet learns
    from far fewer images. Each position's channels are mixed by a random matrix that
    stays as it is, so that a discriminator cannot rely on a few of them (the paper's
    section 3.2). The network is the first five stages of EfficientNet-Lite0 (Tan and
    Le, "EfficientNet", ICML 2019), whose batch normalization is part of the
    convolutions.

    It maps frames of shape `(batch, height, width, channels)` in [-1, 1] to a list of
    three maps, `(batch, height / 4, width / 4, units)`, `(batch, height / 8, ...)` and
    `(batch, height / 16, ...)`. Frames with a side of less than 64 pixels are enlarged
    first, by an integer factor, and the maps with them. Height and width must be known.
    Nothing here is trained: all weights are constants, stored with the model's.

    Args:
        units: Channels of each map.
        seed: Integer that fixes the random mixtures.
        **kwargs: `name` and `dtype` of `keras.layers.Layer`.

    Raises:
        ValueError: If `units` is not positive, or, when it is built, if frames have
            neither one channel nor three.

    Example:

    ```python
    import numpy as np
    from keras_mocogan.layers.pretrained_features import PretrainedFeatures

    frames = np.random.uniform(-1, 1, (2, 64, 64, 3))
    maps = PretrainedFeatures()(frames)  # (2, 16, 16, 64), (2, 8, 8, 64), (2, 4, 4, 64)
    ```
    """

    def __init__(self, units: int = 64, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_at_least(1, units=units)
        self.units, self.seed = units, seed

    def build(self, input_shape):
        """Loads the network, and draws the mixtures."""
        if input_shape[-1] not in (1, 3):
            raise ValueError(
                "Frames must have one channel or three. Received: "
                f"{input_shape[-1]} channels. Cut off the others."
            )
        arrays = _load()
        self.convolutions = {
            name: (
                self._constant(arrays[f"{name}_kernel"], f"{name}_kernel"),
                self._constant(arrays[f"{name}_bias"], f"{name}_bias"),
            )
            for name, _ in convolutions()
        }
        random = np.random.default_rng(self.seed)
        self.mixtures = [
            self._constant(
                random.normal(0, _SCALE * channels**-0.5, (channels, self.units)),
                f"mixture_{i}",
            )
            for i, channels in enumerate(_STAGES[tap][-1] for tap in _TAPS)
        ]

    def _constant(self, value, name):
        return self.add_weight(
            shape=value.shape,
            initializer=lambda shape, dtype: ops.convert_to_tensor(value, dtype=dtype),
            trainable=False,
            name=name,
        )

    def call(self, frames: Any) -> list[Any]:
        """Maps frames to their features, from fine to coarse."""
        frames = ops.repeat(frames, 3 // frames.shape[-1], axis=-1)
        found = walk(self._enlarge(frames), self._convolve, ops.relu6, ops.add)
        return [ops.matmul(x, m) for x, m in zip(found, self.mixtures, strict=True)]

    def _enlarge(self, frames):
        factor = self.enlargement(frames.shape)
        if factor == 1:
            return frames
        if _PENALIZED.get():
            frames = ops.stop_gradient(frames)
        return ops.image.resize(
            frames,
            [factor * side for side in frames.shape[1:3]],
            interpolation="bilinear",
            data_format="channels_last",
        )

    def _convolve(self, x, name, stride):
        kernel, bias = self.convolutions[name]
        if not name.endswith("depthwise"):
            y = ops.conv(x, kernel, stride, "same", data_format="channels_last")
        elif kernels.on_cpu() and kernels.SLOW_DEPTHWISE:
            y = _sum_of_shifted(x, ops.cast(kernel, x.dtype), stride)
        else:
            y = ops.depthwise_conv(
                x, kernel, stride, "same", data_format="channels_last"
            )
        return y + ops.cast(bias, y.dtype)

    @staticmethod
    def enlargement(shape: tuple[int, ...]) -> int:
        """By what factor frames of this shape are enlarged."""
        return -(-_LEAST // min(shape[1:3]))

    def compute_output_spec(self, frames):
        factor = self.enlargement(frames.shape)
        sides = [factor * side for side in frames.shape[1:3]]
        return [
            keras.KerasTensor(
                (frames.shape[0], *(-(-side // stride) for side in sides), self.units),
                self.compute_dtype,
            )
            for stride in (4, 8, 16)
        ]

    def get_config(self):
        return {**super().get_config(), "units": self.units, "seed": self.seed}


def convolutions() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Name and shape of the kernel of each convolution, in turn."""
    yield "stem", (3, 3, 3, _STEM)
    channels, block = _STEM, 0
    for blocks, size, _, widening, filters in _STAGES:
        for _ in range(blocks):
            wide = widening * channels
            if widening > 1:
                yield f"{block}_expand", (1, 1, channels, wide)
            yield f"{block}_depthwise", (size, size, wide, 1)
            yield f"{block}_project", (1, 1, wide, filters)
            channels, block = filters, block + 1


def walk(
    frames: Any,
    convolve: Callable[[Any, str, int], Any],
    activate: Callable[[Any], Any],
    add: Callable[[Any, Any], Any],
) -> list[Any]:
    """The network, out of its operations.

    Args:
        frames: What it is called on.
        convolve: Takes a value, a convolution's name, and its stride.
        activate: ReLU, cut off at 6.
        add: Takes two values.

    Returns:
        The stages' results before they are mixed, fine to coarse.
    """
    x = activate(convolve(frames, "stem", 2))
    maps, block = [], 0
    for stage, (blocks, _, stride, widening, _) in enumerate(_STAGES):
        for step in [stride] + [1] * (blocks - 1):
            y = x
            if widening > 1:
                y = activate(convolve(y, f"{block}_expand", 1))
            y = activate(convolve(y, f"{block}_depthwise", step))
            y = convolve(y, f"{block}_project", 1)
            # The first block of a stage has other channels than what it is called on.
            x = y if y.shape[-1] != x.shape[-1] else add(x, y)
            block += 1
        if stage in _TAPS:
            maps.append(x)
    return maps


def _sum_of_shifted(x, kernel, stride):
    """A depthwise convolution, padded like "same", out of shifted copies of `x`."""
    (height, width), y = [-(-side // stride) for side in x.shape[1:3]], 0
    pads = same_padding(x.shape[1:3], kernel.shape[:2], [stride] * 2)
    x = ops.pad(x, [(0, 0), *pads, (0, 0)])
    for row in range(kernel.shape[0]):
        for column in range(kernel.shape[1]):
            part = x[
                :,
                row : row + stride * (height - 1) + 1 : stride,
                column : column + stride * (width - 1) + 1 : stride,
            ]
            y += part * kernel[row, column, :, 0]
    return y


@functools.cache
def _load():
    with np.load(FILE) as file:
        return {name: file[name].astype("float32") for name in file.files}
