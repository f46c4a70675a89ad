"""The networks of `tools/peer_torch.py` beside a `km.MoCoGAN` of the same sizes."""

import sys

import numpy as np
import torch
from keras import ops
from processes import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import peer_torch  # noqa: E402, F401


def to_numpy(variable):
    return np.array(ops.convert_to_numpy(variable))


def _gates(values):
    """Keras' update, reset and new gates, along the last axis, in PyTorch's order."""
    update, reset, new = np.split(values, 3, axis=-1)
    return np.concatenate([reset, update, new], axis=-1).T


def _convolution(values):
    """`(*window, in, out)` as `(out, in, *window)`; the transposed ones likewise."""
    return np.moveaxis(values, (-1, -2), (0, 1))


def _first_layer(side):
    def as_transposed(values):
        return np.moveaxis(values.reshape(len(values), side, side, -1), -1, 1)

    return as_transposed


def weight_pairs(model, peer):
    """`{network: [(name, variable, layout, parameter)]}`, layer by layer.

    `layout` brings an array of the variable's shape to the parameter's.
    """
    gru = model.motion_generator.get_layer("gru").cell
    theirs = peer.generator.gru
    found = [
        ("gru/kernel", gru.kernel, _gates, theirs.weight_ih_l0),
        (
            "gru/recurrent",
            gru.recurrent_kernel,
            _gates,
            theirs.weight_hh_l0,
        ),
        ("gru/bias_0", gru.bias, lambda b: _gates(b[0]), theirs.bias_ih_l0),
        ("gru/bias_1", gru.bias, lambda b: _gates(b[1]), theirs.bias_hh_l0),
    ]
    side = model.image_size // 16
    found += _pairs(model.image_generator, peer.generator.frame, _first_layer(side))
    return {
        "image_discriminator": _pairs(model.image_discriminator, peer.judge_images),
        "video_discriminator": _pairs(model.video_discriminator, peer.judge_videos),
        "generator": found,
    }


def _pairs(network, modules, first=_convolution):
    layers = [layer for layer in network.layers if layer.trainable_variables]
    modules = [module for module in modules if list(module.parameters())]
    pairs = []
    for number, (layer, module) in enumerate(zip(layers, modules, strict=True)):
        if hasattr(layer, "gamma"):
            pairs += [
                (f"{layer.name}/gamma", layer.gamma, np.asarray, module.weight),
                (f"{layer.name}/beta", layer.beta, np.asarray, module.bias),
            ]
        else:
            layout = _convolution if number else first
            kernel = f"{layer.name}/kernel"
            pairs.append((kernel, layer.kernel, layout, module.weight))
    return pairs


def copy_weights(model, peer):
    """Gives the peer the model's weights."""
    with torch.no_grad():
        for pairs in weight_pairs(model, peer).values():
            for _, variable, layout, parameter in pairs:
                parameter.copy_(torch.from_numpy(layout(to_numpy(variable)).copy()))


def batch_norms(model, peer):
    """Pairs of this package's and PyTorch's batch normalizations."""
    pairs = []
    for network, modules in (
        (model.image_generator, peer.generator.frame),
        (model.image_discriminator, peer.judge_images),
        (model.video_discriminator, peer.judge_videos),
    ):
        ours = [layer for layer in network.layers if hasattr(layer, "gamma")]
        theirs = [m for m in modules if hasattr(m, "running_mean")]
        pairs += zip(ours, theirs, strict=True)
    return pairs
