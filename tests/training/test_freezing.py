"""Frozen networks: they stay, the rest learns, and files keep what is frozen."""

import warnings

import keras
import pytest
from testing import (
    EAGER,
    PHASES,
    assert_identical,
    both_discriminators,
    labels_for,
    random_clips,
    tiny_model,
    tiny_vgan,
    values,
)

import keras_mocogan as km
from keras_mocogan.callbacks import ema_weights
from keras_mocogan.training.optimizer_group import averages

CLIPS = random_clips()
NETWORKS = (
    "motion_generator",
    "image_generator",
    "image_discriminator",
    "video_discriminator",
)
GENERATORS = NETWORKS[:2]


def step(model, **options):
    model.fit(CLIPS, labels_for(CLIPS), batch_size=2, verbose=0, **options)


def new_model(**options):
    model = tiny_model()
    sgd = {f"{phase}_optimizer": keras.optimizers.SGD(0.1) for phase in PHASES}
    model.compile(**sgd, run_eagerly=EAGER, **options)
    return model


def weights(model):
    """What learns in each network, if it is not frozen; no seeds, no statistics."""
    return {
        name: values(
            v
            for v in getattr(model, name).variables
            if v.name in ("kernel", "bias", "gamma", "beta", "recurrent_kernel")
        )
        for name in NETWORKS
    }


def changed(before, after):
    """Names of the networks of which any weight is another."""
    return {
        name
        for name in NETWORKS
        if any((a != b).any() for a, b in zip(before[name], after[name], strict=True))
    }


def freeze(model, what):
    for part in [model] if what == "model" else [getattr(model, n) for n in what]:
        part.trainable = False


# JAX compiles a step for ten seconds; what these cases need of it the others have too.
ONE_PHASE_MORE = [("video_discriminator",), ("image_generator",), GENERATORS]


@pytest.mark.parametrize(
    "frozen",
    [("image_discriminator",), *(ONE_PHASE_MORE if EAGER else []), "model"],
    ids=str,
)
def test_what_is_frozen_stays_and_the_rest_learns(frozen):
    model = new_model()
    freeze(model, frozen)
    before = weights(model)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        step(model)
        step(model)
    stays = set(NETWORKS) if frozen == "model" else set(frozen)
    assert changed(before, weights(model)) == set(NETWORKS) - stays
    # Each phase without anything to learn says so once.
    idle = [str(w.message) for w in told if "has nothing to learn" in str(w.message)]
    silent = [f"The phase '{p.name}'" for p in model.phases if not p.variables]
    assert [text.split(" has ")[0] for text in idle] == silent
    assert model.global_step == 2


def test_frozen_after_a_step_and_thawed_again():
    # As a graph on TensorFlow: a step that was traced knows nothing of what is frozen.
    model = tiny_vgan(num_classes=0)
    sgd = {f"{phase}_optimizer": keras.optimizers.SGD(0.1) for phase in PHASES[1:]}
    model.compile(**sgd)
    networks = model.video_discriminator, *model.generating_networks()
    for frozen in (False, True, False):
        model.video_discriminator.trainable = not frozen
        before = [values(n.weights) for n in networks]
        model.fit(CLIPS, batch_size=2, verbose=0)
        learned = [
            any((a != b).any() for a, b in zip(old, values(n.weights), strict=True))
            for old, n in zip(before, networks, strict=True)
        ]
        assert learned == [not frozen, *[True] * len(model.generating_networks())]


def test_files_keep_what_is_frozen(tmp_path):
    model = new_model()
    model.video_discriminator.trainable = model.motion_generator.trainable = False
    model.image_discriminator.get_layer("conv_1").trainable = False
    model.save(tmp_path / "model.keras")
    other = keras.models.load_model(tmp_path / "model.keras")
    frozen = [n.name for n in other.networks() if not n.trainable_variables]
    assert frozen == ["motion_generator", "video_discriminator"]
    layers = other.image_discriminator.layers
    assert [layer.name for layer in layers if not layer.trainable] == ["conv_1"]
    assert_identical(
        *(values([*m.weights, *m.optimizer.variables]) for m in (model, other))
    )
    if not EAGER:
        return
    before = weights(other)
    step(other)
    after = weights(other)
    assert changed(before, after) == {"image_generator", "image_discriminator"}
    # The optimizers know what is frozen too: thawed, all of it learns.
    for network in NETWORKS:
        getattr(other, network).trainable = True
    step(other)
    assert changed(after, weights(other)) == set(NETWORKS)


