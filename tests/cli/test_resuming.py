"""Ctrl-C, and when checkpoints are saved if nobody says."""

import os
import signal

import numpy as np
import pytest
from absl import app
from absl.testing import flagsaver
from testing import tiny_model

import keras_mocogan as km
from keras_mocogan.cli import (
    choices,
    finished,
    plan,
    resuming,
    run_flags,
    run_lock,
    scores,
    training,
    trial,
)
from keras_mocogan.metrics.report import evaluate_videos
from keras_mocogan.utils.remote.remote_path import as_path

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def flags():
    if not training.FLAGS.is_parsed():
        training.FLAGS(["train"])


def test_ctrl_c_saves_as_sigterm_does(tmp_path):
    got = []
    former = signal.signal(signal.SIGTERM, lambda *_: got.append("SIGTERM"))
    before = signal.getsignal(signal.SIGINT)
    try:
        with resuming.told_how(tmp_path):
            os.kill(os.getpid(), signal.SIGINT)
            assert got == ["SIGTERM"]
    finally:
        signal.signal(signal.SIGTERM, former)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_run_that_is_ended_leaves_its_averaged_model(tmp_path, monkeypatch):
    networks = dict.fromkeys(("image_generator", "video_discriminator"), {"filters": 2})
    recipe = km.recipes.get("MoCoGAN", "short").with_changes(
        steps=2, arguments={"image_size": 32, "clip_frames": 4, **networks}
    )
    model = km.MoCoGAN.by_recipe(recipe)
    kernel = model.image_generator.get_layer("modulation").kernel
    last = np.zeros(kernel.shape)

    def fit(*_, **__):
        kernel.assign(last)
        raise SystemExit(0)

    monkeypatch.setattr(model, "fit", fit)
    with flagsaver.flagsaver(steps=2, steps_per_epoch=2, tensorboard=False):
        with pytest.raises(SystemExit):
            training._fit(model, None, recipe, tmp_path, None)
    saved = km.load_model(tmp_path / "model.keras")
    kept, now = (m.image_generator.get_layer("modulation") for m in (saved, model))
    assert np.any(kept.get_weights()[0])
    assert not np.any(now.get_weights()[0])  # a user's own code may go on with it
    assert not finished.is_finished(tmp_path)  # by which queues know it


def test_a_run_is_finished_when_its_steps_are_made(tmp_path, monkeypatch):
    model = tiny_model()
    recipe = km.recipes.get("MoCoGAN", "short").with_changes(steps=4)
    called = {}

    def fit(_, **arguments):
        assert not finished.is_finished(tmp_path)  # of a shorter training before
        called.update(arguments)

    monkeypatch.setattr(model, "fit", fit)
    for _ in range(2):
        with flagsaver.flagsaver(steps=4, steps_per_epoch=2, tensorboard=False):
            training._fit(model, None, recipe, tmp_path, None)
        assert finished.is_finished(tmp_path)
    assert (called["epochs"], called["steps_per_epoch"]) == (2, 2)


def test_a_model_without_checkpoints_is_not_overwritten(tmp_path):
    (tmp_path / "model.keras").touch()
    said = f"model.keras is from an earlier run, .* Choose another .* remove {tmp_path}"
    for resume in (False, True):
        with flagsaver.flagsaver(resume=resume):
            with pytest.raises(SystemExit, match=said):
                resuming.find_checkpoint(tmp_path)


def test_one_training_at_a_time(tmp_path):
    run = tmp_path / "run"
    for _ in range(2):  # the lock is opened again
        with run_lock.held(run):
            with pytest.raises(SystemExit, match="Another training is running in "):
                with run_lock.held(run):
                    pass
    with run_lock.held(as_path("memory://run")), run_lock.held(as_path("memory://run")):
        pass  # a URL has no lock
    assert not run.exists()  # as before, if nothing was written


