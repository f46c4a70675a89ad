"""MoCoGAN for Keras 3: video generation on TensorFlow, JAX and PyTorch."""

from keras_mocogan import data, latents, losses, video
from keras_mocogan.mocogan import MoCoGAN
from keras_mocogan.networks import (
    ImageDiscriminator,
    ImageGenerator,
    MotionGenerator,
    VideoDiscriminator,
)
from keras_mocogan.optimizer_group import OptimizerGroup
from keras_mocogan.version import __version__

__all__ = [
    "ImageDiscriminator",
    "ImageGenerator",
    "MoCoGAN",
    "MotionGenerator",
    "OptimizerGroup",
    "VideoDiscriminator",
    "__version__",
    "data",
    "latents",
    "losses",
    "video",
]
