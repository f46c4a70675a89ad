"""Networks: functional Keras models that can be used on their own.

A network is made of sizes alone. Nothing here knows of losses, training, or which
system it is part of.
"""
