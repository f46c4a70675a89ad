"""Directions in the space of contents along which frames change most."""

import keras
import numpy as np


def content_directions(model: keras.Model, count: int) -> np.ndarray:
    """Orthogonal directions of unit length, those that change most pixels first.

    Contents are drawn and decoded with the same few motion vectors. A linear regression
    tells how the pixels follow from the content; its left singular vectors are the
    directions. (The contents' own principal directions would say nothing: they are
    drawn alike in all directions.)

    Args:
        model: A `MoCoGAN`.
        count: Number of directions, at most `content_dim`.

    Returns:
        float32 array of shape `(count, content_dim)`; each one's largest entry is
        positive.
    """
    n = 4 * model.content_dim
    content = model.sample_content(n, seed=0)
    frame_labels = 0 if model.num_classes and model.category_input == "frame" else None
    motion = model.sample_motion(1, num_frames=2, seed=0)
    pixels = model.decode(content, motion, frame_labels).reshape(n, -1)
    centered = content - content.mean(0)
    slopes = np.linalg.lstsq(centered, pixels - pixels.mean(0), rcond=None)[0]
    directions = np.linalg.svd(slopes, full_matrices=False)[0].T[:count]
    largest = np.abs(directions).argmax(1)
    return (
        directions * np.sign(directions[np.arange(len(directions)), largest])[:, None]
    )
