"""Training: the adversarial step, what it minimizes, and Keras' side of it.

The step is written once for all backends and systems. No network and no way of
sampling is chosen here, and nothing here reads files of videos.
"""
