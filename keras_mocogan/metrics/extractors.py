"""Features of videos from networks: batches, sizes and value ranges."""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from keras_mocogan.backend.tensorflow_beside import reading_tensorflow
from keras_mocogan.checks import check_choice, check_integer
from keras_mocogan.metrics.checks import check_videos, to_numpy
from keras_mocogan.utils.image_sizes import check_image_size, sides

# (lowest, highest) value of a frame, by name of the range.
_RANGES = {"uint8": (0, 255), "unit": (0, 1), "symmetric": (-1, 1)}


class FeatureExtractor:
    """Computes features of videos with any network.

    Args:
        network: A `keras.Model` or any callable. It takes clips
            `(batch, frames, height, width, channels)`, channels last, and returns
            features `(batch, dimensions)`: an array or tensor, or a dictionary of them.
        value_range: What the network takes: `"uint8"`, to which resized frames are
            rounded; `"unit"`, float32 in [0, 1]; or `"symmetric"`, float32 in [-1, 1].
        image_size: int or (height, width) in pixels to which frames are resized,
            bilinearly and without antialiasing, as in the published Fréchet video
            distances; None leaves them as they are.
        half_pixel_centers: Where the resized pixels lie. True is the rule of PyTorch
            and TensorFlow 2, False that of TensorFlow 1.
        output: Which entry of a dictionary to use.
        batch_size: Clips at once.
        name: What scores call the features; None means the network's own name.

    Attributes:
        name: As given, or the network's.
    """

    def __init__(
        self,
        network: Callable[[np.ndarray], Any],
        value_range: str = "symmetric",
        image_size: int | tuple[int, int] | None = None,
        half_pixel_centers: bool = True,
        output: str = "features",
        batch_size: int = 16,
        name: str | None = None,
    ) -> None:
        check_choice("value_range", value_range, list(_RANGES))
        self._network = network
        self._value_range = value_range
        if image_size is not None:
            image_size = check_image_size(image_size)
        self._image_size = image_size
        self._half_pixel_centers = half_pixel_centers
        self._output = output
        self._batch_size = check_integer("batch_size", batch_size, 1)
        self.name = name or getattr(network, "name", type(network).__name__)

    def __call__(self, videos: npt.ArrayLike) -> np.ndarray:
        """Features, float64 `(n, dimensions)`, of uint8 videos `(n, frames, ...)`."""
        videos = check_videos(videos)
        starts = range(0, len(videos), self._batch_size)
        parts = [self._features(videos[i : i + self._batch_size]) for i in starts]
        return np.concatenate(parts)

    def _features(self, videos):
        features = self._network(self._prepare(videos))
        if isinstance(features, dict):
            check_choice("output", self._output, list(features))
            features = features[self._output]
        features = to_numpy(features)
        if features.ndim != 2 or len(features) != len(videos):
            raise ValueError(
                "`network` must return features of shape (videos, dimensions). "
                f"Received: shape {features.shape} for {len(videos)} videos."
            )
        return features.astype("float64")

    def _prepare(self, videos):
        is_uint8 = self._value_range == "uint8"
        if is_uint8 and self._image_size is None:
            return videos
        lowest, highest = _RANGES[self._value_range]
        videos = videos.astype("float32")
        if self._image_size is not None:
            videos = resize_bilinear(videos, self._image_size, self._half_pixel_centers)
        if is_uint8:  # a network that takes them would cut the fractions off
            return np.rint(videos).astype("uint8")
        return videos * ((highest - lowest) / 255) + np.float32(lowest)


def resize_bilinear(
    videos: np.ndarray, size: int | tuple[int, int], half_pixel_centers: bool = True
) -> np.ndarray:
    """Resizes float32 `(n, frames, height, width, channels)` without antialiasing.

    Rows and columns are interpolated separately: any aspect becomes that of `size`, an
    int or (height, width).
    """
    for axis, side in zip((2, 3), sides(size), strict=True):
        low, high, share = _neighbors(videos.shape[axis], side, half_pixel_centers)
        share = share.reshape([-1 if i == axis else 1 for i in range(5)])
        first, second = (np.take(videos, index, axis=axis) for index in (low, high))
        videos = first + (second - first) * share
    return videos


