"""`fit`, `evaluate` and `predict`, which check their data on its way in."""

from typing import Any

import numpy.typing as npt

from keras_mocogan.checks import check_at_least, is_number
from keras_mocogan.training.feeding import Feeds, refuse_weights
from keras_mocogan.training.finite_losses import look_first


class CheckedData:
    """The methods of Keras that take data, for a model with a `clip_spec`."""

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: None = None,
        sample_weight: None = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | list[int] = 1,
    ) -> Any:
        """Trains as `keras.Model.fit` does.

        Args:
            x: Videos of shape `(n, frames, height, width, channels)`, uint8 0..255
                or float in [-1, 1], as an array; or what `video_dataset` gives, a
                `tf.data.Dataset`, `keras.utils.PyDataset`, torch `DataLoader` or
                another iterable of batches of `videos` or `(videos, labels)`.
            y: Labels, integers of shape `(n,)`, if `x` is an array; or None.
            validation_data: `(videos, labels)`, or a data set as for `x`.
            class_weight, sample_weight: None; adversarial losses cannot be weighted.
            steps_per_epoch: As in `keras.Model.fit`, like all other arguments. Endless
                data needs it.

        Returns:
            The `keras.callbacks.History`.

        Raises:
            ValueError: If shapes, dtypes, ranges, labels or counts do not fit. Whole
                arrays are checked before training. For data sets, shapes, dtypes and
                labels are checked in every batch before its step, and the range of
                float videos in the first; whatever their spec or first batch shows is
                checked before training.
        """
        refuse_weights(sample_weight=sample_weight, class_weight=class_weight)
        _check_counts(
            batch_size=batch_size,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
            validation_batch_size=validation_batch_size,
        )
        check_at_least(0, epochs=epochs, initial_epoch=initial_epoch)
        if not is_number(validation_split) or not 0 <= validation_split < 1:
            raise ValueError(
                "`validation_split` must be at least 0 and below 1. Received: "
                f"validation_split={validation_split!r}."
            )
        with Feeds(self.clip_spec) as feeds:
            validation_data = feeds.take_validation(validation_data, validation_steps)
            x = feeds.take(
                x, y, steps_per_epoch, "x", "steps_per_epoch", shuffle=shuffle
            )
            return super().fit(
                x,
                y,
                batch_size=batch_size,
                epochs=epochs,
                verbose=verbose,
                callbacks=look_first(callbacks),
                validation_split=validation_split,
                validation_data=validation_data,
                shuffle=shuffle,
                initial_epoch=initial_epoch,
                steps_per_epoch=steps_per_epoch,
                validation_steps=validation_steps,
                validation_batch_size=validation_batch_size,
                validation_freq=validation_freq,
            )

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: None = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> dict[str, float] | list[float] | float:
        """Returns the losses on other videos; nothing in the model changes.

        It takes what `fit` takes; the noise is the same at every call.
        """
        if not self.compiled:
            raise ValueError(
                "The model must be compiled to have losses. Received: a model that is "
                "not compiled. Call `compile()` first."
            )
        refuse_weights(sample_weight=sample_weight)
        _check_counts(batch_size=batch_size, steps=steps)
        with Feeds(self.clip_spec) as feeds:
            if not kwargs.get("_use_cached_eval_dataset"):  # else `fit` has checked it
                x = feeds.take(x, y, steps)
            return super().evaluate(
                x,
                y,
                batch_size=batch_size,
                verbose=verbose,
                steps=steps,
                callbacks=callbacks,
                return_dict=return_dict,
                **kwargs,
            )

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> dict[str, npt.NDArray[Any]]:
        """Scores videos as calling the model does; returns NumPy arrays.

        It takes what `fit` takes; labels in the batches are ignored.
        """
        _check_counts(batch_size=batch_size, steps=steps)
        with Feeds(self.clip_spec, with_labels=False) as feeds:
            x = feeds.take(x, None, steps)
            return super().predict(
                x,
                batch_size=batch_size,
                verbose=verbose,
                steps=steps,
                callbacks=callbacks,
            )

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: None = None,
        class_weight: None = None,
        **kwargs: Any,
    ) -> dict[str, float] | list[float] | float:
        """Trains one step as `keras.Model.train_on_batch` does, on arrays."""
        refuse_weights(sample_weight=sample_weight, class_weight=class_weight)
        Feeds(self.clip_spec).check_arrays(x, y, "x", "y")
        return super().train_on_batch(x, y, **kwargs)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: None = None, **kwargs: Any
    ) -> dict[str, float] | list[float] | float:
        """Returns the losses on one batch, of arrays."""
        refuse_weights(sample_weight=sample_weight)
        Feeds(self.clip_spec).check_arrays(x, y, "x", "y")
        return super().test_on_batch(x, y, **kwargs)


def _check_counts(**counts):
    """Raises `ValueError` for a count that is neither None nor 1 or more.

    Keras takes 0 for None.
    """
    given = {name: count for name, count in counts.items() if count is not None}
    check_at_least(1, **given)
