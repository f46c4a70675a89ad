"""The available recipes."""

from keras_mocogan.recipes.recipe import PHASES, Recipe, merge

_NOISE = {"instance_noise": 0.1}

# The paper's networks and Adam, with the noise that its results were made with.
_PAPER = Recipe(
    name="paper",
    model="MoCoGAN",
    arguments={
        "category_input": "motion",
        "image_discriminator": _NOISE,
        "video_discriminator": _NOISE,
    },
    rates=dict.fromkeys(PHASES, 2e-4),
)

# The published code's variant: the class goes into G_I, and weights decay.
_PUBLISHED = _PAPER.with_changes(
    name="published", arguments={"category_input": "frame"}, l2=1e-5
)

# For an hour on a small machine; chosen by measurements on moving shapes.
_SHORT_TRAINING = {
    "rates": {
        "generator": 2e-3,
        "image_discriminator": 1e-3,
        "video_discriminator": 1e-3,
    },
    "beta_1": 0.0,
    "beta_2": 0.99,
    "final_rate": 0.03,
    "averaging": 0.98,
    "batch_size": 8,
    "steps": 3600,
    "compile": {"r1_weight": 10.0},
}
_WITHOUT_NORMALIZATION = {"normalization": "none", "filters": 16}
_SHORT = Recipe(
    name="short",
    model="MoCoGAN",
    arguments={
        "content_dim": 16,
        "image_frames": 3,
        "image_generator": {
            "filters": 32,
            "modulation_dim": "content",
            "normalization": "group",
        },
        "image_discriminator": _WITHOUT_NORMALIZATION,
        "video_discriminator": _WITHOUT_NORMALIZATION,
    },
    **_SHORT_TRAINING,
)

# For a few hours on a small machine, and people or characters. D_I compares pairs of
# frames, so contents keep their looks, and judges features of a pretrained network, so
# people take shape in fewer steps. It also recovers the content from the frames, which
# is easier if a content looks the same under all motions. One pair of each clip makes
# more steps in the same time than three. D_V learns to tell clips from their frames out
# of order: without that it judged frames alone, and people stood still. It judges them
# as clips of their class: when it named the class instead, people moved less often, or
# like another class. R_M is cyclic and has little noise, so they move smoothly. The
# penalty of "short", 20 times as large, hides from the discriminators what is smaller
# than a limb. At its rates training collapsed.
_MODERN = _SHORT.with_changes(
    name="modern",
    arguments={
        "content_dim": 32,
        "motion_dim": 16,
        "noise_dim": 2,
        "image_frames": 1,
        "motion_generator": {"cyclic": True},
        "image_generator": {"smooth_start": True},
        "image_discriminator": {
            "frames": 2,
            "fusion": "late",
            "features": "efficientnet_lite0",
            "filters": 24,
            "content_dim": "content",
        },
    },
    compile={
        "r1_weight": 0.5,
        "penalty_interval": 4,
        "disorder_weight": 1.0,
        "category_loss": "projection",
    },
    rates={
        "generator": 1e-3,
        "image_discriminator": 5e-4,
        "video_discriminator": 5e-4,
    },
    averaging=None,
    averaging_images=2000,
    steps=6000,
)

# The same for a GPU: more channels and clips, for minutes instead of hours. A level of
# the frame's size takes the grain out of fine patterns; on a CPU a step with it takes
# up to 1.6 times as long. Late fusion and features were not tried in a training of this
# size, nor was what makes the motion of "modern".
_LARGE = _MODERN.with_changes(
    name="large",
    arguments={
        "image_frames": 3,
        "image_generator": {"filters": 48, "frame_level": True},
        "image_discriminator": {"filters": 40, "fusion": "early", "features": "none"},
        "video_discriminator": {"filters": 32},
    },
    batch_size=32,
    steps=9000,
)

_JUDGE = {"video_discriminator": _WITHOUT_NORMALIZATION}
_VGAN = Recipe("paper", "VGAN", rates=_PAPER.rates, batch_size=64)
_TGAN = Recipe(
    "paper",
    "TGAN",
    compile={"loss": "wasserstein", "weight_constraint": "singular_value_clipping"},
    optimizer="rmsprop",
    rates=dict.fromkeys(PHASES, 5e-5),
)
_VGAN_SHORT = Recipe("short", "VGAN", arguments=_JUDGE, **_SHORT_TRAINING)
_TGAN_SHORT = Recipe(
    "short",
    "TGAN",
    arguments=_JUDGE,
    **merge(
        _SHORT_TRAINING,
        {"compile": {"loss": "non_saturating", "weight_constraint": None}},
    ),
)

_RECIPES = {
    (recipe.model, recipe.name): recipe
    for recipe in (
        _PAPER,
        _PUBLISHED,
        _SHORT,
        _MODERN,
        _LARGE,
        _VGAN,
        _VGAN_SHORT,
        _TGAN,
        _TGAN_SHORT,
    )
}


def names(model: str) -> list[str]:
    """Names of the recipes for a class, such as `"MoCoGAN"`; a list."""
    return [name for of, name in _RECIPES if of == model]


def get(model: str, name: str) -> Recipe:
    """The `Recipe` of that name for a class.

    Args:
        model: Name of the class, such as `"MoCoGAN"`.
        name: One of `names(model)`.

    Raises:
        ValueError: If there is none.

    Example:

    ```python
    recipe = km.recipes.get("MoCoGAN", "short")
    recipe = recipe.with_changes(steps=1000, arguments={"image_size": 32})
    model = km.MoCoGAN.by_recipe(recipe)
    ```
    """
    if not names(model):
        known = sorted({of for of, _ in _RECIPES})
        raise ValueError(
            f"There are recipes for {', '.join(known)} alone. Received: {model}. Call "
            "the constructor and `compile()`, which have the paper's settings."
        )
    if (model, name) not in _RECIPES:
        raise ValueError(
            f"A recipe for {model} must be one of {names(model)}. Received: {name!r}."
        )
    return _RECIPES[model, name]
