"""MoCoGAN for Keras 3: video generation on TensorFlow, JAX and PyTorch."""

from keras_mocogan.utils import backend_choice, onednn

backend_choice.choose_backend()  # before Keras is loaded, which fails without one
onednn.switch_on()  # before anything loads TensorFlow, which reads it then

from keras_mocogan import callbacks, data, export, metrics, presets, recipes, video
from keras_mocogan.backend import precision
from keras_mocogan.export.litert_folder import export_litert
from keras_mocogan.export.onnx_folder import export_onnx
from keras_mocogan.export.page_folder import export_page
from keras_mocogan.export.saved_model import export_saved_model
from keras_mocogan.models.fine_tuning import fine_tune
from keras_mocogan.models.image_gan import ImageGAN
from keras_mocogan.models.loading import load_model
from keras_mocogan.models.mocogan import MoCoGAN
from keras_mocogan.models.tgan import TGAN
from keras_mocogan.models.vgan import VGAN
from keras_mocogan.networks.image_discriminator import ImageDiscriminator
from keras_mocogan.networks.image_encoder import ImageEncoder
from keras_mocogan.networks.image_generator import ImageGenerator
from keras_mocogan.networks.motion_generator import MotionGenerator
from keras_mocogan.networks.video_discriminators import (
    ClipDiscriminator,
    VideoDiscriminator,
)
from keras_mocogan.projection.project import Projection, project, swap
from keras_mocogan.sampling import latents
from keras_mocogan.training import constraints, losses
from keras_mocogan.training.adam import Adam
from keras_mocogan.training.optimizer_group import OptimizerGroup
from keras_mocogan.utils import processes
from keras_mocogan.version import __version__

__all__ = [
    "Adam",
    "ClipDiscriminator",
    "ImageDiscriminator",
    "ImageEncoder",
    "ImageGAN",
    "ImageGenerator",
    "MoCoGAN",
    "MotionGenerator",
    "OptimizerGroup",
    "Projection",
    "TGAN",
    "VGAN",
    "VideoDiscriminator",
    "__version__",
    "callbacks",
    "constraints",
    "data",
    "export",
    "export_litert",
    "export_onnx",
    "export_page",
    "export_saved_model",
    "fine_tune",
    "latents",
    "load_model",
    "losses",
    "metrics",
    "precision",
    "presets",
    "processes",
    "project",
    "recipes",
    "swap",
    "video",
]
