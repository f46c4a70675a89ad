"""Losses against their papers' formulas, written with logarithms of sigmoids."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import labels_for, random_clips, tiny_model

from keras_mocogan.training import losses

REAL = np.array([[2.0, -1.0], [0.5, 0.0]])
FAKE = np.array([[-3.0, 0.25], [1.0, -0.5]])


def log_d(logits):
    """log D, D = 1 / (1 + exp(-logits))."""
    return np.log(1 / (1 + np.exp(-logits)))


def log_not_d(logits):
    return np.log(1 - 1 / (1 + np.exp(-logits)))


FORMULAS = {
    "non_saturating": (
        lambda r, f: -log_d(r).mean() - log_not_d(f).mean(),
        lambda r, f: -log_d(f).mean(),
    ),
    "minimax": (
        lambda r, f: -log_d(r).mean() - log_not_d(f).mean(),
        lambda r, f: log_not_d(f).mean(),
    ),
    "least_squares": (
        lambda r, f: 0.5 * ((r - 1) ** 2).mean() + 0.5 * (f**2).mean(),
        lambda r, f: 0.5 * ((f - 1) ** 2).mean(),
    ),
    "hinge": (
        lambda r, f: np.maximum(0, 1 - r).mean() + np.maximum(0, 1 + f).mean(),
        lambda r, f: -f.mean(),
    ),
    "wasserstein": (lambda r, f: f.mean() - r.mean(), lambda r, f: -f.mean()),
    "relativistic_pairing": (
        lambda r, f: -log_d(r - f).mean(),
        lambda r, f: -log_d(f - r).mean(),
    ),
}
every_loss = pytest.mark.parametrize("name", FORMULAS)


def generator_loss(loss, real, fake):
    return loss.generator(real, fake) if loss.paired else loss.generator(fake)


def value(loss):
    loss = ops.convert_to_numpy(loss)
    assert loss.shape == () and loss.dtype == "float32"
    return float(loss)


def tensor(array, dtype="float32"):
    return ops.convert_to_tensor(array, dtype=dtype)


@every_loss
def test_losses_follow_their_formulas(name):
    loss = losses.get(name)
    discriminator, generator = FORMULAS[name]
    np.testing.assert_allclose(
        value(loss.discriminator(tensor(REAL), tensor(FAKE))),
        discriminator(REAL, FAKE),
        rtol=1e-5,
    )
    np.testing.assert_allclose(
        value(generator_loss(loss, tensor(REAL), tensor(FAKE))),
        generator(REAL, FAKE),
        rtol=1e-5,
    )


@pytest.mark.once
@every_loss
def test_generator_and_discriminator_pull_logits_apart(name):
    loss = losses.get(name)
    # Between what least squares pulls to, so that no side has gone too far.
    now, higher = tensor([[0.5]]), tensor([[0.6]])
    better = value(generator_loss(loss, now, higher))
    assert better < value(generator_loss(loss, now, now))
    before = value(loss.discriminator(now, now))
    assert value(loss.discriminator(now, higher)) > before
    assert value(loss.discriminator(higher, now)) < before


# -log D is 0 or -x to float32 at these logits; the log of a sigmoid would be -inf.
@pytest.mark.parametrize("name", ["non_saturating", "minimax", "relativistic_pairing"])
def test_logits_far_from_zero_stay_finite(name):
    loss = losses.get(name)
    far, near = tensor([[1000.0]]), tensor([[-1000.0]])
    np.testing.assert_allclose(value(loss.discriminator(near, far)), 2000)
    np.testing.assert_allclose(value(loss.discriminator(far, near)), 0, atol=1e-6)
    zero, one_sided = tensor([[0.0]]), (-1000, 0) if name == "minimax" else (0, 1000)
    for fake, wanted in zip((far, near), one_sided, strict=True):
        lost = value(generator_loss(loss, zero, fake))
        np.testing.assert_allclose(lost, wanted, atol=1e-6)


# -log sigmoid of a lead of log 3 is log(4 / 3), of a lag of log 3 it is log 4, and of
# no difference log 2.
def test_relativistic_pairing_compares_samples_at_the_same_place():
    loss, lead = losses.get("relativistic_pairing"), np.log(3)
    real, fake = tensor([[lead], [0.0]]), tensor([[0.0], [lead]])
    apart = (np.log(4 / 3) + np.log(4)) / 2
    np.testing.assert_allclose(value(loss.discriminator(real, fake)), apart, rtol=1e-6)
    np.testing.assert_allclose(value(loss.generator(real, fake)), apart, rtol=1e-6)
    swapped = tensor([[lead], [0.0]])
    for side in (loss.discriminator, loss.generator):
        np.testing.assert_allclose(value(side(real, swapped)), np.log(2), rtol=1e-6)
    ahead, behind = tensor([[5 + lead]]), tensor([[5.0]])  # only differences count
    ahead = (
        value(loss.discriminator(ahead, behind)),
        value(loss.generator(ahead, behind)),
    )
    np.testing.assert_allclose(ahead, (np.log(4 / 3), np.log(4)), rtol=1e-6)


# d/dx log(1 - D) = -D fades where D is sure of a fake; d/dx -log D = D - 1 does not.
@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "slope"), [("minimax", -0.0474), ("non_saturating", -0.9526)]
)
def test_slope_at_a_fake_that_was_found_out(name, slope):
    generator = losses.get(name).generator
    low, high = (value(generator(tensor([[-3.0 + d]]))) for d in (-0.01, 0.01))
    np.testing.assert_allclose((high - low) / 0.02, slope, atol=1e-3)


@pytest.mark.once
@every_loss
def test_low_precision_logits_are_summed_in_float32(name):
    loss = losses.get(name)
    real, fake = (tensor(x, "bfloat16") for x in (REAL, FAKE))
    wanted = FORMULAS[name][0](REAL, FAKE)  # whose logits bfloat16 holds exactly
    np.testing.assert_allclose(value(loss.discriminator(real, fake)), wanted, rtol=1e-5)
    of_generator = generator_loss(loss, real, fake)
    assert keras.backend.standardize_dtype(of_generator.dtype) == "float32"


# -log softmax of logits (0, log 3) is log 4 for class 0 and log(4 / 3) for class 1.
def test_category_cross_entropy():
    logits = np.array([[0, np.log(3)], [0, np.log(3)]])
    for labels, wanted in (
        ([0, 0], np.log(4)),
        ([1, 1], np.log(4 / 3)),
        ([0, 1], (np.log(4) + np.log(4 / 3)) / 2),
    ):
        loss = losses.category_cross_entropy(tensor(labels, "int32"), tensor(logits))
        np.testing.assert_allclose(value(loss), wanted, rtol=1e-6)


@pytest.mark.once
def test_category_cross_entropy_of_logits_far_apart():
    logits = tensor([[1000.0, -1000.0]])
    for label, wanted in ((0, 0), (1, 2000)):
        loss = losses.category_cross_entropy(tensor([label], "int32"), logits)
        np.testing.assert_allclose(value(loss), wanted, atol=1e-6)


def test_shares():
    logits = tensor([[-1.0, 0.2], [0.6, 3.0]])
    assert value(losses.share_above(logits, 0.0)) == 0.75
    assert value(losses.share_above(logits, 0.5)) == 0.5
    scores = tensor([[0.0, 1.0], [5.0, 1.0], [2.0, 3.0], [0.0, 9.0]])
    labels = tensor([1, 0, 0, 1], "int32")
    assert value(losses.category_accuracy(labels, scores)) == 0.75


@pytest.mark.once
def test_threshold_lies_between_what_real_and_fake_are_pulled_to():
    thresholds = {name: losses.get(name).threshold for name in FORMULAS}
    # Least squares pulls to 1 and 0, two losses apart wherever they are, the others
    # to both sides of 0.
    assert thresholds.pop("least_squares") == 0.5
    assert thresholds.pop("wasserstein") is None
    assert thresholds.pop("relativistic_pairing") is None
    assert set(thresholds.values()) == {0.0}


def test_accuracies_without_a_threshold_part_the_two_means():
    real, fake = tensor([10.0, 12.0, 20.0, 6.0]), tensor([8.0, 4.0, 12.5, 3.5])
    # Means 12 and 7, so 9.5 parts them; against 0 all would count as real.
    shares = losses.accuracies(real, fake, None)
    assert [value(share) for share in shares] == [0.75, 0.75]
    shares = losses.accuracies(real, fake, 0.0)
    assert [value(share) for share in shares] == [1.0, 0.0]


@pytest.mark.once
@every_loss
def test_losses_are_found_in_saved_models(name):
    loss = losses.get(name)
    config = keras.saving.serialize_keras_object(loss)
    assert keras.saving.deserialize_keras_object(config) == loss


@pytest.mark.once
@pytest.mark.parametrize("name", ["mse", "", None, 3])
def test_unknown_loss(name):
    with pytest.raises(ValueError, match=f"'hinge'.* Received: loss={name!r}"):
        losses.get(name)


@pytest.mark.once
@pytest.mark.parametrize("side", ["discriminator", "generator"])
def test_a_loss_for_each_sample_is_refused(side):
    # TensorFlow alone would take it, and learn from the sum.
    def each(*logits):
        return ops.sum(logits[-1], axis=tuple(range(1, len(logits[-1].shape))))

    hinge = losses.get("hinge")
    sides = {"discriminator": hinge.discriminator, "generator": hinge.generator}
    model = tiny_model()
    model.compile(loss=losses.AdversarialLoss(**{**sides, side: each}))
    videos = random_clips()
    said = r"must return a scalar. Received: a loss of shape \((2|None),\)"
    with pytest.raises(ValueError, match=said):
        model.train_on_batch(videos, labels_for(videos))
