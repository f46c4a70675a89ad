"""Reports: scores, their intervals and floors, in fit and by evaluate.py."""

import json

import keras
import numpy as np
import pytest
from processes import ROOT
from testing import labels_for, random_clips, tiny_model

import keras_mocogan as km
from keras_mocogan.data import shape_motion
from keras_mocogan.metrics import report

pytestmark = pytest.mark.once


def by_key(scores):
    return {score.key: score for score in scores}


def test_color_scores_and_their_interval():
    # Clips whose color steps from 0 to 40 or to 80 in green: ACD 40 or 80.
    videos = np.zeros((100, 2, 8, 8, 3), "uint8")
    videos[:, :, 2:4, 2:4, 0] = 200
    videos[:50, 1, 2:4, 2:4, 1] = 40
    videos[50:, 1, 2:4, 2:4, 1] = 80
    scores = by_key(report.color_scores(videos, videos[:, :1].repeat(2, axis=1)))
    assert scores["acd"].value == pytest.approx(60)
    assert scores["acd"].real == 0
    assert scores["acd_unit"].value == pytest.approx(60 / 255)
    # The mean of 100 draws from two values 20 off has a deviation of 2.
    assert scores["acd"].low == pytest.approx(60 - 1.96 * 2, abs=1)
    assert scores["acd"].high == pytest.approx(60 + 1.96 * 2, abs=1)


def test_coverage_scores():
    # Squares of four colors, of which the generated ones have two; discs among them.
    real, _ = km.data.shape_motion(64, num_frames=2, image_size=32)
    real[...] = 0
    for i, color in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]):
        real[i::4, :, 8:16, 8:16] = color
    generated = real[np.arange(64) // 4 * 4 + np.arange(64) % 2].copy()
    y, x = np.mgrid[:32, :32] - 12
    generated[:16] *= (x**2 + y**2 < 16)[None, None, ..., None]
    scores = by_key(report.coverage_scores(generated, real))
    coverage, squares = scores["color_coverage"], scores["square_share"]
    assert (coverage.value, coverage.real) == (0.5, 1)
    assert (squares.value, squares.real) == (0.75, 1)
    assert 0.75 - 0.2 < squares.low < 0.75 < squares.high < 0.75 + 0.2


def test_class_scores():
    opinions, labels = np.eye(2)[[0, 1, 1, 1]], np.array([0, 1, 0, 1])
    sure = np.eye(2)[labels]
    scores = by_key(report.class_scores((opinions, labels), (sure, labels)))
    assert (scores["mcs"].value, scores["mcs"].real) == (0.75, 1)
    assert scores["inception_score"].real == pytest.approx(2)
    unlabeled = by_key(report.class_scores((opinions, None), (sure, labels)))
    assert "mcs" not in unlabeled
    with pytest.raises(ValueError, match="classifier was trained on other ones"):
        report.class_scores((opinions, labels + 1), (sure, labels))


@pytest.mark.filterwarnings("ignore:.*biased upward")
def test_distances_have_the_floor_of_real_to_real():
    random = np.random.default_rng(0)
    real, others = random.normal(size=(400, 4)), random.normal(1, 1, (200, 4))
    scores = by_key(report.distance_scores(others, real))
    # |1|^2 over four dimensions is 4; samples of 200 add some hundredths.
    assert scores["frechet_distance"].value == pytest.approx(4, rel=0.2)
    assert scores["frechet_distance"].real < 0.2
    assert abs(scores["kernel_distance"].real) < 0.05
    assert scores["kernel_distance"].low > scores["kernel_distance"].real


def mean_color(videos):
    return videos.mean((1, 2, 3))


@pytest.mark.filterwarnings("ignore:.*biased upward")
def test_scores_appear_in_the_logs_of_fit():
    model = tiny_model()
    averaging = keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.5)
    model.compile(generator_optimizer=averaging, run_eagerly=True)
    videos = random_clips()
    metrics = km.callbacks.MetricsCallback(videos, colors=True, count=3, every=2)
    history = model.fit(
        videos,
        labels_for(videos),
        batch_size=2,
        epochs=2,
        callbacks=[metrics],
        verbose=0,
    ).history
    labels = np.arange(3) % 2
    generated = model.generate(3, labels=labels, seed=0)
    wanted = report.color_scores(generated, videos)[0].value
    assert history["acd"] == [pytest.approx(wanted)]
    said = "nothing to measure. Received: .*colors=False. Pass a classifier"
    with pytest.raises(ValueError, match=said):
        km.callbacks.MetricsCallback(videos)


