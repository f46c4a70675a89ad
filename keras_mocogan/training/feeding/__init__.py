"""Checks what goes into `fit`: whole arrays, and the batches of data sets as they pass.

A batch is checked on its way into the step, because checking it before would read it
twice or lose it. Shapes and labels are checked in every batch, and the range of float
videos in the first.
"""

from keras_mocogan.training.feeding.feeds import Feeds, refuse_weights

__all__ = ["Feeds", "refuse_weights"]
