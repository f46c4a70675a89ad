"""Checks an epoch's losses before any other callback uses the model."""

from typing import Any

import keras


class FiniteLosses(keras.callbacks.Callback):
    """Ends a run whose losses are not finite, on behalf of its `Checkpoint`.

    Args:
        checkpoint: The `Checkpoint`, which knows the last good file.
    """

    def __init__(self, checkpoint: keras.callbacks.Callback) -> None:
        super().__init__()
        self.checkpoint = checkpoint

    def on_epoch_end(self, epoch, logs=None):
        self.checkpoint.check_losses(logs)


def look_first(callbacks: Any) -> Any:
    """Puts each `Checkpoint`'s check of the losses before all other callbacks.

    Args:
        callbacks: As `fit` takes them: one, several, nested, or None; or a
            `keras.callbacks.CallbackList`, which is returned as it is.
    """
    if callbacks is None or isinstance(callbacks, keras.callbacks.CallbackList):
        return callbacks
    flat = keras.tree.flatten(callbacks)
    looks = [c.look for c in flat if isinstance(getattr(c, "look", None), FiniteLosses)]
    return [*looks, *flat]
