"""From images to videos that begin with them."""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from keras_mocogan.networks.image_encoder import ImageEncoder
from keras_mocogan.sampling import latents
from keras_mocogan.training import inputs

# Images that are encoded at once, which bounds the memory.
_SLICE = 256


class ImageToVideo:
    """The methods of a `MoCoGAN` with an `image_encoder`."""

    def make_image_encoder(self) -> keras.Model:
        """The network of the slot `image_encoder`."""
        return self.fill_slot(
            "image_encoder",
            ImageEncoder,
            {"content_dim": self.content_dim, **self.frame_settings()},
            self.frame_shape(),
            (self.content_dim,),
        )

    def encode(self, images: npt.ArrayLike) -> np.ndarray:
        """The contents of images.

        Args:
            images: `(n, height, width, channels)` of the model's size, uint8 or floats
                in [-1, 1].

        Returns:
            float32 array of shape `(n, content_dim)`.

        Raises:
            ValueError: If the model has no encoder, or images do not fit.

        Example:

        ```python
        model = km.MoCoGAN(image_generator={"filters": 8}, image_encoder={"filters": 8})
        content = model.encode(images)
        between = km.latents.interpolate_content(*content, steps=4)
        ```
        """
        images = self._checked_images(images)
        found = [
            self._encode(images[start : start + _SLICE])
            for start in range(0, len(images), _SLICE)
        ]
        return np.concatenate(found)

    def animate(
        self,
        images: npt.ArrayLike,
        num_frames: int | None = None,
        labels: npt.ArrayLike | None = None,
        seed: int | None = None,
    ) -> np.ndarray:
        """Generates a video from each image.

        The content comes from the image, the motion is drawn. The first frame is what
        the model makes of the image, and only close to it.

        Args:
            images: `(n, height, width, channels)` of the model's size, uint8 or floats
                in [-1, 1].
            num_frames: Frames of each video; None means the model's `num_frames`.
            labels: Class of each video, an integer or `(n,)` integers; None draws
                them.
            seed: Integer that fixes motions and classes, or None for new ones at every
                call.

        Returns:
            uint8 NumPy videos `(n, num_frames, height, width, channels)`.

        Raises:
            ValueError: If the model has no encoder, or images, numbers or labels do not
                fit.

        References:
            Tulyakov and others, CVPR 2018, on image to video.

        Example:

        ```python
        model = km.MoCoGAN.from_recipe(
            "short",
            image_generator={"filters": 8},
            image_encoder={"filters": 8},
        )
        model.fit(videos, batch_size=2)
        animated = model.animate(images, num_frames=24, seed=0)
        ```
        """
        content = self.encode(images)
        return self.generate(
            len(content), num_frames, labels, content=content, seed=seed
        )

    def _encode(self, images):
        n = len(images)
        floats = ops.convert_to_numpy(inputs.to_model_range(images))
        # With sizes padded to powers of two, few have to be compiled.
        return self.image_encoder.predict_on_batch(latents.pad_rows(floats))[:n]

    def _checked_images(self, images: Any) -> np.ndarray:
        if self.image_encoder is None:
            raise ValueError(
                "The model must have an image encoder to take images. Received: a "
                "model with image_encoder=None. Make it with `image_encoder={}`, and "
                "train it; or find contents of clips with `keras_mocogan.project`."
            )
        images = inputs.to_numpy(images)
        inputs.check_images(images, self.clip_spec)
        return images
