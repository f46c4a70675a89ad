"""Training that starts from a trained model, on clips of other things or classes."""

import dataclasses
import os
from collections.abc import Iterable
from typing import Any

import keras

from keras_mocogan.models.loading import load_networks
from keras_mocogan.networks import freezing
from keras_mocogan.networks.transfer import Classes, plan_copy

# Sizes of all systems: whatever one of them has must be equal.
_SIZES = (
    "image_size channels clip_frames content_dim motion_dim noise_dim latent_dim"
).split()


@dataclasses.dataclass(frozen=True)
class LoadedWeights:
    """What a model got from another one; `str` of it tells it in lines.

    Attributes:
        kept: Names of the networks that have the source's weights, all or most.
        made_anew: Networks, and `network: weight` for parts of one, that start from
            random weights, each with the reason.
    """

    kept: tuple[str, ...]
    made_anew: tuple[str, ...]

    def __str__(self) -> str:
        anew = "; ".join(self.made_anew) or "nothing"
        return f"kept: {', '.join(self.kept)}\nmade anew: {anew}"


def fine_tune(
    source: str | os.PathLike[str] | keras.Model,
    freeze: Iterable[str] = (),
    **changes: Any,
) -> tuple[keras.Model, LoadedWeights]:
    """A model to train on other clips, with the networks and weights of a trained one.

    The number of classes may differ: then the class input of R_M (of G_I with
    `category_input="frame"`, of the generators of VGAN and TGAN) and the Q head are
    made anew, and all else is kept. With the same number everything is kept, so class
    i of the new clips starts with the motion of class i. The optimizers start anew when
    the model is compiled, and averages of weights from what was loaded.

    Args:
        source: A trained model; a preset as for `from_preset`; or a `.keras` file, as
            `train` leaves it in its run directory.
        freeze: Names of what does not learn: networks, or layers as
            `"network/layer"`. R_M only where the number of classes stays the same:
            its new inputs would never be learned.
        **changes: Arguments of the constructor that differ from the source's, such as
            `num_classes=3`, `num_frames`, `image_frames`, `seed` or `dtype`.

    Returns:
        The model, not compiled, and `LoadedWeights`, which tells what was kept and
        what was made anew.

    Raises:
        ValueError: If there is no such model, it is not one of this package, a change
            is of a size that weights depend on, or there is nothing of that name to
            freeze.

    Example:

    ```python
    freeze = ["image_generator/modulation"]
    model, told = km.fine_tune("sprites", num_classes=2, freeze=freeze)
    print(told)
    model.compile(r1_weight=0.5)
    model.fit(videos[:, :8], labels, batch_size=2, epochs=1)
    ```
    """
    trained = _trained(source)
    if not isinstance(trained, StartsFromTrained):
        raise ValueError(
            "`source` must be a model of this package, such as a MoCoGAN, or its file. "
            f"Received: a {type(trained).__name__}."
        )
    config = {k: v for k, v in trained.get_config().items() if k != "frozen"}
    model = type(trained).from_config(config | changes)
    told = model.load_weights_from(trained)
    freezing.freeze(model, freeze)
    return model, told


def _trained(source):
    return source if isinstance(source, keras.Model) else load_networks(source)


class StartsFromTrained:
    """Taking over weights: a part of `VideoGAN`."""

    def load_weights_from(
        self, source: str | os.PathLike[str] | keras.Model
    ) -> LoadedWeights:
        """Takes over the weights of a trained model, whose classes may be others.

        See `keras_mocogan.fine_tune`, which makes a model of the right sizes too. If
        this model is compiled, its optimizers and averages start anew.

        Args:
            source: As for `fine_tune`.

        Returns:
            `LoadedWeights`: what was kept, and what keeps its own first weights.

        Raises:
            ValueError: If sizes or networks differ in more than classes.

        Example:

        ```python
        trained = km.MoCoGAN(32, clip_frames=4, num_classes=2)
        model = km.MoCoGAN(32, clip_frames=4, num_classes=5)
        print(model.load_weights_from(trained))
        ```
        """
        source = _trained(source)
        _check(source, self)
        kept, anew, values = [], [], []
        for slot in self.network_slots:
            network, given = getattr(self, slot), getattr(source, slot)
            if network is None:
                continue
            if given is None or slot in getattr(source, "untrained_slots", ()):
                anew.append(f"{slot}, which the source does not have")
                continue
            copied, places = plan_copy(given, network, _classes(slot, source, self))
            values += copied
            kept.append(slot)
            anew += [f"{slot}: classes in {path}" for path in places]
        for variable, value in values:
            variable.assign(value)
        self.untrained_slots = tuple(s for s in self.untrained_slots if s not in kept)
        if self.compiled:
            self.compile_from_config(
                {
                    **self.get_compile_config(),
                    # The same objects: a user's functions need not be registered.
                    "loss": self._compiled_with["loss"],
                    "weight_constraint": self.weight_constraint,
                }
            )
        return LoadedWeights(tuple(kept), tuple(anew))


def _classes(slot, source, target):
    # R_M puts the class before its noise, the other generators after their latents; Q
    # comes after the logit.
    axis = -1 if slot.endswith("discriminator") else 0
    first = slot == "motion_generator"
    return Classes(axis, first, source.num_classes, target.num_classes)


def _check(source, target):
    if type(source) is not type(target):
        raise ValueError(
            f"The source must be a {type(target).__name__} like this model. Received: "
            f"a {type(source).__name__}."
        )
    sizes = [name for name in _SIZES if hasattr(target, name)]
    if source.num_classes and target.num_classes:
        sizes += [n for n in ("category_input",) if hasattr(target, n)]
    differing = [n for n in sizes if getattr(source, n) != getattr(target, n)]
    if differing:
        found, wanted = (
            ", ".join(f"{n}={getattr(model, n)!r}" for n in differing)
            for model in (source, target)
        )
        raise ValueError(
            f"The source must have the sizes of this model, {', '.join(sizes)}: only "
            f"the number of classes may differ. Received: a source with {found}; this "
            f"model has {wanted}. Bring the clips to the source's sizes, and make the "
            "model by `km.fine_tune` without other sizes."
        )
