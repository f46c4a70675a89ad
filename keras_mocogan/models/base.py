"""What all systems share: networks in slots, a clip generator, recipes, presets."""

from typing import Any, Self

import keras
import numpy as np

from keras_mocogan import recipes
from keras_mocogan.checks import check_at_least, check_integer
from keras_mocogan.models.fine_tuning import StartsFromTrained
from keras_mocogan.models.preset_methods import PresetMethods
from keras_mocogan.networks import slots
from keras_mocogan.networks.image_discriminator import (
    ImageDiscriminator,
    check_content_dim,
    check_frames_together,
    frames_together,
    recovers_content,
)
from keras_mocogan.networks.layer_factory import LayerFactory
from keras_mocogan.training.adversarial_model import AdversarialModel
from keras_mocogan.training.recipe_optimizers import make_optimizers, make_penalties
from keras_mocogan.training.step_clips import GeneratedClips
from keras_mocogan.utils.arguments import KeepsArguments
from keras_mocogan.utils.image_sizes import check_image_size


class VideoGAN(
    PresetMethods,
    StartsFromTrained,
    KeepsArguments,
    AdversarialModel,
    keeps_arguments=False,
):
    """An adversarial model that is made from sizes and networks.

    The constructor's arguments become attributes with the same names, except those in
    `network_slots`: there the attributes are the networks. A subclass fills its slots,
    passes the networks to `_set_networks`, and defines `draw_latents` and
    `make_clip_generator`.
    """

    network_slots = ()

    def __init__(
        self,
        clip_spec: Any,
        image_frames: int = 1,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        self._check_unknown(kwargs)
        check_at_least(0, num_classes=clip_spec.num_classes)
        if seed is not None:
            seed = check_integer("seed", seed, 0)
        size = check_image_size(clip_spec.image_size)
        checked = {"image_size": size, "seed": seed}
        self.arguments |= {k: v for k, v in checked.items() if k in self.arguments}
        # Files of presets and graphs hold plain numbers alone.
        self.arguments = {k: _plain(v) for k, v in self.arguments.items()}
        clip_spec = clip_spec._make(map(_plain, clip_spec._replace(image_size=size)))
        super().__init__(clip_spec, image_frames, seed, **kwargs)
        for name, value in self.arguments.items():
            if name not in self.network_slots:
                setattr(self, name, value)
        self._next_seed = LayerFactory(seed).next_seed

    def _check_unknown(self, kwargs):
        unknown = sorted(set(kwargs) - {"name", "dtype", "trainable"})
        if unknown:
            raise ValueError(
                f"`{type(self).__name__}` must be given arguments that it knows: "
                f"{', '.join(self.arguments)}, name, dtype. Received: "
                f"{', '.join(unknown)}. Options of a network go into its own argument, "
                f"such as {self.network_slots[-1]}={{'filters': 32}}."
            )

    def get_config(self):
        base = {"name": self.name, "dtype": self.dtype_policy.name}
        networks = {
            name: keras.saving.serialize_keras_object(self.arguments[name])
            for name in self.network_slots
        }
        untrained = list(self.untrained_slots)
        told = {"untrained": untrained} if untrained else {}
        return {**base, **self.arguments, **networks, **self.frozen_config(), **told}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        for name in cls.network_slots:
            if "registered_name" in (config.get(name) or {}):
                config[name] = keras.saving.deserialize_keras_object(
                    config[name], custom_objects=custom_objects
                )
        untrained = config.pop("untrained", ())
        model = super().from_config(config)
        model.untrained_slots = tuple(untrained)
        return model

    # === Networks ===

    def frame_shape(self) -> tuple[int, int, int]:
        """`(height, width, channels)`."""
        return self.clip_spec.shape[2:]

    def frame_settings(self) -> dict[str, Any]:
        """Keyword arguments that every network of frames is made with."""
        return {"image_size": self.image_size, "channels": self.channels}

    def fill_slot(
        self,
        slot: str,
        network_class: type[keras.Model],
        settings: dict[str, Any],
        inputs: tuple[Any, ...] | dict[str, tuple[Any, ...]],
        outputs: tuple[Any, ...] | dict[str, tuple[Any, ...]],
    ) -> keras.Model:
        """Makes the network of one of `network_slots`; see `networks.slots`."""
        common = {"seed": self._next_seed(), "dtype": self.dtype_policy.name}
        settings, given = {**settings, **common}, self.arguments[slot]
        return slots.fill_slot(slot, given, network_class, settings, inputs, outputs)

    def make_image_discriminator(self) -> keras.Model:
        """The network of the slot `image_discriminator`."""
        given = self.arguments["image_discriminator"]
        options = given if isinstance(given, dict) else {}
        together = options.get("frames", frames_together(given))
        check_frames_together(together, self.clip_spec.clip_frames)
        outputs, size = (...,), getattr(self, "content_dim", 0)
        check_content_dim(options.get("content_dim", 0), size)
        if options.get("content_dim") or recovers_content(given):
            outputs = {"logits": (...,), "content": (size,)}
        return self.fill_slot(
            "image_discriminator",
            ImageDiscriminator,
            self.frame_settings(),
            (*([together] if together > 1 else []), *self.frame_shape()),
            outputs,
        )

    def make_video_discriminator(self, network_class: type[keras.Model]) -> keras.Model:
        """The network of the slot `video_discriminator`."""
        spec = self.clip_spec
        settings = {"clip_frames": spec.clip_frames, "num_classes": spec.num_classes}
        outputs = {"logits": (...,)}
        if spec.num_classes:
            outputs["category_logits"] = (spec.num_classes,)
        return self.fill_slot(
            "video_discriminator",
            network_class,
            {**settings, **self.frame_settings()},
            (spec.clip_frames, *self.frame_shape()),
            outputs,
        )

    # === From latents to clips ===

    def draw_latents(self, n: Any) -> tuple[Any, ...]:
        """Draws latents for the step.

        Returns:
            Dictionary of the clip generator's inputs, and the labels, int32 `(n,)` or
            None.
        """
        raise NotImplementedError

    def make_clip_generator(self) -> keras.Model:
        """Joins the generating networks; returns a `networks.base.ClipGenerator`."""
        raise NotImplementedError

    def _set_networks(self, *networks, **others):
        super()._set_networks(*networks, **others)
        if not self.trainable:  # an argument, which came before there were networks
            for network in self.networks():
                network.trainable = False
        clip_generator = self.make_clip_generator()
        # Not as an attribute: Keras would save the networks under its name.
        self._clip_generator = lambda: clip_generator

    def clip_generator(self) -> keras.Model:
        """The functional network from latents to clips; see `ClipGenerator`.

        Training, `generate` and exported models all use it.
        """
        return self._clip_generator()

    def generate_clips(
        self, n: Any, training: bool, images: Any = None
    ) -> GeneratedClips:
        """Makes `n` clips for the step to judge; see `AdversarialModel`."""
        codes, labels = self.draw_latents(n)
        parts = self.clip_generator()(codes, training=training)
        return GeneratedClips(parts["clips"], labels, self.clip_penalty(parts))

    def clip_penalty(self, parts: dict[str, Any]) -> Any:
        """What the parts of the clips add to the generator's loss, a scalar."""
        return 0.0

    # === By name ===

    @classmethod
    def from_recipe(cls, name: str, steps: int | None = None, **overrides: Any) -> Self:
        """A compiled model made by a recipe.

        Args:
            name: `"paper"`, `"published"`, `"short"`, `"modern"` or `"large"` for
                `MoCoGAN`, `"paper"` or `"short"` for `VGAN` and `TGAN`; see
                `keras_mocogan.recipes`.
            steps: Steps of the training, over which learning rates decay if the recipe
                says so; None means the recipe's number.
            **overrides: Arguments of the constructor or of `compile` that override the
                recipe's; a network's options are merged one by one.

        Raises:
            ValueError: If there is no such recipe of this class, or no such argument.

        Example:

        ```python
        model = km.MoCoGAN.from_recipe("short", image_size=64, num_classes=2)
        model.fit(videos, labels, batch_size=8, epochs=1)
        ```
        """
        # A class of the user's has the recipes of the one that it is made from.
        classes = [base.__name__ for base in cls.mro()]
        model = next((known for known in classes if recipes.names(known)), classes[0])
        recipe = recipes.get(model, name).with_arguments(cls, overrides)
        if steps is not None:
            recipe = recipe.with_changes(steps=steps)
        return cls.by_recipe(recipe)

    @classmethod
    def by_recipe(cls, recipe: recipes.Recipe) -> Self:
        """A compiled model made by a `recipes.Recipe`, as it is or changed."""
        model = cls(**recipe.arguments)
        model.compile_by_recipe(recipe)
        return model

    def compile_by_recipe(self, recipe: recipes.Recipe) -> None:
        """Compiles the model by a `recipes.Recipe`, whatever networks that names."""
        optimizers = make_optimizers(recipe, [phase.name for phase in self.phases])
        penalties = make_penalties(recipe)
        self.compile(**{**optimizers, **recipe.compile, **penalties})


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value
