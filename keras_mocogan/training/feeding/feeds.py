"""The checks of one call of `fit`, `evaluate` or `predict`."""

from typing import Any, Self

import keras

from keras_mocogan.training import inputs
from keras_mocogan.training.feeding.batch_check import (
    BatchCheck,
    naming,
    refuse_weights,
)

_INFINITE = -1  # as `tf.data.INFINITE_CARDINALITY`


class Feeds:
    """Checks the data of one call, as a context around the call.

    At the end of the context it raises the error that a batch's check has found.

    Args:
        spec: The model's `ClipSpec`.
        with_labels: Whether labels are checked.
    """

    def __init__(self, spec: inputs.ClipSpec, with_labels: bool = True) -> None:
        self._spec, self._with_labels = spec, with_labels
        self._checks = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: Any,
    ) -> None:
        if not isinstance(error, Exception):
            return
        for check in self._checks:
            found = check.error_behind(error)
            if found is error:
                return
            if found is not None:
                raise found from None

    def take(
        self,
        x: Any,
        y: Any = None,
        steps: int | None = None,
        argument: str = "x",
        steps_argument: str = "steps",
        **how: Any,
    ) -> Any:
        """Checks what can be checked at the start, reading at most a first batch.

        Args:
            x, y: As in `fit`.
            steps: Steps of an epoch, or None for all.
            argument, steps_argument: The user's names for `x` and `steps`.
            **how: `shuffle` as in `fit`, for a `PyDataset`.

        Returns:
            What to pass to Keras for `x`: its batches are checked as they pass.

        Raises:
            ValueError: If something does not fit.
        """
        if inputs.is_array(x):
            self.check_arrays(x, y, argument, "y")
            return x
        check = BatchCheck(self._spec, argument, self._with_labels)
        self._checks.append(check)
        with naming(argument):
            _check_kind(x)
            _check_end(x, steps, steps_argument)
            if y is not None:
                raise ValueError(
                    "Labels of a data set must be in its batches. Received: `y` with a "
                    "data set. Leave `y` out, and make the batches `(videos, labels)`."
                )
        if hasattr(x, "element_spec") and _is_tensorflow(x):
            from keras_mocogan.training.feeding.tensorflow_data import checked

            return checked(x, check)
        from keras_mocogan.training.feeding import adapters

        with naming(argument):
            _check_processes(x)
        return adapters.adapt(x, check, **how)

    def take_validation(self, data: Any, steps: int | None) -> Any:
        """The same for `validation_data`, which may be a tuple."""
        name = "validation_data"
        if data is None:
            return None
        if isinstance(data, tuple | list):
            with naming(name):
                x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
                refuse_weights(sample_weight=weights)
            if inputs.is_array(x):
                self.check_arrays(x, y, name, name)
                return x, y
            data = x if y is None else data
        return self.take(data, None, steps, name, "validation_steps")

    def check_arrays(
        self, videos: Any, labels: Any, argument: str, label_argument: str
    ) -> None:
        """Checks whole arrays of videos and labels."""
        with naming(argument):
            if not inputs.is_array(videos):
                raise ValueError(
                    "Videos must be one array or tensor. Received: a "
                    f"{type(videos).__name__}. Make single clips one by "
                    "`np.stack(clips)`; data sets are for `fit`, `evaluate` and "
                    "`predict`."
                )
            inputs.check_videos(videos, self._spec)
        if labels is not None and self._with_labels:
            with naming(label_argument):
                inputs.check_labels(labels, self._spec, videos.shape[0])


def _is_tensorflow(x):
    """Whether `x` is a data set of TensorFlow, also one that a strategy distributed."""
    return any(kind.__module__.startswith("tensorflow.") for kind in type(x).__mro__)


def _check_kind(x):
    if isinstance(x, keras.utils.PyDataset):
        return
    if hasattr(x, "__iter__") and not isinstance(x, dict | list | tuple | str):
        return
    hint = ""
    if isinstance(x, dict):
        hint = " Pass the arrays in it as two arguments, `fit(videos, labels)`."
    elif isinstance(x, list | tuple):
        hint = (
            " Pass videos and labels as two arguments, `fit(videos, labels)`, and "
            "single clips as one array, `np.stack(clips)`."
        )
    raise ValueError(
        "Videos must come as one array, a tf.data.Dataset, a keras.utils.PyDataset, a "
        f"torch DataLoader or a generator of batches. Received: a {type(x).__name__}."
        f"{hint}"
    )


def _check_end(x, steps, steps_argument):
    if steps is not None:
        return
    endless = False
    if isinstance(x, keras.utils.PyDataset):
        endless = x.num_batches is None
    elif callable(getattr(x, "cardinality", None)):
        endless = int(x.cardinality()) == _INFINITE
    if endless:
        raise ValueError(
            f"Data that never ends needs `{steps_argument}`. Received: "
            f"{steps_argument}=None. Pass the number of batches in an epoch."
        )


def _check_processes(x):
    # Keras would check this for the data itself, but it gets an adapter.
    distribution = keras.distribution.distribution()
    if getattr(distribution, "_is_multi_process", False) and getattr(
        distribution, "auto_shard_dataset", False
    ):
        raise ValueError(
            "With several processes Keras can only share out a tf.data.Dataset. "
            f"Received: a {type(x).__name__}. Give each process its own part of the "
            "batches, and the distribution `auto_shard_dataset=False`."
        )