@pytest.mark.parametrize(
    ("steps", "per_epoch", "wanted"),
    [
        (3600, None, (3600, 450)),  # no more steps than asked for
        (1, None, (1, 1)),
        (2801, None, (2802, 467)),
        (2800, 500, (3000, 500)),
        (171, 500, (171, 171)),
    ],
)
def test_schedules_end_with_the_last_epoch(steps, per_epoch, wanted):
    recipe = km.recipes.get("MoCoGAN", "short")
    with flagsaver.flagsaver(steps=steps, steps_per_epoch=per_epoch):
        recipe = training._with_steps(recipe)
        assert (recipe.steps, training.FLAGS.steps_per_epoch) == wanted


@pytest.mark.parametrize(
    ("per_epoch", "wanted"),
    [(None, (165, 15)), (50, (150, 50)), (500, (171, 171))],  # 171 steps fit
)
def test_hours_are_not_exceeded(per_epoch, wanted):
    assert trial.fit_to(0.2, 4.0, per_epoch) == wanted


def test_monitors_that_no_epoch_has_are_refused():
    model = tiny_model()
    model.compile()
    with flagsaver.flagsaver(monitor="frechet_distance"):
        with pytest.raises(app.UsageError, match="one of .*acd, .*generator_loss"):
            resuming.check_monitor(model, ["acd"])
        resuming.check_monitor(model, ["frechet_distance"])
    with flagsaver.flagsaver(monitor="generator_loss"):
        resuming.check_monitor(model, [])
    with flagsaver.flagsaver(monitor_mode="max"):
        with pytest.raises(app.UsageError, match="--monitor_mode is for --monitor"):
            resuming.check()
    with flagsaver.flagsaver(checkpoint_minutes=0.0):
        with pytest.raises(app.UsageError, match="--checkpoint_minutes must be above"):
            resuming.check()


def test_names_of_scores_are_those_that_are_measured():
    videos, labels = km.data.shape_motion(4, num_frames=4, image_size=32)
    judge = km.metrics.VideoClassifier(2, image_size=32, clip_frames=4, filters=2)

    def extract(clips):
        return np.asarray(clips).reshape(len(clips), -1)[:, :3].astype("float32")

    measured = evaluate_videos((videos, labels), (videos, labels), judge, extract)
    with flagsaver.flagsaver(colors=True, classifier="judge.keras", i3d="i3d.pt"):
        assert scores.names() == [score.key for score in measured]
    assert scores.names() == []


def test_a_run_that_goes_on_has_the_flags_that_it_began_with(tmp_path):
    began = (
        "--frame_stride=3 --augmentation=color,cutout --noimage_discriminator "
        "--image_size=32x48 --generator_rate=0.0001 --monitor=acd --strategy=mirrored "
        "--steps_per_epoch=7 --run_dir=elsewhere"
    ).split()
    with flagsaver.flagsaver():
        training.FLAGS(["train", *began])
        kept = run_flags.as_text()
    assert "--strategy" not in kept
    run_flags.keep(tmp_path, f"{kept}\n--of_another_version=1\n")
    with flagsaver.flagsaver():
        training.FLAGS(["train", "--frame_stride=2"])
        run_flags.take(tmp_path)
        values = {name: training.FLAGS[name].value for name in training.FLAGS}
    assert values["frame_stride"] == 2  # given now
    assert values["augmentation"] == ["color", "cutout"]
    assert values["image_discriminator"] is False and values["image_size"] == (32, 48)
    assert values["generator_rate"] == 1e-4 and values["monitor"] == "acd"
    assert (values["strategy"], values["steps_per_epoch"]) == ("none", 7)
    assert values["run_dir"] == training.FLAGS["run_dir"].default


def test_one_of_two_flags_that_exclude_each_other_is_taken(tmp_path):
    run_flags.keep(tmp_path, "--dataset=shapes\n--hours=2.0\n--recipe=short")
    with flagsaver.flagsaver():
        training.FLAGS(["train", "--data_dir=mine", "--steps=9"])
        run_flags.take(tmp_path)
        now = training.FLAGS
        assert (now.dataset, now.hours, now.recipe) == (None, None, "short")


def test_a_value_of_another_version_is_told(tmp_path):
    run_flags.keep(tmp_path, "--recipe=short\n--loss=of_the_future")
    with flagsaver.flagsaver():
        training.FLAGS(["train"])
        with pytest.raises(app.UsageError, match="--loss in .*flags.txt is not one of"):
            run_flags.take(tmp_path)


