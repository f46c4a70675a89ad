"""What a recipe holds, and how a user's settings override it."""

import dataclasses
import inspect
from typing import Any, Self

from keras_mocogan.checks import check_at_least, check_choice

PHASES = ("generator", "image_discriminator", "video_discriminator")


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Settings that belong together: networks, losses, optimizers, and a schedule.

    All values are plain: `dataclasses.asdict` of it can be written as JSON.

    Attributes:
        name: Name of the recipe, such as `"paper"`.
        model: Name of the class that it is for, such as `"MoCoGAN"`.
        arguments: Arguments of the constructor, networks as dictionaries of options.
        compile: Arguments of `compile`, except the optimizers.
        optimizer: `"adam"` or `"rmsprop"`, for all phases.
        rates: Learning rate of each phase, by its name.
        beta_1, beta_2: Adam's momenta.
        l2: Adam's weight decay, as L2 in the gradient; see `keras_mocogan.Adam`.
        final_rate: Share of the rates that a cosine decay ends at; 1 for none.
        final_penalty: The same share for the weights of R1 and R2 in `compile`.
        averaging: Momentum of the average of the generator's weights, or None.
        averaging_images: Half-life of that average in clips, instead of `averaging`; or
            None. Divided by `batch_size` it is the `ema_half_life` of
            `keras_mocogan.Adam`, which is shorter at the start.
        batch_size: Clips in a step.
        steps: Steps of a training, over which rates decay.
    """

    name: str
    model: str
    arguments: dict = dataclasses.field(default_factory=dict)
    compile: dict = dataclasses.field(default_factory=dict)
    optimizer: str = "adam"
    rates: dict = dataclasses.field(default_factory=dict)
    beta_1: float = 0.5
    beta_2: float = 0.999
    l2: float = 0.0
    final_rate: float = 1.0
    final_penalty: float = 1.0
    averaging: float | None = None
    averaging_images: float | None = None
    batch_size: int = 32
    steps: int = 100_000

    def __post_init__(self):
        check_choice("optimizer", self.optimizer, ("adam", "rmsprop"))
        check_at_least(1, batch_size=self.batch_size, steps=self.steps)
        for name in ("arguments", "compile", "rates"):
            if not isinstance(getattr(self, name), dict):
                raise ValueError(
                    f"`{name}` must be a dictionary. Received: {name}="
                    f"{getattr(self, name)!r}."
                )
        for phase in self.rates:
            if phase not in PHASES:
                raise ValueError(
                    f"`rates` must be for some of {', '.join(PHASES)}. Received: "
                    f"{phase!r}."
                )

    def with_changes(self, **changes: Any) -> Self:
        """The recipe with some attributes replaced; dictionaries are merged.

        A new `averaging` takes the place of `averaging_images` too.

        Raises:
            ValueError: If there is no such attribute, a value does not fit, or both of
                these are given.
        """
        known = {field.name for field in dataclasses.fields(self)}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise ValueError(
                f"A recipe has {', '.join(sorted(known))}. Received: "
                f"{', '.join(unknown)}."
            )
        if changes.get("averaging") is not None:
            # The half-life that a recipe brings along would overrule it.
            if changes.setdefault("averaging_images", None) is not None:
                raise ValueError(
                    "Weights have one average: give `averaging` or `averaging_images`. "
                    f"Received: averaging={changes['averaging']} and averaging_images="
                    f"{changes['averaging_images']}. Leave one of them out."
                )
        for name, value in changes.items():
            if isinstance(value, dict) and isinstance(getattr(self, name), dict):
                changes[name] = merge(getattr(self, name), value)
        return dataclasses.replace(self, **changes)

    def with_arguments(self, model_class: type, arguments: dict[str, Any]) -> Self:
        """The recipe with arguments of the constructor or of `compile` replaced.

        Raises:
            ValueError: If neither takes one of them.
        """
        # Of every class: a subclass may name only what it adds or changes, and pass the
        # rest on.
        classes = [c for c in model_class.mro() if hasattr(c, "network_slots")]
        own = {"name", "dtype"}.union(*(_parameters(c.__init__) for c in classes))
        compiled = set().union(
            *(
                _parameters(c.compile)
                for c in model_class.mro()
                if hasattr(c, "compile")
            )
        )
        unknown = sorted(set(arguments) - own - compiled)
        if unknown:
            raise ValueError(
                f"`{model_class.__name__}.from_recipe` must be given arguments of the "
                f"constructor or of `compile`. Received: {', '.join(unknown)}."
            )
        return self.with_changes(
            arguments={k: v for k, v in arguments.items() if k in own},
            compile={k: v for k, v in arguments.items() if k not in own},
        )


def merge(settings: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Both dictionaries in one; the options of a network are merged one by one."""
    merged = {**settings, **changes}
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(settings.get(name), dict):
            merged[name] = {**settings[name], **value}
    return merged


def _parameters(function):
    kinds = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
    parameters = inspect.signature(function).parameters.items()
    return {name for name, p in parameters if p.kind not in kinds} - {"self"}
