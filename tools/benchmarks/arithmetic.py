"""The useful arithmetic of a training step, counted from the layers' shapes.

Only convolutions and dense layers count, with two operations for a multiplication and
an addition. The GRU is left out (a ten-thousandth), and so is everything that no result
needs: the gradient of the clips in a discriminator's phase, and of its weights in the
generator's.
"""

import math


def of_step(model, batch):
    """Operations of one step of `MoCoGAN` on `batch` clips."""
    total = 0
    for network, samples in (
        (model.video_discriminator, batch),
        (model.image_discriminator, batch * model.image_frames),
    ):
        layers = forward(network)
        # For real and for generated samples: forward, the weights' gradients, and those
        # of all layers' inputs but the first's. In the generator's phase: forward, and
        # the inputs' gradients.
        total += samples * (2 * (3 * sum(layers) - layers[0]) + 2 * sum(layers))
    layers = forward(model.image_generator)
    # Frames for the discriminators; then forward and both gradients, including the
    # first layer's, because R_M learns from it.
    return total + batch * model.clip_frames * 4 * sum(layers)


def forward(network):
    """Operations of each convolution and dense layer, for one sample."""
    found = []
    for layer in network.layers:
        if not hasattr(layer, "kernel"):
            continue
        # The kernel of a transposed convolution moves over its input.
        tensor = layer.input if "Transpose" in type(layer).__name__ else layer.output
        places = math.prod(tensor.shape[1:-1])
        found.append(2 * places * math.prod(layer.kernel.shape))
    return found
