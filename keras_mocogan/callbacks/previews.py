"""Videos from the model as it learns."""

import os
import warnings
from pathlib import Path

import keras
import numpy.typing as npt

from keras_mocogan import video
from keras_mocogan.callbacks.averages import ema_weights
from keras_mocogan.checks import check_at_least
from keras_mocogan.utils import processes
from keras_mocogan.utils.files import remove_unfinished
from keras_mocogan.utils.finite import NotFiniteError
from keras_mocogan.utils.remote.remote_path import RemotePath, as_path
from keras_mocogan.video.gif import check_gif_fps


class PreviewGrid(keras.callbacks.Callback):
    """Writes a GIF at the end of epochs: MoCoGAN's columns are contents, rows motions.

    All previews use the same latents, so they show how the videos change. With classes,
    the rows take the classes in turn. If the videos are not finite, none is written,
    and a warning says so.

    Args:
        directory: Folder of the previews, or its URL: `epoch_0001.gif` and so on.
        contents, motions: Numbers of columns and of rows.
        every: Epochs from one preview to the next.
        fps: Frames a second, at most 50.
        seed: Integer that fixes contents and motions.
        images: For a model with an image encoder, the images that the columns begin
            with, `(contents, height, width, channels)`; see `MoCoGAN.animate`. None
            draws the contents, which such a model has not learned; a warning says so.

    Attributes:
        written: List of `(step, path)`, an integer and a `Path`, of the previews that
            this object wrote, for callbacks that show them elsewhere. Of several
            processes, only the first one writes.

    Raises:
        ValueError: If a number is out of its range, or `images` are not as many as
            `contents`.

    Example:

    ```python
    videos, _ = km.data.shape_motion(8, num_frames=4, image_size=32)
    model = km.MoCoGAN.from_recipe("short", image_size=32, clip_frames=4)
    previews = km.callbacks.PreviewGrid("previews", contents=4, motions=2)
    model.fit(videos, callbacks=[previews])
    ```
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        contents: int = 8,
        motions: int = 4,
        every: int = 1,
        fps: float = 8,
        seed: int = 0,
        images: npt.ArrayLike | None = None,
    ) -> None:
        super().__init__()
        # Now, and not when the first epoch has been trained.
        check_at_least(1, contents=contents, motions=motions, every=every)
        check_gif_fps(fps)
        if images is not None and len(images) != contents:
            raise ValueError(
                "`images` must be as many as `contents`, one for each column. "
                f"Received: {len(images)} images, contents={contents}."
            )
        self.directory = as_path(directory)
        self.contents, self.motions = contents, motions
        self.every, self.fps, self.seed = every, fps, seed
        self.images = images
        self.written = []

    def on_train_begin(self, logs=None):
        has_encoder = getattr(self.model, "image_encoder", None) is not None
        if has_encoder and self.images is None:
            warnings.warn(
                "Previews show drawn contents, but a model with an image encoder "
                "learns those of images. Pass `images`, first frames of some clips.",
                stacklevel=2,
            )
        if processes.is_primary():
            remove_unfinished(self.directory)

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every:
            return
        self.write(self.directory / f"epoch_{epoch + 1:04d}.gif")

    def write(self, path: Path | RemotePath) -> None:
        """Writes a preview of the model as it is; all processes must take part."""
        try:
            with ema_weights(self.model):
                videos = self._videos()
        except NotFiniteError as error:
            warnings.warn(f"{path} is not written: {error}", stacklevel=3)
            return
        step = self.model.global_step
        if not processes.is_primary():
            return
        video.write_gif(path, videos, fps=self.fps, columns=self.contents)
        self.written.append((step, path))

    def _videos(self):
        size = self.contents, self.motions, self.seed
        if self.images is None:
            return self.model.preview_videos(*size)
        content = self.model.encode(self.images)
        return self.model.preview_videos(*size, content=content)
