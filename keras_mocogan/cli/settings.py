"""The recipe, and flags that override it."""

import sys

from absl import app, flags

import keras_mocogan as km

flags.DEFINE_string(
    "recipe",
    "auto",
    "Named settings: paper or short; MoCoGAN has published, modern and large too. auto "
    "is modern on a CPU and large on a GPU; for VGAN and TGAN, short and paper.",
)
flags.DEFINE_integer("discriminator_filters", None, "Channels of the first levels.")
flags.DEFINE_float("instance_noise", None, "Noise before the discriminators' layers.")
flags.DEFINE_enum(
    "discriminator_normalization",
    None,
    ["batch", "synchronized_batch", "none", "spectral"],
    "Penalties need 'none' or 'spectral'.",
)
flags.DEFINE_enum("loss", None, km.losses.NAMES, "The adversarial loss.")
flags.DEFINE_enum(
    "category_loss",
    None,
    ["infogan", "projection"],
    "How classes are learned: D_V names them, or judges clips as clips of a class.",
)
flags.DEFINE_float("category_weight", None, "lambda of the InfoGAN term.")
flags.DEFINE_float(
    "wrong_class_weight", None, "Of clips under wrong classes, for projection."
)
flags.DEFINE_float("content_weight", None, "lambda of contents that D_I recovers.")
flags.DEFINE_float(
    "mismatch_weight", None, "Of frames of two clips, with --frame_fusion=late."
)
flags.DEFINE_float(
    "disorder_weight", None, "Of clips with frames out of order, or still, for D_V."
)
flags.DEFINE_float(
    "reconstruction_weight", None, "Of first frames, with --image_encoder."
)
flags.DEFINE_float("r1_weight", None, "gamma of the R1 penalty.")
flags.DEFINE_float("r2_weight", None, "gamma of R2, R1 at generated samples.")
flags.DEFINE_float("gradient_penalty", None, "lambda of the gradient penalty.")
flags.DEFINE_integer("penalty_interval", None, "Steps between penalties.")
flags.DEFINE_list(
    "augmentation",
    None,
    "Some of color, translation, cutout, or nothing. Default: with --recipe=auto, "
    "translation and color for fewer than 100 clips.",
)
flags.DEFINE_enum(
    "weight_constraint",
    None,
    ["none", "weight_clipping", "singular_value_clipping"],
    "What bounds the discriminators' weights.",
)
flags.DEFINE_integer("discriminator_steps", None, "Steps for each generator step.")
flags.DEFINE_integer("accumulate", None, "Parts of a batch, for less memory.")
flags.DEFINE_enum("optimizer", None, ["adam", "rmsprop"], "For all networks.")
flags.DEFINE_float("generator_rate", None, "Learning rate of the generators.", 0.0)
flags.DEFINE_float("image_discriminator_rate", None, "Learning rate of D_I.", 0.0)
flags.DEFINE_float("video_discriminator_rate", None, "Learning rate of D_V.", 0.0)
flags.DEFINE_float("final_rate", None, "Share of the rates that they decay to.", 0.0)
flags.DEFINE_float("final_penalty", None, "The same for the weights of R1 and R2.", 0.0)
flags.DEFINE_float("beta_1", None, "Adam's first momentum.")
flags.DEFINE_float("beta_2", None, "Adam's second momentum.")
flags.DEFINE_float("averaging", None, "Momentum of the generator's weight average.")
flags.DEFINE_float("averaging_images", None, "Or the average's half-life in clips.")
flags.DEFINE_integer("batch_size", None, "Clips in a step. Default: the recipe's.")
flags.DEFINE_integer("steps", None, "Training steps, rounded up to whole epochs.", 1)
flags.DEFINE_float(
    "hours",
    None,
    "Or the time to train: steps are measured first, and their number and schedules "
    "fitted to it. Default: 2 with --recipe=auto on a CPU, else the recipe's steps.",
    0.0,
)
flags.DEFINE_enum(
    "mixed_precision",
    "none",
    ["none", "auto", "bfloat16", "float16"],
    "What the networks compute in; auto measures whether bfloat16 is faster here; "
    "float16 is refused with a reason.",
)
FLAGS = flags.FLAGS

_OF_THE_RECIPE = (
    "optimizer final_rate final_penalty beta_1 beta_2 averaging averaging_images "
    "batch_size steps"
)
_PENALTIES = "r1_weight", "r2_weight", "gradient_penalty"
_OF_COMPILE = (
    "loss category_loss category_weight wrong_class_weight content_weight "
    "mismatch_weight disorder_weight reconstruction_weight r1_weight r2_weight "
    "gradient_penalty penalty_interval augmentation discriminator_steps accumulate"
)