@pytest.mark.filterwarnings("ignore:.*biased upward")
def test_the_range_of_a_distance_holds_other_draws_of_generated_videos():
    random = np.random.default_rng(0)
    real = random.normal(size=(400, 4))
    lows, highs = [], []
    for _ in range(8):
        others = random.normal(0.5, 1, (400, 4))
        score = report.distance_scores(others, real)[0]
        lows.append(score.low)
        highs.append(score.high)
    assert max(lows) < min(highs)


def test_other_sizes_are_refused():
    videos = random_clips()
    said = "only their number may differ. Received: shapes .* and "
    with pytest.raises(ValueError, match=said):
        report.evaluate_videos((videos, None), (videos[:, :3], None))


@pytest.mark.parametrize(("extractor", "least"), [(None, 2), (mean_color, 4)])
def test_too_few_videos_are_refused_in_words(extractor, least):
    many, few = random_clips(8), random_clips(least - 1)
    said = f"at least {least} generated and {least} real .*Received: 8 .* {least - 1}"
    with pytest.raises(ValueError, match=said):
        report.evaluate_videos((many, None), (few, None), extractor=extractor)
    with pytest.raises(ValueError, match=said):  # before the training, not in it
        km.callbacks.MetricsCallback(few, extractor=extractor, colors=True, count=8)
    enough = random_clips(least)
    scores = report.evaluate_videos((many, None), (enough, None), extractor=extractor)
    assert all(np.isfinite(score.real) for score in scores)


def test_tables_tell_how_many_videos_there_were():
    full = report.about_counts(256, 512, 512)
    assert full.startswith("256 generated and real") and full.endswith("twice as many")
    short = report.about_counts(256, 512, 3)
    assert short.startswith("256 generated and 3 real")
    assert short.endswith("halves of 3 of each")


@pytest.mark.slow
def test_evaluate_repeats_itself_and_tells_its_settings(run_backend, tmp_path):
    run_backend(
        "tensorflow",
        ROOT / "tools" / "train_classifier.py",
        *"--dataset=shapes --image_size=32 --clip_frames=4 --filters=4".split(),
        *f"--steps=60 --output={tmp_path / 'judge.keras'}".split(),
    )
    judge = keras.models.load_model(tmp_path / "judge.keras")
    assert judge.held_out["clips"] == 223
    assert judge.held_out["accuracy"] > 0.9
    tiny_model().save(tmp_path / "model.keras")
    flags = f"--model={tmp_path / 'model.keras'} --dataset=shapes --count=20".split()
    flags += [f"--classifier={tmp_path / 'judge.keras'}", "--seed=4"]
    flags += [f"--output={tmp_path / 'scores.json'}"]
    script = ROOT / "examples" / "evaluate.py"
    printed = [run_backend("tensorflow", script, *flags) for _ in range(2)]
    assert printed[0] == printed[1]
    written = json.loads((tmp_path / "scores.json").read_text())
    assert written["settings"]["count"] == 20 and written["settings"]["seed"] == 4
    assert written["videos"]["generated"] == [40, 4, 32, 32, 3]
    assert written["classifier"] == judge.held_out
    keys = {score["key"] for score in written["scores"]}
    assert {"acd", "mcs", "inception_score", "frechet_distance"} < keys
    videos, labels = shape_motion(40, num_frames=4, image_size=32, seed=1)
    _, opinions = judge.classify(videos)
    assert (opinions.argmax(axis=1) == labels).mean() > 0.9
