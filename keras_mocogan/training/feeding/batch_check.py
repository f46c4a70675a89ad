"""The check of each batch of one data set."""

import contextlib
from collections.abc import Iterator
from typing import Any

from keras_mocogan.training import hints, inputs


@contextlib.contextmanager
def naming(argument: str) -> Iterator[None]:
    """Adds the argument's name to a `ValueError` of the block."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"`{argument}`: {error}") from None


class BatchCheck:
    """Checks batches, in whatever thread they are read.

    Args:
        spec: The model's `ClipSpec`.
        argument: The user's name for the data, for messages.
        with_labels: Whether labels are checked.

    Attributes:
        error: The `ValueError` of the batch that did not fit, or the error with which
            the data set ended, or None. Readers' threads pass on another exception, or
            none.
        messages: What ended the reading, as far as the data set collects that.
    """

    def __init__(
        self, spec: inputs.ClipSpec, argument: str, with_labels: bool = True
    ) -> None:
        self.spec, self.argument, self.with_labels = spec, argument, with_labels
        self.error, self.messages = None, ()

    def error_behind(self, error: Exception) -> Exception | None:
        """The error of this data set that arrived as `error`, or None."""
        if self.error is not None:
            return self.error
        for message in self.messages:
            if message in str(error):
                return ValueError(message)
        return None

    @contextlib.contextmanager
    def noting(self) -> Iterator[None]:
        """Adds the argument's name to a `ValueError` of the block, and keeps it."""
        try:
            with naming(self.argument):
                yield
        except ValueError as error:
            self.error = error
            raise

    def __call__(self, batch: Any, is_primary: bool = False) -> tuple[Any, ...]:
        """Returns the batch as `(videos,)` or `(videos, labels)`.

        Args:
            batch: Tensors or arrays of any framework.
            is_primary: Whether to check the range of float videos.

        Raises:
            ValueError: If it does not fit.
        """
        with self.noting():
            videos, labels = self.unpack(batch)
            inputs.check_videos(videos, self.spec, values=is_primary)
            if labels is None:
                return (videos,)
            if self.with_labels:
                inputs.check_labels(labels, self.spec, videos.shape[0])
            return videos, labels

    def unpack(self, batch: Any) -> tuple[Any, Any]:
        """The videos and labels (or None) of a batch, or those of its spec."""
        if inputs.is_array(batch):
            return batch, None
        if isinstance(batch, tuple | list) and 1 <= len(batch) <= 3:
            videos, labels, weights = (*batch, None, None)[:3]
            if inputs.is_array(videos) and (labels is None or inputs.is_array(labels)):
                if weights is not None:
                    refuse_weights(sample_weight=weights)
                return videos, labels
        raise ValueError(
            "A batch must be `videos` or `(videos, labels)`. Received: "
            + self._describe(batch)
        )

    def _describe(self, batch):
        kind = f"a {type(batch).__name__}"
        if isinstance(batch, dict):
            keys = ", ".join(map(repr, batch))
            wants_labels = self.with_labels and self.spec.num_classes
            return (
                f"{kind} with the keys {keys}. {hints.about_dict(batch, wants_labels)}"
            )
        if isinstance(batch, tuple | list):
            parts = ", ".join(type(part).__name__ for part in batch[:4])
            kind += f" of {len(batch)} ({parts}{', ...' if len(batch) > 4 else ''})"
        return (
            f"{kind}. Pass one array of videos, or a tuple of one array of videos and "
            "one of labels."
        )


def refuse_weights(**weights: Any) -> None:
    """Raises `ValueError` if one of `weights` is given."""
    for name, weight in weights.items():
        if weight is not None:
            raise ValueError(
                f"Adversarial losses cannot be weighted. Received: {name}. Leave it "
                "out; for the batches of a tf.data.Dataset, "
                "`.map(lambda videos, labels, weights: (videos, labels))` does that."
            )
