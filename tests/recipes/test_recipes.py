"""Recipes: what a name stands for, and what goes over it."""

import dataclasses
import json

import keras
import numpy as np
import pytest
from keras import ops
from testing import BATCH, labels_for, random_clips

import keras_mocogan as km

pytestmark = pytest.mark.once

SMALL = {"image_size": 32, "clip_frames": 4, "num_classes": 2, "seed": 0}
FILTERS = {"filters": 2}
NETWORKS = {
    "image_generator": FILTERS,
    "image_discriminator": FILTERS,
    "video_discriminator": FILTERS,
}
MODELS = [
    ("MoCoGAN", name) for name in ("paper", "published", "short", "modern", "large")
]
MODELS += [(model, name) for model in ("VGAN", "TGAN") for name in ("paper", "short")]


@pytest.mark.parametrize(("model", "name"), MODELS)
def test_a_recipe_makes_a_compiled_model_and_is_plain_data(model, name):
    recipe = km.recipes.get(model, name)
    assert (recipe.model, recipe.name) == (model, name)
    assert name in km.recipes.names(model)
    assert json.loads(json.dumps(dataclasses.asdict(recipe)))["name"] == name
    made = getattr(km, model).from_recipe(name, **SMALL)
    assert made.compiled and made.clip_spec.num_classes == 2
    for phase in made.phases:
        rate = made.optimizer[phase.name].learning_rate
        assert float(rate) == pytest.approx(recipe.rates[phase.name])


def test_paper_is_what_compile_does_by_itself():
    by_recipe = km.MoCoGAN.from_recipe("paper", **SMALL, **NETWORKS)
    plain = km.MoCoGAN(**SMALL, **NETWORKS)
    plain.compile()
    for phase in plain.phases:
        configs = [m.optimizer[phase.name].get_config() for m in (plain, by_recipe)]
        names = [config.pop("name") for config in configs]
        assert len(set(names)) == 2 and configs[0] == configs[1]
    assert by_recipe.objective.loss is plain.objective.loss
    assert by_recipe.image_discriminator.arguments["instance_noise"] == 0.1


def test_published_puts_the_class_into_the_frames_and_decays_weights():
    model = km.MoCoGAN.from_recipe("published", **SMALL, **NETWORKS)
    assert model.category_input == "frame"
    for phase in model.phases:
        assert model.optimizer[phase.name].l2 == 1e-5


def test_arguments_go_over_the_recipe_one_by_one():
    model = km.MoCoGAN.from_recipe(
        "short", steps=100, **SMALL, image_generator=FILTERS, r1_weight=2, content_dim=5
    )
    options = model.image_generator.arguments
    assert options["filters"] == 2 and options["normalization"] == "group"
    assert options["modulation_dim"] == 5
    assert model.objective.penalties.r1_weight == 2
    schedule = model.optimizer["generator"].get_config()["learning_rate"]["config"]
    assert schedule["decay_steps"] == 100 and schedule["alpha"] == 0.03


@pytest.mark.parametrize(("name", "size"), [("short", 32), ("modern", (32, 48))])
def test_a_model_by_a_recipe_trains(name, size):
    sizes = SMALL | {"image_size": size}
    model = km.MoCoGAN.from_recipe(name, **sizes, **NETWORKS, run_eagerly=True)
    videos = random_clips(size=size)
    model.fit(videos, labels_for(videos), batch_size=BATCH, verbose=0)
    assert model.optimizer["generator"].use_ema


class OwnGAN(km.MoCoGAN):
    """A class that a user makes from one of the package's."""


def test_a_class_of_the_users_has_the_recipes_of_its_base():
    model = OwnGAN.from_recipe("modern", **SMALL, **NETWORKS)
    assert type(model) is OwnGAN and model.content_dim == 32


class Louder(km.MoCoGAN):
    """Another, with an argument of its own."""

    def __init__(self, volume=1, **kwargs):
        super().__init__(**kwargs)


def test_a_class_with_an_argument_of_its_own_takes_those_of_its_base():
    model = Louder.from_recipe("short", volume=3, **SMALL, **NETWORKS)
    assert model.volume == 3 and model.content_dim == 16
    with pytest.raises(ValueError, match="Received: loudness"):
        Louder.from_recipe("short", loudness=3, **SMALL)


