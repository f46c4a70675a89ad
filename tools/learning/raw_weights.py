"""Training in several calls of `fit`, each from where the last one stopped."""

import keras
import numpy as np


class RawWeights(keras.callbacks.Callback):
    """Gives the weights back that the last step made.

    Keras ends `fit` by making the optimizers' averages the weights. Without this, the
    next call of `fit` would begin with the averages.
    """

    def on_epoch_end(self, epoch, logs=None):
        # Copies: on PyTorch a bare array would share the variable's memory.
        self.values = [np.array(keras.ops.convert_to_numpy(v)) for v in self._weights()]

    def on_train_end(self, logs=None):
        for variable, value in zip(self._weights(), self.values, strict=True):
            variable.assign(value)

    def _weights(self):
        return self.model.trainable_variables
