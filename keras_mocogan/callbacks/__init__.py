"""What a training run shows and keeps: previews, scores, loss curves, checkpoints.

If several processes train one model, give each of them the same callbacks: all
processes take part in what they compute, and the first one writes.
"""

from keras_mocogan.callbacks.averages import ema_weights
from keras_mocogan.callbacks.checkpoint_files import latest_checkpoint, save_atomically
from keras_mocogan.callbacks.checkpoints import Checkpoint
from keras_mocogan.callbacks.history_logger import HistoryLogger
from keras_mocogan.callbacks.previews import PreviewGrid
from keras_mocogan.callbacks.resume_epoch import ResumeEpoch
from keras_mocogan.callbacks.scores import MetricsCallback
from keras_mocogan.callbacks.tensorboard import TensorBoard

__all__ = [
    "Checkpoint",
    "ResumeEpoch",
    "HistoryLogger",
    "MetricsCallback",
    "PreviewGrid",
    "TensorBoard",
    "ema_weights",
    "latest_checkpoint",
    "save_atomically",
]
