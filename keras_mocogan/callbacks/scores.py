"""Scores of generated videos while the model trains."""

import warnings
from collections.abc import Callable

import keras
import numpy as np

from keras_mocogan.callbacks.averages import ema_weights
from keras_mocogan.checks import check_at_least
from keras_mocogan.metrics.checks import check_videos
from keras_mocogan.metrics.classifier import VideoClassifier
from keras_mocogan.metrics.report import check_counts, evaluate_videos
from keras_mocogan.sampling.decoding import with_time
from keras_mocogan.sampling.first_frames import contents_like
from keras_mocogan.utils.finite import NotFiniteError


class MetricsCallback(keras.callbacks.Callback):
    """Scores generated videos at the end of epochs and adds the scores to the logs.

    Put it before `TensorBoard` and `HistoryLogger` in the list of callbacks: they, the
    progress bar and the history then show `acd`, `mcs`, `frechet_distance` and the like
    as if they were metrics of the model. If the generated videos are not finite, a
    warning says so, and the scores that earlier epochs logged are NaN for that epoch.

    `MoCoGAN` generates as many frames as the real videos have. With an image encoder it
    takes contents from their first frames, as in training. `ImageGAN`'s pictures count
    as videos of one frame, and are compared with one frame of each real video.

    Args:
        real: Real videos to compare with: uint8 `(n, frames, height, width, channels)`,
            or a pair of such videos and their labels. Best as many as `count`.
        classifier, extractor: As for `metrics.report.evaluate_videos`.
        colors: Whether the videos show one bright shape whose color should stay the
            same.
        count: Videos to generate.
        every: Epochs from one evaluation to the next.
        seed: Integer: the same contents and motions are scored every time.

    Example:

    ```python
    videos, _ = km.data.shape_motion(8, num_frames=4, image_size=32)
    model = km.MoCoGAN.from_recipe("short", image_size=32, clip_frames=4)
    scores = km.callbacks.MetricsCallback(videos, colors=True, count=8)
    history = model.fit(videos, callbacks=[scores])
    history.history["acd"]
    ```
    """

    def __init__(
        self,
        real: np.ndarray | tuple[np.ndarray, np.ndarray | None],
        classifier: VideoClassifier | None = None,
        extractor: Callable[[np.ndarray], np.ndarray] | None = None,
        colors: bool = False,
        count: int = 256,
        every: int = 1,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if classifier is None and extractor is None and not colors:
            raise ValueError(
                "One of `classifier`, `extractor` and `colors` must be given, or there "
                "is nothing to measure. Received: classifier=None, extractor=None, "
                f"colors={colors!r}. Pass a classifier, an extractor, or colors=True."
            )
        is_pair = isinstance(real, tuple | list) and len(real) == 2
        videos, labels = real if is_pair else (real, None)
        # Now, and not when the first epoch has been trained.
        self.real = check_videos(videos), labels
        check_at_least(1, every=every)
        has_features = classifier is not None or extractor is not None
        check_counts(count, len(self.real[0]), has_features)
        if classifier is not None:
            classifier.classify(self.real[0][:1])  # refuses other sizes
        self.classifier, self.extractor = classifier, extractor
        self.colors, self.count = colors, count
        self.every, self.seed = every, seed
        self._keys = ()

    def on_train_begin(self, logs=None):
        """Checks that the real videos have frames of the model's size."""
        own, real = self.model.frame_shape(), self.real[0].shape[2:]
        if real != own:
            raise ValueError(
                f"`real` must have frames of the model's size, {own}. Received: videos "
                f"of shape {self.real[0].shape}. Resize them: `video_dataset` takes "
                "`image_size`."
            )

    def on_epoch_end(self, epoch, logs=None):
        """Adds the scores of this epoch to `logs`, a dictionary."""
        if (epoch + 1) % self.every:
            return
        try:
            generated = self._generate()
        except NotFiniteError as error:
            warnings.warn(f"Epoch {epoch + 1} has no scores: {error}", stacklevel=2)
            logs.update(dict.fromkeys(self._keys, np.nan))
            return
        scores = evaluate_videos(
            generated,
            self._real_like(generated[0]),
            self.classifier,
            self.extractor,
            self.colors,
            self.seed,
        )
        self._keys = [score.key for score in scores]
        logs.update({score.key: score.value for score in scores})

    def _generate(self):
        model, labels, frames = self.model, None, None
        if model.num_classes:
            labels = np.arange(self.count) % model.num_classes
        if hasattr(model, "sample_motion"):  # any length
            frames = self.real[0].shape[1]
        with ema_weights(model):
            like = contents_like(model, self.real[0], self.count)
            videos = model.generate(
                self.count, frames, labels=labels, seed=self.seed, **like
            )
        return with_time(videos), labels

    def _real_like(self, generated):
        videos, labels = self.real
        if generated.shape[1] == 1 < videos.shape[1]:
            random = np.random.default_rng(self.seed)
            frame = random.integers(0, videos.shape[1], len(videos))
            videos = videos[np.arange(len(videos)), frame][:, None]
        return videos, labels
