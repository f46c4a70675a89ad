"""Random numbers of the adversarial step, all from the model's own seed generator."""

from typing import Any

import keras
from keras import ops

from keras_mocogan import backend
from keras_mocogan.backend import kernels


class StepRandom:
    """Draws and random choices of a step.

    Each row belongs to a clip: devices that share the batch share the rows.

    Args:
        seed_generator: `layers.seeds.SeedGenerator` that everything is drawn from.
    """

    def __init__(self, seed_generator: keras.random.SeedGenerator) -> None:
        self._seed = seed_generator

    def normal(self, shape: tuple[Any, ...]) -> Any:
        """Draws float32 from N(0, I)."""
        return backend.draw_batch(
            lambda shape: keras.random.normal(shape, dtype="float32", seed=self._seed),
            shape,
        )

    def uniform(
        self, shape: tuple[Any, ...], low: float = 0.0, high: float = 1.0
    ) -> Any:
        """Draws float32 uniformly from [low, high)."""
        how = {"dtype": "float32", "seed": self._seed}
        return backend.draw_batch(
            lambda shape: keras.random.uniform(shape, low, high, **how), shape
        )

    def integers(self, shape: tuple[Any, ...], end: Any) -> Any:
        """Draws int32 in [0, end); the shape `()` gives one number for all clips."""

        def draw(shape):
            return keras.random.randint(shape, 0, end, dtype="int32", seed=self._seed)

        return backend.draw_batch(draw, shape) if shape else draw(shape)

    def category(self, n: Any, num_classes: int) -> tuple[Any, Any]:
        """Draws classes: int32 labels `(n,)`, and their one-hot codes, float32."""
        labels = self.integers((n,), num_classes)
        return labels, ops.one_hot(labels, num_classes, dtype="float32")

    def window(self, sequence: Any, length: int) -> Any:
        """`length` consecutive entries of axis 1, from one random start."""
        if sequence.shape[1] == length:
            return sequence
        # In TensorFlow's graph the number of frames may be unknown.
        start = self.integers((), ops.shape(sequence)[1] - length + 1)
        zeros = [0] * (len(sequence.shape) - 2)
        sizes = (ops.shape(sequence)[0], length, *sequence.shape[2:])
        return ops.slice(sequence, [0, start, *zeros], sizes)

    def disordered(self, clips: Any) -> Any:
        """The frames of each clip in random order, or one of them over and over.

        Which of the two is chosen by chance, for each clip `(n, frames, ...)`.
        """
        n, length = ops.shape(clips)[0], clips.shape[1]
        order = ops.argsort(self.uniform((n, length)), axis=-1)
        stands_still = self.uniform((n, 1)) < 0.5
        return kernels.pick(clips, ops.where(stands_still, order[:, :1], order))

    def frames(self, clips: Any, count: int, together: int = 1) -> Any:
        """Random frames of each clip; with a `count` of 1, this is the paper's S_1.

        Args:
            clips: `(n, frames, ...)`.
            count: Draws from each clip.
            together: Frames in a draw, all different and in random order.

        Returns:
            `(n * count, ...)`, or `(n * count, together, ...)` if that is above 1.
        """
        n, length = ops.shape(clips)[0], clips.shape[1]
        if together == 1:
            index = self.integers((n, count), length)
        else:
            order = ops.argsort(self.uniform((n, count, length)), axis=-1)
            index = order[..., :together]
        frames = kernels.pick(clips, ops.reshape(index, (-1, count * together)))
        group = () if together == 1 else (together,)
        return ops.reshape(frames, (-1, *group, *clips.shape[2:]))