def test_files_keep_that_the_whole_model_is_frozen(tmp_path):
    model = tiny_model()
    model.trainable = False
    model.save(tmp_path / "model.keras")
    model.image_generator.save(tmp_path / "network.keras")
    other = keras.models.load_model(tmp_path / "model.keras")
    assert not other.trainable and not other.trainable_variables
    network = keras.models.load_model(tmp_path / "network.keras")
    assert not network.trainable_variables
    other.trainable = True
    names = [[v.path for v in m.trainable_variables] for m in (other, tiny_model())]
    assert names[0] == names[1]


def test_files_keep_that_a_running_mean_stands_still():
    network = km.ImageEncoder(32, content_dim=3, filters=2, seed=0)
    network.get_layer("centered").trainable = False
    other = km.ImageEncoder.from_config(network.get_config())
    assert [layer.name for layer in other.layers if not layer.trainable] == ["centered"]
    images = keras.random.normal((2, 32, 32, 3), seed=0)
    other(images, training=True)
    assert not values([other.get_layer("centered").moving_mean])[0].any()


def test_files_keep_that_a_running_mean_moves():
    network = km.ImageEncoder(32, content_dim=3, filters=2, seed=0)
    for layer in network.layers:
        layer.trainable = layer.name == "centered"
    other = km.ImageEncoder.from_config(network.get_config())
    assert not other.trainable_variables
    other(keras.random.normal((2, 32, 32, 3), seed=0), training=True)
    assert values([other.get_layer("centered").moving_mean])[0].any()


def test_a_frozen_network_may_be_made_again_under_another_name():
    network = tiny_model().image_generator
    network.get_layer("deconv_1").trainable = False
    for _ in range(2):  # first a layer, then all
        again = type(network).from_config(network.get_config() | {"name": "other"})
        frozen = [layer.name for layer in again.layers if not layer.trainable]
        assert frozen == [x.name for x in network.layers if not x.trainable]
        assert again.trainable == network.trainable and again.name == "other"
        network.trainable = False


def test_averages_leave_frozen_weights_alone():
    model = tiny_model()
    sgd = keras.optimizers.SGD(0.1, use_ema=True)
    model.compile(generator_optimizer=sgd, run_eagerly=EAGER)
    model.motion_generator.trainable = False
    before = weights(model)
    with ema_weights(model):  # before the first step averages are the weights
        assert not changed(before, weights(model))
    for average in model.optimizer["generator"]._model_variables_moving_average:
        average.assign(average + 1.0)
    with ema_weights(model):
        assert changed(before, weights(model)) == {"image_generator"}


@pytest.mark.skipif(not EAGER, reason="nothing of it depends on the backend")
@pytest.mark.parametrize("frozen", GENERATORS)
def test_training_with_averages_ends_where_a_generator_is_frozen(frozen):
    model = tiny_model()
    sgd = keras.optimizers.SGD(0.1, use_ema=True)
    model.compile(generator_optimizer=sgd, run_eagerly=EAGER)
    getattr(model, frozen).trainable = False
    before = weights(model)
    step(model)
    assert changed(before, weights(model)) == {*NETWORKS} - {frozen}
    pairs = averages(sgd)
    assert_identical(*(values(each) for each in zip(*pairs, strict=True)))


@pytest.mark.skipif(not EAGER, reason="nothing of it depends on the backend")
def test_averages_that_overwrite_frozen_weights_are_refused():
    model = tiny_model()
    optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_overwrite_frequency=1)
    model.compile(generator_optimizer=optimizer, run_eagerly=EAGER)
    model.motion_generator.trainable = False
    with pytest.raises(ValueError, match="`ema_overwrite_frequency` must be None"):
        step(model)


@pytest.mark.skipif(not EAGER, reason="nothing of it depends on the backend")
@pytest.mark.parametrize("constraint", ["weight_clipping", "singular_value_clipping"])
def test_constraints_and_power_iterations_leave_frozen_weights_alone(constraint):
    model = tiny_model(**both_discriminators(normalization="spectral"))
    model.compile(weight_constraint=constraint, run_eagerly=EAGER)
    for variable in model.variables:
        if variable.name == "kernel":
            variable.assign(variable * 20.0)  # far out of bounds
    model.video_discriminator.trainable = False
    frozen = [model.video_discriminator, model.image_discriminator.get_layer("sn_head")]
    frozen[1].trainable = False
    before = [values(part.weights) for part in frozen]
    for _ in range(5):  # singular values are clipped at every fifth
        step(model)
    for part, kept in zip(frozen, before, strict=True):
        assert_identical(values(part.weights), kept)


@pytest.mark.skipif(not EAGER, reason="JAX takes such gradients as zero by itself")
def test_a_head_that_no_loss_reaches():
    # `category_weight=0` leaves the classes' logits out of all losses.
    model = new_model(category_weight=0)
    before = weights(model)
    step(model)
    assert changed(before, weights(model)) == set(NETWORKS)
