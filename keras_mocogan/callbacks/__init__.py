"""What a training run shows and keeps: previews, scores, loss curves, checkpoints.

Where several processes train one model, each is given the same callbacks: what they
compute takes all processes, and the first one writes.
"""

from keras_mocogan.callbacks.averages import averaged_weights
from keras_mocogan.callbacks.checkpoint_files import latest_checkpoint, save_atomically
from keras_mocogan.callbacks.checkpoints import Checkpoint
from keras_mocogan.callbacks.epoch_remainder import EpochRemainder
from keras_mocogan.callbacks.loss_curves import LossCurves
from keras_mocogan.callbacks.previews import PreviewGrid
from keras_mocogan.callbacks.scores import MetricsCallback

__all__ = [
    "Checkpoint",
    "EpochRemainder",
    "LossCurves",
    "MetricsCallback",
    "PreviewGrid",
    "averaged_weights",
    "latest_checkpoint",
    "save_atomically",
]
