"""G_I: draws a frame from a content and a motion vector (paper, table 6)."""

import math

import keras
from keras import layers

from keras_mocogan.checks import check_at_least, check_choice, check_video_size
from keras_mocogan.layers import convolutions
from keras_mocogan.layers.blur import Blur
from keras_mocogan.networks.base import Network
from keras_mocogan.networks.content_modulation import ContentModulation
from keras_mocogan.networks.layer_factory import LINEAR_GAIN, LayerFactory

# The first level whose checkerboard is taken out. The layers for pixels sharpen again
# what that smooths. With all four blurred, shapes stayed round blobs for longer.
_FIRST_BLURRED = 3
_NORMALIZATIONS = ("batch", "synchronized_batch", "group")
_MODULATION_UNITS = 64


@keras.saving.register_keras_serializable(package="keras_mocogan")
class ImageGenerator(Network):
    """G_I: draws one frame from one [content; motion] vector.

    Paper, table 6: a deconvolution from a point to `height / 16` by `width / 16` with
    `8 * filters` channels (which is a dense layer, and written as one here), then
    transposed convolutions with kernel 4 and stride 2 and 4, 2 and 1 times `filters`
    and finally `channels` channels; ReLU and batch normalization between them, tanh at
    the end.

    With `modulation_dim`, the first entries of the vector, the content, go another way:
    through one hidden layer to a scale and a shift of every channel after each
    normalization (Chen, Lucic, Houlsby and Gelly, "On Self Modulation for Generative
    Adversarial Networks", ICLR 2019). Only the other entries say where things are.

    With `modulated="pixels"` the content enters later still. The transposed
    convolutions see the motion alone and give each pixel a vector of features, which
    can say what point of a body is seen there, whosever body it is. Two layers that
    the content modulates turn the features of each pixel, by themselves, into its
    color. This divides the work as deferred neural rendering does, in geometry and a
    texture (Thies, Zollhoefer and Niessner, SIGGRAPH 2019). It suits things that look
    different and move alike.

    With a palette too, the content's hidden layer gives `palette_size` colors, and the
    convolutions say which color goes where: a softmax over as many channels replaces
    tanh. What a thing looks like then cannot depend on where it is. This suits things
    of few flat colors.

    It maps float vectors of shape `(batch, latent_dim)` to frames of shape `(batch,
    height, width, channels)` in [-1, 1].

    Args:
        latent_dim: Size of the vector, d_C + d_M (+ classes, if the class code goes
            into the frame).
        modulation_dim: Number of leading entries that modulate, fewer than
            `latent_dim`; 0, the paper's, for none.
        modulated: `"levels"`, the channels of every level; or `"pixels"`, as above,
            with which a training step takes over half as much time again. It needs
            `modulation_dim`.
        palette_size: Number of colors of one content, at least 2; 0, the paper's,
            for no palette. It needs `modulation_dim`.
        normalization: `"batch"`, the paper's; `"synchronized_batch"`, the same over
            all devices of TensorFlow or PyTorch; or `"group"` (Wu and He, ECCV
            2018), which uses one frame at a time: the effect of one content on the
            background does not depend on the others in the batch, and averaged weights
            need no statistics of their own.
        modulation_units: Width of the content's hidden layer; 64 by default.
        frame_level: Whether the last transposed convolution makes one more level of
            `filters` channels, normalized and modulated like those before it, from
            which a convolution of kernel 3 draws the frame. Without it neighboring
            pixels are drawn from nearly the same features, and fine patterns stay
            grainy. On a CPU a training step takes 1.3 to 1.6 times as long. For
            `modulated="levels"` alone; `"pixels"` has such a level. False, the
            paper's, by default.
        smooth_start: Whether each transposed convolution starts as an interpolation and
            a convolution of kernel 2, with weights as random as otherwise. The first
            frames then show no checkerboard, which takes thousands of steps to unlearn.
            It changes the first weights alone. False, the paper's, by default.
        image_size: int or (height, width) in pixels, multiples of 16 from 32 to 256.
        channels: 1 to 4.
        filters: Channels of the last hidden level; the paper's are 64.
        seed: Integer that fixes the initial weights, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.

    Example:

    ```python
    network = km.ImageGenerator(latent_dim=20, image_size=32, filters=8)
    frames = network.predict(np.random.normal(size=(4, 20)))  # (4, 32, 32, 3)
    ```
    """

    def __init__(
        self,
        latent_dim: int = 60,
        image_size: int | tuple[int, int] = 64,
        channels: int = 3,
        filters: int = 64,
        modulation_dim: int = 0,
        modulated: str = "levels",
        palette_size: int = 0,
        normalization: str = "batch",
        modulation_units: int = _MODULATION_UNITS,
        frame_level: bool = False,
        smooth_start: bool = False,
        seed: int | None = None,
        dtype: str | keras.DTypePolicy | None = None,
        name: str = "image_generator",
    ) -> None:
        height, width = check_video_size(image_size, channels)
        check_at_least(1, latent_dim=latent_dim, filters=filters)
        _check_modulation(modulated, modulation_dim, modulation_units, latent_dim)
        check_choice("smooth_start", smooth_start, (False, True))
        _check_frame_level(frame_level, modulated)
        _check_palette(palette_size, modulation_dim)
        check_choice("normalization", normalization, _NORMALIZATIONS)

        make = LayerFactory(seed, dtype)
        in_levels = modulated == "levels"

        def upsample(x, filters, level, **options):
            options |= {"strides": 2, "padding": "same"}
            if smooth_start:
                options["kernel_initializer"] = make.interpolating_initializer()
            layer, name = convolutions.Conv2DTranspose, f"deconv_{level}"
            x = make.conv(layer, filters, 4, name, **options)(x)
            if in_levels or level < _FIRST_BLURRED:
                return x
            return Blur(dtype=dtype, name=f"blur_{level}")(x)

        latent = keras.Input((latent_dim,), name="latent")
        content = ContentModulation(make, latent[:, :modulation_dim], modulation_units)

        def activate(x, level):
            name, channels = f"norm_{level}", x.shape[-1]
            if normalization == "group":
                modulation = content.modulation(channels, level) if in_levels else None
                x = make.group_norm(name, channels)(x, modulation)
            else:
                synchronized = normalization == "synchronized_batch"
                x = make.batch_norm(name, synchronized)(x)
                x = content.modulate(x, level) if in_levels else x
            return make.relu(f"relu_{level}")(x)

        shape = (height // 16, width // 16, 8 * filters)
        x = _first_level(make, latent[:, modulation_dim:], shape, bool(modulation_dim))
        x = activate(x, 0)
        for level, multiple in enumerate((4, 2, 1), start=1):
            x = activate(upsample(x, multiple * filters, level), level)
        values = palette_size or channels
        if frame_level or not in_levels:
            x = activate(upsample(x, filters, 4), 4)
        if not in_levels:
            x = content.color_pixels(x, 5, values)
        elif frame_level:
            x = _values(make, x, values)
        else:
            # With modulation, only the bias is the same for every content.
            x = upsample(x, values, 4, use_bias=bool(modulation_dim))
        if palette_size:
            frame = content.paint(x, channels)
        else:
            frame = layers.Activation("tanh", dtype="float32", name="frame")(x)

        super().__init__(latent, frame)


def _first_level(make, vector, shape, is_modulated):
    """The grid that is enlarged level by level, from all that does not modulate."""
    units = math.prod(shape)
    # In the published code this is a transposed convolution, whose fan-in PyTorch
    # counts over filters and window. With the wider range that its inputs give, it
    # hardly moves at the paper's learning rate. Models with modulation have higher
    # rates.
    fan_in = None if is_modulated else units
    x = make.dense(units, "dense", fan_in=fan_in)(vector)
    return layers.Reshape(shape, dtype=make.dtype, name="seed")(x)


def _values(make, x, channels):
    """Values of each pixel, from the level of the frame's size."""
    options = {"kernel_initializer": make.initializer(LINEAR_GAIN), "use_bias": True}
    return make.conv(layers.Conv2D, channels, 3, "values", padding="same", **options)(x)


def _check_modulation(modulated, modulation_dim, modulation_units, latent_dim):
    check_at_least(0, modulation_dim=modulation_dim)
    check_at_least(1, modulation_units=modulation_units)
    if modulation_dim >= latent_dim:
        raise ValueError(
            f"`modulation_dim` must be below latent_dim={latent_dim}: some entries "
            "must be left for the first layer. Received: "
            f"modulation_dim={modulation_dim}."
        )
    if modulation_units != _MODULATION_UNITS and not modulation_dim:
        raise ValueError(
            "`modulation_units` must be left out without a content that modulates: "
            "give `modulation_dim` too, the size of the content. Received: "
            f"modulation_units={modulation_units}, modulation_dim=0."
        )
    check_choice("modulated", modulated, ("levels", "pixels"))
    if modulated == "pixels" and not modulation_dim:
        raise ValueError(
            '`modulated` must be "levels" without a content that modulates: give '
            "`modulation_dim` too, the size of the content. Received: "
            f"modulated={modulated!r}, modulation_dim=0."
        )


def _check_frame_level(frame_level, modulated):
    check_choice("frame_level", frame_level, (False, True))
    if frame_level and modulated != "levels":
        raise ValueError(
            "`frame_level` must be False with modulated='pixels', which has a level of "
            f"the frame's size already. Received: frame_level={frame_level!r}."
        )


def _check_palette(palette_size, modulation_dim):
    check_at_least(0, palette_size=palette_size)
    if palette_size == 1 or (palette_size and not modulation_dim):
        raise ValueError(
            "`palette_size` must be 0 (no palette), or at least 2 with a "
            "`modulation_dim` of at least 1: the colors come from the content, the "
            f"first `modulation_dim` entries. Received: palette_size={palette_size}, "
            f"modulation_dim={modulation_dim}."
        )
