"""Networks: functional Keras models that can be used on their own.

A network is made from sizes alone. Nothing here knows about losses, training, or the
system that a network is part of.
"""
