"""Random numbers of the adversarial step, all from the model's own seed generator."""

import keras
from keras import ops

from keras_mocogan import backend


class RandomDraws:
    """Draws and random choices of a model with `seed_generator` and `image_frames`.

    A row is a clip's: devices that share the batch share the rows.
    """

    def draw_normal(self, shape):
        """Draws float32 from N(0, I)."""
        drawn = keras.random.normal(shape, dtype="float32", seed=self.seed_generator)
        return backend.shard_batch(drawn)

    def draw_uniform(self, shape, low, high):
        """Draws float32 evenly from [low, high)."""
        drawn = keras.random.uniform(
            shape, low, high, dtype="float32", seed=self.seed_generator
        )
        return backend.shard_batch(drawn)

    def draw_integers(self, shape, end):
        """Draws int32 in [0, end); of shape `()` one for all clips."""
        drawn = keras.random.randint(
            shape, 0, end, dtype="int32", seed=self.seed_generator
        )
        return backend.shard_batch(drawn) if shape else drawn

    def random_window(self, sequence, length):
        """`length` consecutive entries of axis 1, from one random start."""
        if sequence.shape[1] == length:
            return sequence
        # TensorFlow's graph may leave the number of frames open.
        start = self.draw_integers((), ops.shape(sequence)[1] - length + 1)
        zeros = [0] * (len(sequence.shape) - 2)
        sizes = (ops.shape(sequence)[0], length, *sequence.shape[2:])
        return ops.slice(sequence, [0, start, *zeros], sizes)

    def random_frames(self, clips):
        """`image_frames` random frames of each clip: the paper's S_1, where it is 1."""
        count = self.image_frames
        index = self.draw_integers((ops.shape(clips)[0], count), clips.shape[1])
        index = ops.reshape(index, (-1, count, 1, 1, 1))
        frames = ops.take_along_axis(clips, index, axis=1)
        return ops.reshape(frames, (-1, *clips.shape[2:]))