def values(names):
    """The flags with these names that were given, as keyword arguments."""
    given = {name: FLAGS[name].value for name in names.split()}
    return {name: value for name, value in given.items() if value is not None}


def judge_options():
    """Options that the flags give to each discriminator."""
    names = {
        "discriminator_filters": "filters",
        "instance_noise": "instance_noise",
        "discriminator_normalization": "normalization",
    }
    return {names[flag]: value for flag, value in values(" ".join(names)).items()}


def make_recipe(model_class, **arguments):
    """The recipe that the flags name, changed by the other flags.

    Args:
        model_class: A class such as `km.MoCoGAN`.
        **arguments: Arguments of the constructor that override the recipe's.
    """
    try:
        recipe = km.recipes.get(model_class.__name__, FLAGS.recipe)
    except ValueError as error:
        raise app.UsageError(str(error)) from None
    constraint = values("weight_constraint")
    if constraint.get("weight_constraint") == "none":
        constraint["weight_constraint"] = None
    rates = {
        phase: FLAGS[f"{phase}_rate"].value
        for phase in recipe.rates
        if FLAGS[f"{phase}_rate"].value is not None
    }
    recipe = recipe.with_changes(
        arguments=arguments,
        compile=values(_OF_COMPILE) | constraint,
        rates=rates,
        **values(_OF_THE_RECIPE),
    )
    _refuse_without_effect(recipe)
    return recipe


def _refuse_without_effect(recipe):
    momenta = values("beta_1 beta_2")
    if momenta and recipe.optimizer != "adam":
        raise app.UsageError(
            f"--{next(iter(momenta))} is Adam's, and this training uses "
            f"{recipe.optimizer}. Leave it out, or give --optimizer=adam too."
        )
    penalties = map(recipe.compile.get, _PENALTIES)
    if values("penalty_interval") and not any(penalties):
        raise app.UsageError(
            "--penalty_interval needs a penalty, and this training has none. Leave it "
            "out, or give --r1_weight, --r2_weight or --gradient_penalty too."
        )
    if values("final_penalty") and not any(
        map(recipe.compile.get, ("r1_weight", "r2_weight"))
    ):
        raise app.UsageError(
            "--final_penalty needs R1 or R2, and this training has neither. Leave it "
            "out, or give --r1_weight or --r2_weight too."
        )
    for name, wanted in (
        ("category_weight", "infogan"),
        ("wrong_class_weight", "projection"),
    ):
        if values(name) and recipe.compile.get("category_loss", "infogan") != wanted:
            raise app.UsageError(
                f"--{name} has no effect on how this training learns classes. Leave it "
                f"out, or give --category_loss={wanted} too."
            )
    if FLAGS.get_flag_value("init_from", None) is None:  # then D_I is the recipe's
        _refuse_weights_without_effect(recipe.arguments.get("image_discriminator"))


def _refuse_weights_without_effect(judge):
    judge = judge or {}
    if values("content_weight") and not judge.get("content_dim"):
        raise app.UsageError(
            "--content_weight is for recipes whose D_I recovers contents. Leave it "
            "out, or give --recipe=modern or --recipe=large too."
        )
    if values("mismatch_weight") and judge.get("fusion") != "late":
        raise app.UsageError(
            "--mismatch_weight is for a D_I that compares frames. Leave it out, or "
            "give --frames_together=2 --frame_fusion=late too."
        )
    if judge.get("fusion") == "late" and judge.get("frames", 1) < 2:
        raise app.UsageError(
            "With late fusion, D_I needs frames to compare. Give --frames_together=2, "
            "or --frame_fusion=early."
        )


def make_model(model_class, recipe, num_classes, policy):
    """A compiled model made by the recipe, in a dtype policy."""
    recipe = recipe.with_changes(
        arguments={"num_classes": num_classes, "dtype": policy}
    )
    try:
        return model_class.by_recipe(recipe)
    except ValueError as error:  # the flags do not fit together
        sys.exit(f"These flags do not fit together. {error}")


def dtype():
    """The dtype policy that the flags ask for."""
    kind = FLAGS.mixed_precision
    if kind != "auto":
        return "float32" if kind == "none" else f"mixed_{kind}"
    if km.processes.shard()[1] > 1:
        raise app.UsageError(
            "--mixed_precision=auto is for one process: several might choose "
            "differently. Run it on one of the hosts, then pass the result, "
            "--mixed_precision=none or --mixed_precision=bfloat16, to all of them."
        )
    policy, seconds = km.precision.faster_policy()
    times = ", ".join(f"{1000 * s:.1f} ms in {kind}" for kind, s in seconds.items())
    print(f"A convolution takes {times}: the networks compute in {policy}.")
    return policy
