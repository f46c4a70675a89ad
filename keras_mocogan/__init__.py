"""MoCoGAN for Keras 3: video generation on TensorFlow, JAX and PyTorch."""

import os

# Read when TensorFlow is loaded, so it comes first. On processors without AVX-512
# TensorFlow leaves oneDNN off, and its own gradient of a 3D convolution is up to 45
# times slower.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

from keras_mocogan import callbacks, data, latents, losses, metrics, video
from keras_mocogan.discriminators import ImageDiscriminator, VideoDiscriminator
from keras_mocogan.generators import ImageGenerator, MotionGenerator
from keras_mocogan.mocogan import MoCoGAN
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
    "callbacks",
    "data",
    "latents",
    "losses",
    "metrics",
    "video",
]