def test_rates_decay_over_the_steps_of_the_model():
    model = km.MoCoGAN.from_recipe(
        "short", steps=6, discriminator_steps=3, **SMALL, **NETWORKS
    )
    for phase, applied in {"generator": 6, "image_discriminator": 18}.items():
        optimizer = model.optimizer[phase]
        optimizer.iterations.assign(applied // 2)
        first = km.recipes.get("MoCoGAN", "short").rates[phase]
        # Half of a cosine's way from 1 to 0.03.
        assert float(optimizer.learning_rate) == pytest.approx(first * 0.515)
        optimizer.iterations.assign(applied)
        assert float(optimizer.learning_rate) == pytest.approx(first * 0.03)


def test_penalties_decay_over_the_steps_of_the_discriminators():
    model = km.MoCoGAN.from_recipe(
        "short", steps=6, discriminator_steps=3, **SMALL, **NETWORKS
    )
    assert model.objective.penalties.r1_weight == 10
    recipe = km.recipes.get("MoCoGAN", "short").with_changes(
        arguments=SMALL | NETWORKS,
        compile={"discriminator_steps": 3},
        steps=6,
        final_penalty=0.1,
    )
    weight = km.MoCoGAN.by_recipe(recipe).objective.penalties.r1_weight
    # Half of a cosine's way from 10 to 1.
    assert [float(weight(step)) for step in (0, 9, 18)] == pytest.approx([10, 5.5, 1])


def changed(**changes):
    return lambda: km.recipes.get("MoCoGAN", "short").with_changes(**changes)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: km.MoCoGAN.from_recipe("long"), "one of .*'short'.* Received: 'long'"),
        (lambda: km.VGAN.from_recipe("published"), "for VGAN .*Received: 'published'"),
        (lambda: km.MoCoGAN.from_recipe("paper", filters=2), "Received: filters"),
        (
            lambda: km.recipes.get("TGAN", "paper").with_changes(rate=1),
            "A recipe has .*rates.* Received: rate",
        ),
        (lambda: km.ImageGAN.from_recipe("paper"), "MoCoGAN, TGAN, VGAN alone.*ImageG"),
        (changed(optimizer="sgd"), "`optimizer` must be one of 'adam', 'rmsprop'. Rec"),
        (changed(rates={"discriminator": 1e-4}), "`rates` must .*Received: 'discrimin"),
        (changed(rates=1e-4), "`rates` must be a dictionary. Received: rates=0.0001"),
        (changed(steps=0), "`steps` must be an integer of at least 1. Received: ste"),
        (changed(steps={"all": 3}), "`steps` must be an integer .*Received: steps={'a"),
        (
            changed(batch_size="8"),
            "`batch_size` must be an integer .*Received: batch_s",
        ),
        (
            lambda: km.MoCoGAN.from_recipe("short", discriminator_steps="2", **SMALL),
            "`discriminator_steps` must be an integer of at least 1. Received",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# === Weight decay ===


@pytest.mark.parametrize("fused", [True, False])
def test_l2_is_added_to_the_gradient(monkeypatch, fused):
    if not fused:
        monkeypatch.setenv("KERAS_MOCOGAN_REFERENCE", "1")
    start, gradient = np.array([1.0, -2.0], "float32"), np.array([0.5, 0.5], "float32")
    results = []
    for l2, given in ((0.3, gradient), (0.0, gradient + 0.3 * start)):
        weight = keras.Variable(start)
        optimizer = km.Adam(0.1, epsilon=1e-8, l2=l2)
        optimizer.build([weight])
        optimizer.apply([ops.convert_to_tensor(given)], [weight])
        results.append(ops.convert_to_numpy(weight.value))
    np.testing.assert_allclose(*results, rtol=1e-6)
    assert results[0][0] < 1 and results[0][1] > -2


def test_l2_is_not_negative_and_is_saved():
    with pytest.raises(ValueError, match="`l2` must be 0 or more. Received: l2=-1"):
        km.Adam(l2=-1)
    twin = keras.optimizers.deserialize(keras.optimizers.serialize(km.Adam(l2=0.25)))
    assert isinstance(twin, km.Adam) and twin.l2 == 0.25
