"""How far generated clips are from real ones, clip by clip and differentiable."""

from typing import Any

import keras
from keras import ops

from keras_mocogan.networks.image_discriminator import frames_together
from keras_mocogan.networks.slots import is_own
from keras_mocogan.training.scoring import with_others

# Sides of frames are multiples of 16: all of these divide them.
SCALES = (1, 2, 4, 8, 16)
# Layers whose outputs are compared, in every discriminator of this package.
_FEATURES = "leaky_relu_"


def pixel_distance(clips: Any, targets: Any) -> Any:
    """Mean absolute difference, averaged over `SCALES` of average pooling.

    At full size a small thing beside the place where it should be is as wrong as one
    far away; the coarse scales say which way to go.

    Args:
        clips, targets: float32 `(rows, frames, height, width, channels)`.

    Returns:
        `(rows,)`, in the units of the pixels.
    """
    frames = ops.reshape(clips - targets, (-1, *clips.shape[2:]))
    total = 0.0
    for scale in SCALES:
        if scale > 1:
            frames = ops.average_pool(frames, 2, 2, data_format="channels_last")
        total = total + _row_means(ops.abs(frames), clips.shape[0])
    return total / len(SCALES)


def feature_networks(model: keras.Model) -> list[keras.Model]:
    """The model's discriminators, cut off after each level.

    Returns:
        Functional networks from frames or clips to lists of feature maps.

    Raises:
        ValueError: If a discriminator is not one of this package's, or not trained.
    """
    untrained = getattr(model, "untrained_slots", ())
    missing = [slot for slot in untrained if slot.endswith("discriminator")]
    if missing:
        raise ValueError(
            "`feature_weight` must be 0 unless the discriminators are trained. "
            f"Received: a model whose {' and '.join(missing)} came without weights. "
            "Leave it out: pixels are compared then."
        )
    found = []
    for network in model.discriminating_networks():
        if not is_own(network):
            raise ValueError(
                "`feature_weight` must be 0 unless the discriminators are this "
                f"package's, whose features are known. Received: {network.name!r}, a "
                f"{type(network).__name__}. Leave it out: pixels are compared then."
            )
        levels = [x.output for x in network.layers if x.name.startswith(_FEATURES)]
        found.append(keras.Model(network.inputs[0], levels))
    return found


def feature_distance(networks: list[keras.Model], clips: Any, targets: Any) -> Any:
    """Mean absolute difference of feature maps as a share of the targets' own size.

    Args:
        networks: From `feature_networks`.
        clips, targets: As for `pixel_distance`, with as many frames as D_V judges, or
            more.

    Returns:
        `(rows,)`, averaged over all levels of all networks.
    """
    distances = []
    for network in networks:
        pairs = zip(_levels(network, clips), _levels(network, targets), strict=True)
        for found, wanted in pairs:
            size = _row_means(ops.abs(wanted), clips.shape[0])
            error = _row_means(ops.abs(found - wanted), clips.shape[0])
            distances.append(error / (size + keras.config.epsilon()))
    return sum(distances) / len(distances)


def _levels(network, clips):
    """Feature maps; those of one clip are neighbors on the first axis."""
    shape = network.input_shape
    if len(shape) == 4:
        samples = with_others(clips, 1)
    elif network.inputs[0].name == "frames":
        samples = with_others(clips, frames_together(network))
    else:
        samples = windows(clips, shape[1])
    return [ops.cast(level, "float32") for level in network(samples, training=False)]


def windows(clips: Any, length: int) -> Any:
    """As many windows as it takes to see every frame, those of a clip one by one.

    Args:
        clips: `(rows, frames, height, width, channels)`, at least `length` frames.
        length: Frames of a window.

    Returns:
        `(rows * windows, length, height, width, channels)`.
    """
    last = clips.shape[1] - length
    starts = sorted({*range(0, last + 1, length), last})
    windows = ops.stack([clips[:, at : at + length] for at in starts], axis=1)
    return ops.reshape(windows, (-1, *windows.shape[2:]))


def _row_means(x, rows):
    return ops.mean(ops.reshape(x, (rows, -1)), axis=1)
