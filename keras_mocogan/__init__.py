"""MoCoGAN for Keras 3: video generation on TensorFlow, JAX and PyTorch."""

import os

# Read when TensorFlow is loaded, so it comes first. On processors without AVX-512
# TensorFlow leaves oneDNN off, and its own gradient of a 3D convolution is up to 45
# times slower.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

from keras_mocogan import (
    callbacks,
    constraints,
    data,
    latents,
    losses,
    metrics,
    precision,
    processes,
    video,
)
from keras_mocogan.adam import Adam
from keras_mocogan.discriminators import (
    ClipDiscriminator,
    ImageDiscriminator,
    VideoDiscriminator,
)
from keras_mocogan.export import export_saved_model
from keras_mocogan.generators import ImageGenerator, MotionGenerator
from keras_mocogan.image_gan import ImageGAN
from keras_mocogan.mocogan import MoCoGAN
from keras_mocogan.optimizer_group import OptimizerGroup
from keras_mocogan.tgan import TGAN
from keras_mocogan.version import __version__
from keras_mocogan.vgan import VGAN

__all__ = [
    "Adam",
    "ClipDiscriminator",
    "ImageDiscriminator",
    "ImageGAN",
    "ImageGenerator",
    "MoCoGAN",
    "MotionGenerator",
    "OptimizerGroup",
    "TGAN",
    "VGAN",
    "VideoDiscriminator",
    "__version__",
    "callbacks",
    "constraints",
    "data",
    "export_saved_model",
    "latents",
    "losses",
    "metrics",
    "precision",
    "processes",
    "video",
]
