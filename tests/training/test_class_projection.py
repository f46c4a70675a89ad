"""D_V that judges clips as clips of a class."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import both_discriminators, random_clips, tiny_model, tiny_vgan, to_float

from keras_mocogan import backend
from keras_mocogan.training import class_projection
from keras_mocogan.training.step_clips import RealFakeBatch

REAL, FAKE, WRONG = (to_float(random_clips(3, 4, seed=seed)) for seed in range(3))
REAL_LABELS, FAKE_LABELS = [2, 0, 1], [1, 1, 0]
CLASSES = 3


def new_model(**settings):
    model = tiny_model(num_classes=CLASSES, **both_discriminators(normalization="none"))
    model.compile(category_loss="projection", **settings)
    return model


def losses(labels=REAL_LABELS, fake=FAKE, training=False, **settings):
    """The model, and the losses of D_V and of the generator on given clips."""
    model = new_model(**settings)
    real, fake, wrong = map(ops.convert_to_tensor, (REAL, fake, WRONG))
    of_real, of_fake = (
        None if of is None else ops.convert_to_tensor(of, "int32")
        for of in (labels, FAKE_LABELS)
    )
    batch = RealFakeBatch(
        real, None, of_real, fake, fake_labels=of_fake, disordered_clips=wrong
    )
    judge = model.video_discriminator
    of_judge, _ = model.objective.video_discriminator_loss(judge, batch, training)
    of_maker, metrics = model.objective.generator_loss(None, judge, batch, training)
    return model, float(of_judge), float(of_maker), metrics


def scores(model, clips):
    """Logits `(n, places)` and class logits `(n, classes)`."""
    found = model.video_discriminator(ops.convert_to_tensor(clips), training=False)
    found = {
        name: ops.convert_to_numpy(x).astype("float64") for name, x in found.items()
    }
    return found["logits"].reshape(len(clips), -1), found["category_logits"]


def as_class(found, labels):
    logits, classes = found
    return logits + classes[np.arange(len(logits)), labels][:, None]


def softplus(x):
    return np.logaddexp(0, x).mean()


@pytest.mark.parametrize("weight", [0.0, 1.0, 3.0])
def test_clips_are_judged_as_clips_of_their_class(weight):
    model, of_judge, of_maker, metrics = losses(wrong_class_weight=weight)
    real, fake = scores(model, REAL), scores(model, FAKE)
    right, made = as_class(real, REAL_LABELS), as_class(fake, FAKE_LABELS)
    others = [[0, 1], [1, 2], [0, 2]]
    wrong = [as_class(real, list(of)) for of in zip(*others, strict=True)]
    wanted = softplus(-right) + softplus(made)
    wanted += weight / 2 * (softplus(-right) + softplus(np.array(wrong)))
    np.testing.assert_allclose(of_judge, wanted, rtol=1e-4)
    np.testing.assert_allclose(of_maker, softplus(-made), rtol=1e-4)
    named = np.mean(fake[1].argmax(axis=1) == FAKE_LABELS)
    np.testing.assert_allclose(float(metrics["category_accuracy"]), named, rtol=1e-6)


def test_clips_out_of_order_have_the_class_of_the_real_ones():
    model, with_them, _, _ = losses(disorder_weight=1.0)
    _, without, _, _ = losses()
    right, wrong = (as_class(scores(model, x), REAL_LABELS) for x in (REAL, WRONG))
    extra = softplus(-right) + softplus(wrong)
    np.testing.assert_allclose(with_them - without, extra / 2, rtol=1e-3)


def test_the_paired_loss_compares_real_clips_with_generated_ones_of_any_class():
    model, of_judge, of_maker, _ = losses(loss="relativistic_pairing")
    real, fake = scores(model, REAL), scores(model, FAKE)
    right, made = as_class(real, REAL_LABELS), as_class(fake, FAKE_LABELS)
    others = np.array([as_class(real, np.add(REAL_LABELS, k) % 3) for k in (1, 2)])
    wanted = softplus(made - right) + 0.1 / 2 * softplus(others - right)
    np.testing.assert_allclose(of_judge, wanted, rtol=1e-4)
    np.testing.assert_allclose(of_maker, softplus(right - made), rtol=1e-4)


def squared_slopes(model, clips, labels):
    """Of each clip's mean logit as one of its class, `(n,)`."""

    def total(x):
        found = model.video_discriminator(x, training=False)
        places = np.prod(found["logits"].shape[1:])
        codes = ops.convert_to_tensor(np.eye(CLASSES, dtype="float32")[labels])
        of_class = ops.sum(codes * found["category_logits"])
        return ops.sum(found["logits"]) / int(places) + of_class

    slopes = backend.input_gradients(total, ops.convert_to_tensor(clips))
    return np.square(ops.convert_to_numpy(slopes)).sum(axis=(1, 2, 3, 4))


