"""What training scripts share about the game: optimizers, losses and penalties."""

import sys

import keras
from absl import app, flags

import keras_mocogan as km

flags.DEFINE_integer("discriminator_filters", 64, "Channels of their first level.")
flags.DEFINE_float("instance_noise", 0.0, "Noise before the discriminators' layers.")
flags.DEFINE_enum(
    "discriminator_normalization",
    "batch",
    ["batch", "none", "spectral"],
    "Penalties want one of the last two.",
)
flags.DEFINE_enum("loss", "non_saturating", km.losses.NAMES, "The adversarial loss.")
flags.DEFINE_float("category_weight", 1.0, "lambda of the InfoGAN term.")
flags.DEFINE_float("r1_weight", 0.0, "gamma of the R1 penalty.")
flags.DEFINE_float("gradient_penalty", 0.0, "lambda of the gradient penalty.")
flags.DEFINE_enum(
    "weight_constraint",
    "none",
    ["none", "weight_clipping", "singular_value_clipping"],
    "What bounds the discriminators' weights.",
)
flags.DEFINE_integer("discriminator_steps", 1, "Their steps for one of the generator.")
flags.DEFINE_enum("optimizer", "adam", ["adam", "rmsprop"], "Of all networks.")
flags.DEFINE_float("generator_rate", 2e-4, "Learning rate of the generators.")
flags.DEFINE_float("image_discriminator_rate", 2e-4, "Learning rate of D_I.")
flags.DEFINE_float("video_discriminator_rate", 2e-4, "Learning rate of D_V.")
flags.DEFINE_float("final_rate", 1.0, "Cosine decay of all rates to this share.")
flags.DEFINE_float("beta_1", 0.5, "Adam's first momentum.")
flags.DEFINE_float("beta_2", 0.999, "Adam's second momentum.")
flags.DEFINE_float("averaging", 0.99, "Momentum of the generator's weight average.")
flags.DEFINE_enum(
    "mixed_precision",
    "none",
    ["none", "auto", "bfloat16", "float16"],
    "What the networks compute in; auto measures whether bfloat16 is faster here; "
    "float16 is refused, and why is told.",
)
FLAGS = flags.FLAGS


def values(names):
    """The flags of these names, as keyword arguments."""
    return {name: FLAGS[name].value for name in names.split()}


def dtype():
    """The dtype policy that the flags ask for."""
    kind = FLAGS.mixed_precision
    if kind != "auto":
        return "float32" if kind == "none" else f"mixed_{kind}"
    if km.processes.shard()[1] > 1:
        raise app.UsageError(
            "--mixed_precision=auto is for one process: several might choose "
            "differently. Run it on one of the hosts, then give all of them "
            "--mixed_precision=none or --mixed_precision=bfloat16 as it says."
        )
    policy, seconds = km.precision.faster_policy()
    times = ", ".join(f"{1000 * s:.1f} ms in {kind}" for kind, s in seconds.items())
    print(f"A convolution takes {times}: the networks compute in {policy}.")
    return policy


def compiled_model(make_model, num_classes):
    """`make_model(num_classes)`, compiled as the flags say."""
    try:
        return compile_model(make_model(num_classes))
    except ValueError as error:  # what the flags ask for does not fit together
        sys.exit(f"These flags will not do. {error}")


def compile_model(model):
    optimizers = {
        phase.name: make_optimizer(phase.name)
        for phase in model.phases
        if phase.name != "generator"
    }
    averaging = {"use_ema": True, "ema_momentum": FLAGS.averaging}
    optimizers["generator"] = make_optimizer("generator", **averaging)
    constraint = FLAGS.weight_constraint
    model.compile(
        **{f"{name}_optimizer": optimizer for name, optimizer in optimizers.items()},
        weight_constraint=None if constraint == "none" else constraint,
        **values("loss category_weight r1_weight gradient_penalty discriminator_steps"),
    )
    return model


def make_optimizer(phase, **averaging):
    rate = FLAGS[f"{phase}_rate"].value
    if FLAGS.final_rate != 1:
        decay = keras.optimizers.schedules.CosineDecay
        rate = decay(rate, FLAGS.steps, alpha=FLAGS.final_rate)
    if FLAGS.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(rate, **averaging)
    return km.Adam(rate, **values("beta_1 beta_2"), **averaging)
