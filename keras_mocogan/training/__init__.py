"""Training: the adversarial step, what it minimizes, and the interface to Keras.

The step is written once for all backends and systems. Nothing here chooses a network or
a way of sampling, or reads files of videos.
"""
