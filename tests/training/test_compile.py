"""What `compile` refuses, and that it then changes nothing."""

import keras
import numpy as np
import pytest
from testing import EAGER, both_discriminators, labels_for, random_clips, tiny_model

import keras_mocogan as km

pytestmark = pytest.mark.once

WEIGHTS = ("category_weight", "content_weight", "r1_weight", "gradient_penalty")


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize("weight", ["1", None, [1.0], -1, float("nan")])
def test_weights_are_numbers(name, weight):
    with pytest.raises(
        ValueError, match=f"`{name}` must be 0 or more. Received: {name}="
    ):
        tiny_model().compile(**{name: weight})


def test_a_scheduled_weight_is_checked_and_saved():
    cosine = keras.optimizers.schedules.CosineDecay
    with pytest.raises(ValueError, match="`r1_weight` must be 0 or more"):
        tiny_model().compile(r1_weight=cosine(-1.0, 10))
    with pytest.raises(ValueError, match="`category_weight` must be 0 or more"):
        tiny_model().compile(category_weight=cosine(1.0, 10))
    model = tiny_model(**both_discriminators(normalization="none"))
    model.compile(r1_weight=cosine(8.0, 10), r2_weight=2)
    again = tiny_model(**both_discriminators(normalization="none"))
    again.compile_from_config(model.get_compile_config())
    penalties = again.objective.penalties
    assert float(penalties.r1_weight(5)) == pytest.approx(4)
    assert penalties.r2_weight == 2


@pytest.mark.parametrize("steps", [0, -1, "2", 1.5])
def test_steps_of_an_execution_are_counted(steps):
    with pytest.raises(ValueError, match="`steps_per_execution` must be .*at least 1"):
        tiny_model().compile(steps_per_execution=steps)


@pytest.mark.parametrize(
    "wrong",
    [
        {"weight_constraint": "none"},
        {"augmentation": "color"},
        {"generator_optimizer": "best"},
        {"steps_per_execution": 0},
    ],
)
def test_a_model_stays_as_it_was_compiled(wrong):
    model = tiny_model()
    model.compile(loss="hinge", augmentation=["cutout"], run_eagerly=EAGER)
    videos = random_clips()
    before = model.get_compile_config(), model.objective, model.optimizer
    losses = model.test_on_batch(videos, labels_for(videos))
    with pytest.raises(ValueError):
        model.compile(loss="wasserstein", accumulate=2, **wrong)
    assert (model.get_compile_config(), model.objective, model.optimizer) == before
    assert model.objective.loss is km.losses.hinge
    np.testing.assert_array_equal(
        model.test_on_batch(videos, labels_for(videos)), losses
    )


def test_an_optimizer_of_another_model_is_refused():
    optimizer = keras.optimizers.Adam(1e-3)
    tiny_model().compile(generator_optimizer=optimizer)
    with pytest.raises(ValueError, match="`generator_optimizer` must be a new"):
        tiny_model().compile(generator_optimizer=optimizer)


def test_numbers_of_numpy_are_saved(tmp_path):
    model = tiny_model()
    model.compile(
        category_weight=np.float32(0.5),
        accumulate=np.int64(2),
        discriminator_steps=np.int32(1),
        steps_per_execution=np.int64(1),
    )
    model.save(tmp_path / "model.keras")
    loaded = km.load_model(tmp_path / "model.keras")
    assert loaded.accumulate == 2 and loaded.objective.category_weight == 0.5