def _neighbors(length, size, half_pixel_centers):
    """Pixels before and after each of `size` places, and the share of the second."""
    offset = 0.5 if half_pixel_centers else 0.0
    places = (np.arange(size) + offset) * (length / size) - offset
    places = np.clip(places, 0, length - 1)
    low = np.floor(places).astype(int)
    return low, np.minimum(low + 1, length - 1), (places - low).astype("float32")


def i3d(
    path: str | os.PathLike[str],
    half_pixel_centers: bool | None = None,
    batch_size: int = 8,
) -> FeatureExtractor:
    """The feature extractor of the Fréchet video distance, from a file of weights.

    FVD (Unterthiner and others, 2018) uses the 400 logits of I3D (Carreira and
    Zisserman, CVPR 2017) trained on Kinetics, for clips of 224x224 pixels in [-1, 1].
    The weights do not come with this package. Both kinds of files are programs, which
    run when they are loaded: take them only from people you trust.

    Args:
        path: A TorchScript file, such as StyleGAN-V's `i3d_torchscript.pt`, or a
            SavedModel folder, such as TensorFlow Hub's `deepmind/i3d-kinetics-400/1`.
        half_pixel_centers: How frames are resized. None does what published figures
            did with that kind of file: True for TorchScript, False for a SavedModel.
        batch_size: Clips at once.

    Returns:
        A `FeatureExtractor`, from uint8 videos to float64 `(n, 400)`.

    Raises:
        FileNotFoundError: If there is nothing at `path`; it says what is needed.
        ValueError: If it is neither kind of file.
    """
    path = os.path.expanduser(path)
    if not os.path.exists(path):
        raise FileNotFoundError(
            "`path` must be I3D trained on Kinetics-400, which FVD needs: a "
            "TorchScript file (StyleGAN-V publishes i3d_torchscript.pt) or a "
            "SavedModel folder (deepmind/i3d-kinetics-400/1 on TensorFlow Hub). "
            f"Received: {path}, where there is nothing. Download one and pass its path."
        )
    is_saved_model = os.path.isdir(path)
    network = _saved_model(path) if is_saved_model else _torch_script(path)
    if half_pixel_centers is None:
        half_pixel_centers = not is_saved_model
    return FeatureExtractor(
        network,
        "symmetric",
        224,
        half_pixel_centers,
        batch_size=batch_size,
        name=f"I3D ({os.path.basename(os.path.normpath(path))})",
    )


def _torch_script(path):
    import torch

    try:
        module = torch.jit.load(path, map_location="cpu").eval()
    except RuntimeError as error:
        raise ValueError(
            "I3D must be a TorchScript file, which holds the network and not only its "
            f"weights. Received: {path} ({str(error).splitlines()[0]}). "
            "StyleGAN-V publishes one as i3d_torchscript.pt."
        ) from None
    names = [argument.name for argument in module.forward.schema.arguments]
    # Without this option the well-known file returns probabilities.
    options = {"return_features": True} if "return_features" in names else {}

    def network(videos):
        channels_first = torch.from_numpy(np.moveaxis(videos, -1, 1).copy())
        with torch.no_grad():
            return module(channels_first, **options)

    return network


def _saved_model(path):
    tf = reading_tensorflow()
    model = tf.saved_model.load(path)
    name = "default" if "default" in model.signatures else "serving_default"
    if name not in model.signatures:
        raise ValueError(
            "`path` must be a SavedModel with the signature 'default' or "
            f"'serving_default'. Received: {path} with the signatures "
            f"{list(model.signatures)}."
        )
    signature = model.signatures[name]
    arguments = list(signature.structured_input_signature[1])
    if len(arguments) != 1:
        raise ValueError(
            f"The signature {name!r} of {path} must take only videos. Received: one "
            f"with the arguments {arguments}."
        )
    (argument,) = arguments

    def network(videos):
        outputs = signature(**{argument: tf.constant(videos)})
        if len(outputs) > 1 and "default" not in outputs:
            raise ValueError(
                "`path` must be a SavedModel with one output, or with one named "
                f"'default'. Received: {path}, which has {list(outputs)}."
            )
        return outputs.get("default", next(iter(outputs.values())))

    # The function alone would not keep the loaded model alive.
    network.model = model
    return network
