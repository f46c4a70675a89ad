"""What goes into `fit`, checked: arrays whole, data sets batch by batch as they pass.

A batch is looked at on its way into the step: a look beforehand would read it twice, or
lose it. Videos' shapes and labels are checked in every batch, the range of float videos
in the first.
"""

from keras_mocogan.training.feeding.feeds import Feeds, refuse_weights

__all__ = ["Feeds", "refuse_weights"]