def test_the_plan_offers_hours_where_they_can_be_given():
    month = {"seconds": 30.0, "steps_left": 100_000}
    for words, offers in (([], True), (["--steps=9"], False), (["--resume"], False)):
        with flagsaver.flagsaver():
            training.FLAGS(["train", *words])
            assert ("--hours=2" in plan.ending(**month)) == offers


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, (500, 10.0)),  # an epoch, and ten minutes of long ones
        ({"checkpoint_steps": 7}, (7, None)),
        ({"checkpoint_minutes": 3.0}, (None, 3.0)),
    ],
)
def test_checkpoints(tmp_path, given, wanted):
    with flagsaver.flagsaver(**given):
        checkpoint = resuming.make_checkpoint(tmp_path, 500)
    assert (checkpoint.every_steps, checkpoint.every_minutes) == wanted
    assert checkpoint.monitor is None


def test_steps_go_over_the_hours_that_a_run_began_with():
    given = {"hours": 2.0, "steps": 9}
    with flagsaver.flagsaver(**given):
        training._check_hours("step_00000003.keras")
        lines = run_flags.as_text().splitlines()
    assert "--steps=9" in lines
    assert not [line for line in lines if line.startswith("--hours")]
    with flagsaver.flagsaver(**given), pytest.raises(app.UsageError, match="either"):
        training._check_hours(None)


def test_flags_are_kept_whole_or_not_at_all(tmp_path):
    run_flags.keep(tmp_path / "run", "--steps=2")
    with pytest.raises(UnicodeEncodeError):  # as a full disk does, in the middle
        run_flags.keep(tmp_path / "run", "--data_dir=\udcff")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["flags.txt"]
    assert (tmp_path / "run" / "flags.txt").read_text() == "--steps=2"


def test_flags_that_a_checkpoint_would_overrule_are_refused(tmp_path):
    run_flags.check_same(tmp_path)  # without a file there is nothing to compare
    began = {"generator_rate": 1e-3, "steps": 5, "palette_size": 4}
    with flagsaver.flagsaver(**began):
        run_flags.keep(tmp_path, run_flags.as_text())
    run_flags.check_same(tmp_path)  # left out
    with flagsaver.flagsaver(**began | {"steps": 9, "batch_size": 3}):
        run_flags.check_same(tmp_path)
    for name, other in {
        "generator_rate": 1e-4,
        "accumulate": 2,
        "palette_size": 5,
    }.items():
        said = f"--{name} must be as in .*flags.txt.*Received: --{name}={other}. Leave"
        with flagsaver.flagsaver(**began | {name: other}):
            with pytest.raises(app.UsageError, match=said):
                run_flags.check_same(tmp_path)


def test_defaults_that_a_checkpoint_would_overrule_are_refused_if_asked_for(tmp_path):
    began = ["train", "--mixed_precision=bfloat16", "--noimage_discriminator"]
    with flagsaver.flagsaver():
        training.FLAGS(began)
        run_flags.keep(tmp_path, run_flags.as_text())
    with flagsaver.flagsaver():
        training.FLAGS(["train"])
        run_flags.check_same(tmp_path)  # left out
    with flagsaver.flagsaver():
        training.FLAGS(["train", f"--flagfile={tmp_path / 'flags.txt'}"])
        run_flags.check_same(tmp_path)
    for flag in ("--mixed_precision=none", "--image_discriminator"):
        with flagsaver.flagsaver(), pytest.raises(app.UsageError, match=flag):
            training.FLAGS([*began, flag])
            run_flags.check_same(tmp_path)


def test_the_best_checkpoint_is_kept_by_a_flag(tmp_path):
    with flagsaver.flagsaver(monitor="mcs", monitor_mode="max"):
        checkpoint = resuming.make_checkpoint(tmp_path, 500)
    assert (checkpoint.monitor, checkpoint.mode) == ("mcs", "max")


def test_a_damaged_plan_is_told(tmp_path):
    (tmp_path / "plan.json").write_text('{"steps": 1')
    with pytest.raises(ValueError, match="plan.json, which is damaged .* Remove the"):
        choices.are_other_hours(tmp_path)
