"""Contents of real clips, for models that have learned no others."""

from typing import Any

import numpy as np


def contents_like(model: Any, videos: np.ndarray, count: int) -> dict[str, np.ndarray]:
    """The argument `content` of `generate`, for scores and previews.

    A model with an image encoder is trained on contents of first frames alone. Drawn
    ones would show what it never learned.

    Args:
        model: A model of this package.
        videos: uint8 `(n, frames, height, width, channels)`.
        count: Number of contents; the videos are taken in turn.

    Returns:
        `{"content": (count, content_dim)}`; nothing for a model without an encoder.
    """
    if getattr(model, "image_encoder", None) is None:
        return {}
    images = videos[np.arange(count) % len(videos), 0]
    return {"content": model.encode(images)}
