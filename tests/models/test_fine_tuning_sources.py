"""What a model can start from: files, presets, and what is no source."""

import keras
import pytest
from testing import assert_identical, tiny_model, values

import keras_mocogan as km

pytestmark = pytest.mark.once


def test_models_of_others_have_nothing_to_start_from(tmp_path):
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    other.save(tmp_path / "other.keras")
    for source in (other, tmp_path / "other.keras"):
        with pytest.raises(ValueError, match="of this package.* Received: a Sequent"):
            km.fine_tune(source)


def test_a_compiled_model_keeps_a_loss_that_is_not_registered(tmp_path):
    trained, hinge = tiny_model(), km.losses.hinge
    loss = km.losses.AdversarialLoss(
        lambda real, fake: hinge.discriminator(real, fake), hinge.generator
    )
    model = tiny_model(seed=1)
    model.compile(loss=loss, weight_constraint="weight_clipping")
    constraint = model.weight_constraint
    model.load_weights_from(trained)
    assert model.objective.loss is loss
    assert model.weight_constraint is constraint
    assert_identical(values(model.weights), values(trained.weights))
    # Its file is a source all the same.
    model.save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="lambda"):
        km.load_model(tmp_path / "model.keras")
    tuned, _ = km.fine_tune(tmp_path / "model.keras")
    assert_identical(values(tuned.weights), values(trained.weights))


def test_presets_take_no_options():
    said = "no options.* Received: compile=False with 'shapes'. Leave them out"
    with pytest.raises(ValueError, match=said):
        km.load_model("shapes", compile=False)
