"""Starting from a trained model: its networks and weights, and other clips."""

import sys

import numpy as np
from absl import app, flags

import keras_mocogan as km
from keras_mocogan.cli import systems
from keras_mocogan.cli.settings import values
from keras_mocogan.models.loading import load_networks
from keras_mocogan.networks.image_discriminator import (
    compares_frames,
    recovers_content,
)
from keras_mocogan.utils.image_sizes import to_text

flags.DEFINE_string(
    "init_from",
    None,
    "Begin with the networks and weights of this preset (a name, a folder, a URL) or "
    "`.keras` file. Sizes are its own; classes may be others.",
)
flags.DEFINE_list(
    "freeze",
    None,
    "With --init_from: what does not learn, networks or layers as NETWORK/LAYER.",
)
FLAGS = flags.FLAGS

_SIZES = "image_size", "channels", "clip_frames"
# What belongs to no network.
_FREE = "num_frames image_frames mask_sparsity"
# What is as in the trained model.
KEPT = {
    *(flag.name for flag in FLAGS.flags_by_module_dict()[systems.__name__]),
    *("discriminator_filters", "instance_noise", "discriminator_normalization"),
}.difference(_FREE.split())


def source(system):
    """The trained model that the flags name, or None; sizes without a flag are its own.

    Args:
        system: `systems.System`.
    """
    if FLAGS.init_from is None:
        if FLAGS.freeze:
            raise app.UsageError("--freeze is for --init_from. Leave it out.")
        return None
    for name in sorted(KEPT):
        # Not `present`: a file of flags holds those with a default too.
        if FLAGS[name].value != FLAGS[name].default:
            raise app.UsageError(
                f"--{name} is as in --init_from={FLAGS.init_from}, whose networks "
                "are used. Leave it out."
            )
    model = load_networks(FLAGS.init_from)
    if type(model) is not system.model_class:
        raise app.UsageError(
            f"--init_from must be a {system.model_class.__name__}. Received: "
            f"{FLAGS.init_from}, a {type(model).__name__}. Give its --system."
        )
    _refuse_weights_without_effect(getattr(model, "image_discriminator", None))
    for name in _SIZES:
        own, flag = getattr(model, name), FLAGS[name]
        if flag.present and np.any(np.not_equal(flag.value, own)):
            raise app.UsageError(
                f"--{name} must be {to_text(own)} as in --init_from={FLAGS.init_from}: "
                f"weights depend on it. Received: {flag.serialize()}. Leave it out, "
                "and clips are brought to that size."
            )
        flag.value = own
    return model


def _refuse_weights_without_effect(judge):
    """Refuses weights of terms that a trained D_I, or None, does not have."""
    for name, has_effect, does in (
        ("content_weight", recovers_content(judge), "recovers no contents"),
        ("mismatch_weight", compares_frames(judge), "compares no frames"),
    ):
        if FLAGS[name].value is not None and not has_effect:
            raise app.UsageError(
                f"--{name} has no effect: D_I of --init_from={FLAGS.init_from} {does}. "
                "Leave it out."
            )


def make_model(trained, recipe, num_classes, policy):
    """A model compiled by a recipe, with what it can keep of a trained one.

    Args:
        trained: What `source` returned.
        recipe: `recipes.Recipe`, whose networks are not used.
        num_classes: Of the clips.
        policy: Name of the dtype policy.

    Returns:
        The model, and `LoadedWeights`.
    """
    changes = {"num_classes": num_classes, "dtype": policy, "seed": FLAGS.seed}
    model, told = km.fine_tune(trained, FLAGS.freeze or (), **changes, **values(_FREE))
    try:
        model.compile_by_recipe(recipe)
    except ValueError as error:
        sys.exit(
            f"The recipe does not fit the networks of --init_from. {error} Or choose "
            "what fits them: --r1_weight=0, or the --recipe that they were trained by."
        )
    return model, told
