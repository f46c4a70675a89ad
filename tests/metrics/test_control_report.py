"""The report on content and motion, with classifiers that read it off the pixels."""

import json

import numpy as np
import pytest
from processes import ROOT
from testing import random_clips, tiny_model

import keras_mocogan as km
from keras_mocogan.metrics import control_report

pytestmark = [pytest.mark.once, pytest.mark.filterwarnings("ignore:.*biased upward")]


class Classifier:
    """Takes the first frame's red for the class, of three."""

    class_names = ("walk", "run", "jump")

    def classify(self, videos):
        red = videos[:, 0, 0, 0, 0]
        return videos[:, 0, 0, 0, :2].astype(float), np.eye(3)[red]


class Attributes:
    """Takes each frame's green for the hair, and its blue for the shirt."""

    def classify(self, videos):
        first = videos[:, :, 0, 0]
        predictions = {"hair": first[..., 1], "shirt": first[..., 2]}
        predictions = {name: p.astype(int) for name, p in predictions.items()}
        return first.astype(float), predictions


JUDGES = Classifier(), Attributes()


def clips(motion, hair, shirt):
    """Clips of three frames whose pixels are these numbers, `(..., [frames])`."""
    parts = np.broadcast_arrays(*np.atleast_1d(motion, hair, shirt))
    colors = np.stack(parts, axis=-1).astype("uint8")
    return colors[..., None, None, :].repeat(4, axis=-3).repeat(4, axis=-2)


def grid(motion, hair, shirt):
    """Numbers `(contents, motions)` as a grid of clips of three frames."""
    parts = np.broadcast_arrays(motion, hair, shirt)
    return clips(*(part[..., None].repeat(3, axis=-1) for part in parts))


def by_key(scores):
    return {score.key: score for score in scores}


def test_grid_scores_are_the_shares_of_clips_that_obey():
    wanted = np.array([0, 1, 2])
    who = np.arange(4)[:, None]
    generated = grid(
        # The third content walks where it should run, the fourth jumps.
        motion=[[0, 1, 2], [0, 1, 2], [0, 0, 2], [0, 2, 2]],
        # Of the first content one of three pairs of motions agrees.
        hair=[[0, 0, 5], [1, 1, 1], [2, 2, 2], [3, 3, 3]],
        shirt=7,
    )
    real = grid(motion=wanted, hair=who, shirt=who)
    scores = by_key(control_report.grid_scores(generated, wanted, *JUDGES, real))
    motion = scores["motion_obeyed"]
    assert (motion.value, motion.real) == (pytest.approx(10 / 12), 1)
    assert motion.low < 10 / 12 < motion.high
    assert scores["motion_obeyed/run"].value == 2 / 4
    assert scores["motion_obeyed/jump"].value == 1
    assert scores["content_obeyed/hair"].value == pytest.approx((1 / 3 + 3) / 4)
    assert scores["content_obeyed_by_all/hair"].value == 3 / 4
    assert scores["content_obeyed_by_chance/hair"].value == 0
    assert scores["content_obeyed/hair"].real == 1
    # All shirts are alike, which is no merit.
    shirt = scores["content_obeyed/shirt"], scores["content_obeyed_by_chance/shirt"]
    assert [s.value for s in shirt] == [1, 1]
    assert [s.real for s in shirt] == [1, 0]


def test_without_real_clips_there_is_nothing_beside():
    generated = grid([0, 1], [[0], [1]], 0)
    scores = control_report.grid_scores(generated, np.array([0, 1]), *JUDGES)
    assert all(np.isnan(score.real) for score in scores)
    assert all(np.isfinite(score[2:5]).all() for score in scores)
    with pytest.raises(ValueError, match="and `wanted` .* Received: .* and 3 classes"):
        control_report.grid_scores(generated, np.arange(3), *JUDGES)


@pytest.mark.parametrize("wanted", [[0, 3], [0, -1]])
def test_motions_of_unknown_classes_are_refused(wanted):
    # The last name would be shown for -1.
    generated = grid([0, 1], [[0], [1]], 0)
    said = "`wanted` must be classes from 0 to 2, .* Received: classes from "
    with pytest.raises(ValueError, match=said):
        control_report.grid_scores(generated, np.array(wanted), *JUDGES)


