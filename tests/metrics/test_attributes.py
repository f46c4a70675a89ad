"""The classifier of frames, by itself and as a script trains it."""

import numpy as np
import pytest
from processes import ROOT
from testing import random_clips

import keras_mocogan as km
from keras_mocogan.metrics import AttributeClassifier, load_classifier

pytestmark = pytest.mark.once


def squares(n, seed, frames=3):
    """Squares of three colors and two sizes that stand anywhere: videos, attributes."""
    random = np.random.default_rng(seed)
    color, large = random.integers(0, 3, n), random.integers(0, 2, n)
    videos = np.zeros((n, frames, 32, 32, 3), "uint8")
    for i, t in np.ndindex(n, frames):
        side = 6 + 6 * large[i]
        y, x = random.integers(0, 32 - side, 2)
        videos[i, t, y : y + side, x : x + side, color[i]] = 200
    return videos, {"color": color, "large": large, "only_one": np.zeros(n, int)}


def write(path, n, seed):
    videos, attributes = squares(n, seed)
    arrays = {f"attr_{name}": values for name, values in attributes.items()}
    names = {"names_color": ["red", "green", "blue"]}
    np.savez(path, videos=videos, labels=attributes["large"], **arrays, **names)
    return videos, attributes


def test_features_and_predictions_are_of_frames():
    model = AttributeClassifier({"hair": 4, "shirt": 2}, 32, filters=2, feature_dim=5)
    videos, _ = squares(3, seed=0)
    features, predictions = model.classify(videos, batch_size=2)
    assert features.shape == (3, 3, 5) and features.dtype == "float64"
    outputs = model.predict(videos[1], verbose=0)
    np.testing.assert_allclose(features[1], outputs["features"], rtol=1e-5)
    for name, count in (("hair", 4), ("shirt", 2)):
        assert outputs[name].shape == (3, count)
        wanted = outputs[name].argmax(axis=1)
        np.testing.assert_array_equal(predictions[name][1], wanted)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"hair": ["red"]}, "each of 2 classes of 'hair'. Received: 1 names"),
        ({"shoe": ["red", "blue"]}, r"of \['hair'\]. Received: names for 'shoe'"),
    ],
)
def test_each_class_has_its_name(names, said):
    with pytest.raises(ValueError, match=said):
        AttributeClassifier({"hair": 2}, 32, class_names=names)


def test_attribute_classifier_is_saved_with_what_it_scored(tmp_path):
    score = {"accuracy": 0.9, "interval": [0.8, 0.95], "clips": 50}
    model = AttributeClassifier(
        {"hair": 2},
        32,
        filters=2,
        class_names={"hair": ["red", "blue"]},
        held_out={"hair": score},
    )
    model.save(tmp_path / "attributes.keras")
    loaded = load_classifier(tmp_path / "attributes.keras", AttributeClassifier)
    assert loaded.held_out == {"hair": score}
    assert loaded.class_names == {"hair": ["red", "blue"]}
    assert loaded.attributes == {"hair": 2}
    videos, _ = squares(2, seed=0)
    np.testing.assert_allclose(
        loaded.classify(videos)[0], model.classify(videos)[0], rtol=1e-6
    )
    said = "hold one VideoClassifier.*one AttributeClassifier.*keras-mocogan classifier"
    with pytest.raises(ValueError, match=said):
        load_classifier(tmp_path / "attributes.keras")
    with pytest.raises(ValueError, match="none.keras. .*tools/train_attributes.py"):
        load_classifier(tmp_path / "none.keras", AttributeClassifier)


def test_rectangular_frames(tmp_path):
    model = AttributeClassifier({"hair": 2}, (32, 16), filters=1, feature_dim=2)
    features, predictions = model.classify(random_clips(3, size=(32, 16)))
    assert features.shape == (3, 4, 2) and predictions["hair"].shape == (3, 4)
    model.save(tmp_path / "attributes.keras")
    loaded = load_classifier(tmp_path / "attributes.keras", AttributeClassifier)
    assert loaded.get_config()["image_size"] == (32, 16)


def test_attributes_and_frames_that_do_not_fit_are_refused():
    for attributes in ({}, {"hair": 1}, {"features": 2}):
        with pytest.raises(ValueError, match=f"Received: attributes={attributes}"):
            AttributeClassifier(attributes)
    model = AttributeClassifier({"hair": 2}, 32, filters=1)
    with pytest.raises(ValueError, match="frames >= 1, 32, 32, 3.*shape .2, 3, 16, 16"):
        model.classify(np.zeros((2, 3, 16, 16, 3), "uint8"))


@pytest.mark.slow
def test_the_script_stores_the_accuracy_in_held_out_frames(run_backend, tmp_path):
    write(tmp_path / "training.npz", 400, seed=0)
    videos, attributes = write(tmp_path / "held_out.npz", 60, seed=1)
    printed = run_backend(
        "tensorflow",
        ROOT / "tools" / "train_attributes.py",
        *(f"--{name}={tmp_path / name}.npz" for name in ("training", "held_out")),
        f"--output={tmp_path / 'attributes.keras'}",
        *"--filters=4 --epochs=6 --batch_size=32".split(),
    )
    model = load_classifier(tmp_path / "attributes.keras", AttributeClassifier)
    assert model.attributes == {"color": 3, "large": 2}  # and none of one class
    assert model.class_names == {"color": ["red", "green", "blue"], "large": None}
    _, predictions = model.classify(videos)
    for name, predicted in predictions.items():
        accuracy = (predicted == attributes[name][:, None]).mean()
        assert accuracy > 0.95
        assert model.held_out[name]["accuracy"] == pytest.approx(accuracy, abs=1e-9)
        assert model.held_out[name]["clips"] == 60
        assert f"{name:<20}{accuracy:>8.1%}" in printed


@pytest.mark.slow
def test_clips_of_arrays_train_the_video_classifier(run_backend, tmp_path):
    videos, labels = km.data.shape_motion(90, num_frames=4, image_size=32)
    np.savez(
        tmp_path / "clips.npz",
        videos=videos,
        labels=labels,
        names_labels=["right", "down"],
    )
    run_backend(
        "tensorflow",
        ROOT / "tools" / "train_classifier.py",
        f"--arrays={tmp_path / 'clips.npz'}",
        f"--output={tmp_path / 'classifier.keras'}",
        *"--image_size=32 --clip_frames=4 --filters=2 --steps=3".split(),
    )
    model = load_classifier(tmp_path / "classifier.keras")
    assert model.class_names == ["right", "down"]
    assert model.held_out["clips"] == 10
