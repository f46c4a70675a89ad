"""The rest of an epoch that was interrupted."""

import keras
import numpy as np

# True for Keras, but different from the True of a callback that ends the training.
_CUT = "the epoch is cut"


class ResumeEpoch(keras.callbacks.Callback):
    """Completes the epoch in which the model was saved, before whole epochs follow.

    `fit` counts epochs, but a checkpoint may lie inside one: the first epoch then gets
    only the steps that are left. Its logs are means over all of its steps, because the
    model's file holds the running means. A call that goes on from any point:

    ```
    step = model.global_step
    model.fit(
        km.data.video_dataset(..., repeat=True, first_step=step),
        steps_per_epoch=500,
        initial_epoch=step // 500,
        epochs=200,
        callbacks=[km.callbacks.ResumeEpoch(), ...],
    )
    ```

    Put it first in the list of callbacks, and give `fit` a data set that does not
    end: one of `video_dataset` with `repeat=True`, or an endless `DataLoader` or
    generator. (Keras cannot cut a `PyDataset` short.) Another callback that sets
    `model.stop_training` ends the training as usual.
    """

    def on_train_begin(self, logs=None):
        steps = self.params["steps"]
        done = self.model.global_step % steps if steps else 0
        # Batches begin every `steps_per_execution` steps; this is the last of them.
        self._last = steps - done - self.model.steps_per_execution if done else None
        self._means = [
            np.array(keras.ops.convert_to_numpy(variable))  # PyTorch's is a view
            for variable in self.model.metrics_variables
        ]

    def on_epoch_begin(self, epoch, logs=None):
        if self._last is not None:  # Keras has just set the means to zero
            pairs = zip(self.model.metrics_variables, self._means, strict=True)
            for variable, value in pairs:
                variable.assign(value)

    # Not at the batch's end: see `Checkpoint`.
    def on_train_batch_begin(self, batch, logs=None):
        if self._last is not None and batch >= self._last:
            if not self.model.stop_training:
                self.model.stop_training = _CUT  # when this batch is done

    def on_epoch_end(self, epoch, logs=None):
        self._last = None
        if self.model.stop_training is _CUT:
            self.model.stop_training = False
