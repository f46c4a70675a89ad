"""Adapters through which Keras reads Python data sets, with each batch checked.

Keras accepts an adapter of its own kind in place of `x`. Its stock adapters take bare
tensors from a `DataLoader` apart, refuse those from a generator, and let the first two
batches decide the shapes that TensorFlow compiles for.
"""

from typing import Any

import keras
from keras.src.trainers.data_adapters.data_adapter import DataAdapter
from keras.src.trainers.data_adapters.py_dataset_adapter import PyDatasetAdapter

from keras_mocogan.training import inputs


def adapt(data: Any, check: Any, shuffle: bool = False) -> DataAdapter:
    """An adapter for a `PyDataset`, or for anything else that iterates over batches.

    Args:
        data: The data set.
        check: Its `BatchCheck`.
        shuffle: Whether the batches of a `PyDataset` are shuffled.

    Raises:
        ValueError: If the first batch does not fit.
    """
    if isinstance(data, keras.utils.PyDataset):
        return CheckedPyDataset(data, check, shuffle)
    return CheckedBatches(data, check)


class CheckedPyDataset(PyDatasetAdapter):
    """Keras' adapter for a `PyDataset`, with its workers, that checks each batch.

    One batch is read one more time at the start. That is allowed, because any batch may
    be read at any time, and by the first epoch the data set may have changed its order.
    """

    def __init__(self, data: keras.utils.PyDataset, check: Any, shuffle: bool) -> None:
        super().__init__(data, shuffle=shuffle)
        self._check = check
        with check.noting():
            if data.num_batches == 0:
                raise ValueError("There must be at least one batch. Received: none.")
        first = check(data[0], is_primary=True)
        if keras.config.backend() == "tensorflow":
            from keras_mocogan.training.feeding.tensorflow_data import open_spec

            self._output_signature = open_spec(first, check.spec)

    def _standardize_batch(self, batch):
        return self._check(batch)


class CheckedBatches(DataAdapter):
    """Adapter for a `DataLoader`, a generator or the like that checks each batch.

    The first batch is read immediately, and is the first one that Keras gets.
    """

    def __init__(self, data: Any, check: Any) -> None:
        self._data, self._check = data, check
        self._begun = self._begin()
        self._first = next(self._begun)
        if keras.config.backend() == "tensorflow":
            from keras_mocogan.training.feeding.tensorflow_data import open_spec

            self._output_signature = open_spec(self._first, check.spec)

    def _read(self):
        """Yields batches; `Feeds` raises an error of theirs where Keras wraps it."""
        try:
            yield from self._data
        except Exception as error:
            self._check.error = error
            raise

    def _begin(self):
        """Yields checked batches, at least one."""
        iterator = self._read()
        first = next(iterator, None)
        if first is None:
            with self._check.noting():
                raise ValueError(
                    "There must be a batch for every epoch. Received: data that is "
                    "empty, or a generator that has ended. Let a generator go on, and "
                    "pass the number of steps in an epoch."
                )
        yield self._check(first, is_primary=True)
        for batch in iterator:
            yield self._check(batch)

    def _batches(self):
        begun, first = self._begun, self._first
        self._begun = self._first = None
        if begun is None:
            yield from self._begin()
            return
        yield first
        yield from begun

    def get_numpy_iterator(self):
        for batch in self._batches():
            yield tuple(map(inputs.to_numpy, batch))

    def get_jax_iterator(self):
        for batch in self._batches():
            yield tuple(
                part if keras.ops.is_tensor(part) else inputs.to_numpy(part)
                for part in batch
            )

    def get_torch_dataloader(self):
        # On the device, like everything that Keras passes to a step.
        for batch in self._batches():
            yield tuple(map(keras.ops.convert_to_tensor, batch))

    def get_tf_dataset(self):
        from keras_mocogan.training.feeding.tensorflow_data import from_batches

        return from_batches(self.get_numpy_iterator, self._output_signature)

    @property
    def num_batches(self):
        try:
            return len(self._data)
        except TypeError:  # a generator, or a data set that does not know its length
            return None

    @property
    def batch_size(self):
        return None

    @property
    def has_partial_batch(self):
        return None

    @property
    def partial_batch_size(self):
        return None
