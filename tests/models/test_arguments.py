"""Arguments of the constructors that do not fit, and what comes of those that do."""

import json

import keras
import numpy as np
import pytest
from testing import (
    assert_identical,
    phase_weights,
    random_clips,
    tiny_image_gan,
    tiny_model,
    tiny_tgan,
    tiny_vgan,
    values,
)

pytestmark = pytest.mark.once

WITH_CLASSES = (tiny_model, tiny_vgan, tiny_tgan)


@pytest.mark.parametrize("make", WITH_CLASSES)
@pytest.mark.parametrize("classes", ["3", None, 2.5, -1, True])
def test_classes_are_counted(make, classes):
    with pytest.raises(ValueError, match="`num_classes` must be an integer of at lea"):
        make(num_classes=classes)


@pytest.mark.parametrize("make", [*WITH_CLASSES, tiny_image_gan])
@pytest.mark.parametrize("seed", ["7", 7.0, -1, True])
def test_seeds_are_integers(make, seed):
    with pytest.raises(ValueError, match="`seed` must be an integer of at least 0"):
        make(seed=seed)


def test_numbers_of_numpy_are_numbers():
    model = tiny_model(seed=np.int64(7), num_classes=np.int32(2))
    assert_identical(values(model.weights), values(tiny_model().weights))
    config = keras.saving.serialize_keras_object(model)
    again = keras.saving.deserialize_keras_object(json.loads(json.dumps(config)))
    assert (again.seed, again.num_classes) == (7, 2)
    # Presets and graphs are described by plain JSON.
    json.dumps([model.arguments[name] for name in ("seed", "num_classes")])
    json.dumps(model.clip_spec)


@pytest.mark.parametrize("sparsity", ["1", None, -0.1, float("nan")])
def test_the_weight_of_the_mask_is_a_number(sparsity):
    with pytest.raises(ValueError, match="`mask_sparsity` must be 0 or more. Received"):
        tiny_vgan(mask_sparsity=sparsity)


def test_a_model_made_frozen_is_frozen():
    model = tiny_model(trainable=False)
    model.compile(run_eagerly=True)
    before = phase_weights(model)
    assert not any(before.values())  # nothing that would learn
    weights = values(model.image_generator.weights)
    with pytest.warns(UserWarning, match="nothing to learn"):
        model.train_on_batch(random_clips())
    learned = values(model.image_generator.weights)
    kernels = [w.name == "kernel" for w in model.image_generator.weights]
    for one, other, is_kernel in zip(weights, learned, kernels, strict=True):
        assert not is_kernel or (one == other).all()
    again = type(model).from_config(model.get_config())
    assert again.frozen_config() == model.frozen_config() != {}