@pytest.mark.parametrize(
    "name, clips, labels",
    [("r1_weight", REAL, REAL_LABELS), ("r2_weight", FAKE, FAKE_LABELS)],
)
def test_penalties_are_those_of_each_clip_as_one_of_its_class(name, clips, labels):
    model, with_it, _, _ = losses(training=True, **{name: 2.0})
    _, without, _, _ = losses(training=True)
    wanted = squared_slopes(model, clips, labels).mean()
    np.testing.assert_allclose(with_it - without, wanted, rtol=1e-3)


def test_between_two_clips_the_class_is_that_of_the_real_one():
    # Between two equal clips there is nothing but that clip.
    model, with_it, _, _ = losses(fake=REAL, training=True, gradient_penalty=2.0)
    _, without, _, _ = losses(fake=REAL, training=True)
    lengths = np.sqrt(squared_slopes(model, REAL, REAL_LABELS))
    wanted = 2 * np.square(lengths - 1).mean()
    np.testing.assert_allclose(with_it - without, wanted, rtol=1e-3)


def test_without_labels_classes_are_found_as_by_infogan():
    _, of_judge, of_maker, _ = losses(labels=None)
    model = new_model()
    real, fake = scores(model, REAL), scores(model, FAKE)
    odds = fake[1] - np.logaddexp.reduce(fake[1], axis=1, keepdims=True)
    named = -odds[np.arange(3), FAKE_LABELS].mean()
    wanted = softplus(-real[0]) + softplus(fake[0]) + named
    np.testing.assert_allclose(of_judge, wanted, rtol=1e-4)
    np.testing.assert_allclose(of_maker, softplus(-fake[0]) + named, rtol=1e-4)


def test_logits_of_classes_by_hand():
    found = {
        "logits": ops.convert_to_tensor(np.array([[[1.0], [2.0]], [[3.0], [4.0]]])),
        "category_logits": ops.convert_to_tensor(
            np.array([[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]])
        ),
    }
    labels = ops.convert_to_tensor(np.array([1, 0], "int32"))
    right = class_projection.of_class(found, labels)
    np.testing.assert_allclose(
        ops.convert_to_numpy(right["logits"]), [[[21], [22]], [[43], [44]]]
    )
    wrong = class_projection.of_other_classes(found, labels)
    np.testing.assert_allclose(
        ops.convert_to_numpy(wrong),
        [[[[31], [32]], [[11], [12]]], [[[53], [54]], [[63], [64]]]],
    )
    found["logits"] = found["logits"][:, 0, 0]  # of a network with one logit a clip
    right = class_projection.of_class(found, labels)
    np.testing.assert_allclose(ops.convert_to_numpy(right["logits"]), [21, 43])
    wrong = class_projection.of_other_classes(found, labels)
    np.testing.assert_allclose(ops.convert_to_numpy(wrong), [[31, 11], [53, 63]])


@pytest.mark.parametrize("make", [tiny_model, tiny_vgan])
def test_batches_of_any_size_are_trained_on(make):
    model = make()
    model.compile(category_loss="projection")
    clips, labels = random_clips(3, 4), np.array([0, 1, 1], "int32")
    # The last batch has one clip, so TensorFlow does not know the size.
    seen = model.fit(clips, labels, batch_size=2, verbose=0).history
    assert np.isfinite(seen["loss"]).all()
    scores = model.evaluate(clips, labels, batch_size=2, verbose=0, return_dict=True)
    assert np.isfinite(scores["loss"])


def test_a_single_class_has_no_other():
    found = []
    for weight in (0.0, 3.0):
        model = tiny_model(num_classes=1)
        model.compile(category_loss="projection", wrong_class_weight=weight)
        logs = model.test_on_batch(
            random_clips(2, 4), np.zeros(2, "int32"), return_dict=True
        )
        found.append(logs["video_discriminator_loss"])
    # Two logits near 0.
    np.testing.assert_allclose(found, 2 * np.log(2), atol=0.3)
    np.testing.assert_allclose(*found, rtol=1e-6)


def test_it_is_stored_with_the_model(tmp_path):
    model = new_model()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.get_compile_config()["category_loss"] == "projection"
    assert loaded.objective.category_loss == "projection"


@pytest.mark.once
def test_an_unknown_loss_is_refused():
    with pytest.raises(ValueError, match="`category_loss` must be one of"):
        tiny_model().compile(category_loss="auxiliary")