def test_clip_scores_tell_variety_and_constancy():
    number = np.arange(40)[:, None]
    frames = np.arange(3)
    # Real clips: 40 characters; generated ones: 4, and hair turns in every second.
    real = clips(number % 3 + 0 * frames, number, number % 5)
    turning = number % 4 + (number % 2) * (frames == 2)
    generated = clips(number % 3 + 0 * frames, turning, 0)
    scores = by_key(control_report.clip_scores(generated, real, *JUDGES))
    kept = scores["content_kept/hair"]
    assert (kept.value, kept.real) == (0.5, 1)
    assert scores["content_kept/shirt"].value == 1
    assert scores["content_kept"].value == 0.5
    # In halves of 20.
    distinct = scores["distinct_characters"]
    assert 3 <= distinct.low <= distinct.value <= distinct.high <= 4
    assert distinct.real == 20
    for space in ("motion", "look"):
        for name in ("precision", "recall", "density", "coverage"):
            assert scores[f"{space}_{name}"].value <= scores[f"{space}_{name}"].real
        kernel = scores[f"{space}_kernel_distance"]
        assert kernel.value > kernel.real


def test_too_few_clips_are_refused_in_words():
    some = clips(np.arange(12)[:, None] % 3 + np.zeros((1, 3), int), 0, 0)
    assert control_report.clip_scores(some, some, *JUDGES)
    said = "at least 12 videos .* Received: 12 generated and 11 real ones. Give more"
    with pytest.raises(ValueError, match=said):
        control_report.clip_scores(some, some[:11], *JUDGES)


def test_copy_scores_tell_how_many_are_near():
    training, held_out = (random_clips(20, seed=seed) for seed in (0, 1))
    generated = np.concatenate([training[:5], random_clips(15, seed=2)])
    scores = by_key(control_report.copy_scores(generated, training, held_out))
    near, distance = scores["near_training"], scores["training_distance"]
    assert near.value == pytest.approx(0.25, abs=0.06)
    assert near.real == pytest.approx(0.05)  # one of twenty is the nearest
    assert distance.value == pytest.approx(distance.real, rel=0.02)


@pytest.mark.slow
def test_the_script_reports_and_repeats_itself(run_backend, tmp_path):
    tiny_model().save(tmp_path / "model.keras")
    km.metrics.VideoClassifier(2, 32, clip_frames=4, filters=2).save(
        tmp_path / "classifier.keras"
    )
    told = {"accuracy": 0.9, "interval": [0.8, 0.95], "clips": 50}
    km.metrics.AttributeClassifier(
        {"hair": 3, "shirt": 2}, 32, filters=2, held_out={"hair": told}
    ).save(tmp_path / "attributes.keras")
    for name, seed in (("training", 0), ("held_out", 1)):
        labels = np.arange(24) % 2
        clips = {"videos": random_clips(24, seed=seed), "labels": labels}
        np.savez(tmp_path / name, **clips, names_labels=["a", "b"])
    grid = random_clips(6, seed=2).reshape(3, 2, 4, 32, 32, 3)
    np.savez(tmp_path / "grid", videos=grid)
    files = {name: f"{name}.keras" for name in ("model", "classifier", "attributes")}
    files |= {name: f"{name}.npz" for name in ("training", "held_out")}
    flags = [f"--{name}={tmp_path / file}" for name, file in files.items()]
    flags += ["--contents=3", f"--output={tmp_path / 'control.json'}"]
    script = ROOT / "tools" / "evaluate_control.py"
    printed = run_backend("tensorflow", script, *flags)
    written = json.loads((tmp_path / "control.json").read_text())
    assert written["settings"]["contents"] == 3
    assert written["attributes"] == {"hair": told}
    scores = {score["key"]: score for score in written["scores"]}
    names = ("motion_obeyed", "content_obeyed/hair", "content_kept", "look_recall")
    assert {*names, "near_training"} < scores.keys()
    assert scores["motion_obeyed"]["real"] is None
    assert run_backend("tensorflow", script, *flags) == printed
    run_backend("tensorflow", script, *flags, f"--grid={tmp_path / 'grid.npz'}")
    written = json.loads((tmp_path / "control.json").read_text())
    assert 0 <= written["scores"][0]["real"] <= 1
    # The model's classes in the order of the clips, in another one, and others.
    assert run_backend("tensorflow", script, *flags, "--class_names=a,b") == printed
    assert run_backend("tensorflow", script, *flags, "--class_names=b,a") != printed
    run_backend("tensorflow", script, *flags, "--class_names=b,c", status=1)
