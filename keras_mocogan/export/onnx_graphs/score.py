"""The graph that judges videos of any length, as calling the model does."""

from typing import Any

import keras
import numpy as np

from keras_mocogan.export.onnx_graphs.network import write_network
from keras_mocogan.export.onnx_graphs.values import GraphWriter, Value
from keras_mocogan.networks.discriminator_blocks import logits_of
from keras_mocogan.networks.image_discriminator import frames_together


def score(model: keras.Model) -> Any:
    """D_V on all windows of videos and D_I on all frames, an `onnx.ModelProto`.

    It maps `"videos"` `(batch, frames, height, width, channels)` in [-1, 1], of at
    least `clip_frames` frames, to mean logits, `"video"` and, with a D_I, `"image"`,
    both `(batch,)`; and, with classes, to mean probabilities `"category"` `(batch,
    num_classes)`.

    Raises:
        ValueError: If a discriminator has a layer that cannot be exported.
    """
    videos = _Videos(model)
    graph = videos.graph
    judged = write_network(graph, model.video_discriminator, videos.windows())
    graph.output("video", videos.mean(logits_of(judged)))
    if model.image_discriminator is not None:
        frames = videos.frames(frames_together(model.image_discriminator))
        seen = write_network(graph, model.image_discriminator, frames)
        graph.output("image", videos.mean(logits_of(seen)))
    if model.num_classes:
        logits, shape = judged["category_logits"], (None, model.num_classes)
        shares = graph.node("Softmax", [logits], shape, axis=-1)
        graph.output("category", videos.mean(shares, model.num_classes))
    return graph.model()


class _Videos:
    """The graph's input, and groups of its frames that are judged together."""

    def __init__(self, model):
        self.graph = GraphWriter("score")
        self._clip_frames, self._frame = (
            model.clip_spec.clip_frames,
            model.frame_shape(),
        )
        self._videos = self.graph.input("videos", None, *self._frame)
        self._count = self._size(0)
        self._length = self._size(1)

    def windows(self) -> Value:
        """All windows of all videos, `(rows, clip_frames, height, width, channels)`."""
        before = self._integers(self._clip_frames - 1)
        starts = self._integer_node("Sub", self._length, before)
        inside = self._integers(*range(self._clip_frames))
        places = self._integer_node("Add", self._column(starts), inside)
        return self._chosen(places, self._clip_frames)

    def frames(self, together: int) -> Value:
        """All frames, with those that `training.scoring.with_others` shows beside."""
        if together == 1:
            return self._rows(self._videos, self._frame)
        others = self._integers(*range(together))
        shifts = self._integer_node("Mul", self._length, others)
        shifts = self._integer_node("Div", shifts, self._integers(together))
        places = self._integer_node("Add", self._column(self._length), shifts)
        places = self._integer_node("Mod", places, self._length)
        return self._chosen(places, together)

    def mean(self, values: Value, size: int | None = None) -> Value:
        """Means of each video's values; `size` of them each if it is given."""
        kept = () if size is None else (size,)
        target = [self._count, self._integers(-1, *kept)]
        target = self.graph.node("Concat", target, (2 + len(kept),), axis=0)
        values = self.graph.channels_last(values)
        rows = self.graph.node("Reshape", [values, target], (None, None, *kept))
        return self.graph.node(
            "ReduceMean", [rows], (None, *kept), axes=[1], keepdims=0
        )

    def _size(self, axis):
        limits = {"start": axis, "end": axis + 1}
        return self.graph.node("Shape", [self._videos], (1,), **limits)

    def _column(self, count):
        """The numbers from 0 to before a count, one below the other."""
        scalars = self._integers(0), count, self._integers(1)
        scalars = [self.graph.node("Squeeze", [scalar], ()) for scalar in scalars]
        numbers = self.graph.node("Range", scalars, (None,))
        axis = self._integers(1)
        return self.graph.node("Unsqueeze", [numbers, axis], (None, 1))

    def _chosen(self, places, each):
        """The frames at `places` `(groups, each)` of every video, as rows."""
        shape = (None, None, each, *self._frame)
        groups = self.graph.node("Gather", [self._videos, places], shape, axis=1)
        return self._rows(groups, (each, *self._frame))

    def _rows(self, values, shape):
        target = self._integers(-1, *shape)
        return self.graph.node("Reshape", [values, target], (None, *shape))

    def _integers(self, *numbers):
        return self.graph.constant(np.array(numbers), "int64")

    def _integer_node(self, kind, *values):
        return self.graph.node(kind, list(values), (None,))
