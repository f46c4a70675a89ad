"""Ctrl-C, and when checkpoints are saved if nobody says."""

import os
import signal

import numpy as np
import pytest
from absl import app
from absl.testing import flagsaver

import keras_mocogan as km
from keras_mocogan.cli import choices, resuming, training

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
        lines = resuming.flag_lines().splitlines()
    assert "--steps=9" in lines
    assert not [line for line in lines if line.startswith("--hours")]
    with flagsaver.flagsaver(**given), pytest.raises(app.UsageError, match="either"):
        training._check_hours(None)


def test_flags_are_kept_whole_or_not_at_all(tmp_path):
    resuming.keep_flags(tmp_path / "run", "--steps=2")
    with pytest.raises(UnicodeEncodeError):  # as a full disk does, in the middle
        resuming.keep_flags(tmp_path / "run", "--data_dir=\udcff")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["flags.txt"]
    assert (tmp_path / "run" / "flags.txt").read_text() == "--steps=2"


def test_flags_that_a_checkpoint_would_overrule_are_refused(tmp_path):
    resuming.check_same(tmp_path)  # without a file of flags there is nothing to compare
    began = {"generator_rate": 1e-3, "steps": 5, "palette_size": 4}
    with flagsaver.flagsaver(**began):
        resuming.keep_flags(tmp_path, resuming.flag_lines())
    resuming.check_same(tmp_path)  # left out
    with flagsaver.flagsaver(**began | {"steps": 9, "batch_size": 3}):
        resuming.check_same(tmp_path)
    for name, other in {
        "generator_rate": 1e-4,
        "accumulate": 2,
        "palette_size": 5,
    }.items():
        said = f"--{name} must be as in .*flags.txt.*Received: --{name}={other}. Leave"
        with flagsaver.flagsaver(**began | {name: other}):
            with pytest.raises(app.UsageError, match=said):
                resuming.check_same(tmp_path)


def test_defaults_that_a_checkpoint_would_overrule_are_refused_if_asked_for(tmp_path):
    began = ["train", "--mixed_precision=bfloat16", "--noimage_discriminator"]
    with flagsaver.flagsaver():
        training.FLAGS(began)
        resuming.keep_flags(tmp_path, resuming.flag_lines())
    with flagsaver.flagsaver():
        training.FLAGS(["train"])
        resuming.check_same(tmp_path)  # left out
    with flagsaver.flagsaver():
        training.FLAGS(["train", f"--flagfile={tmp_path / 'flags.txt'}"])
        resuming.check_same(tmp_path)
    for flag in ("--mixed_precision=none", "--image_discriminator"):
        with flagsaver.flagsaver(), pytest.raises(app.UsageError, match=flag):
            training.FLAGS([*began, flag])
            resuming.check_same(tmp_path)


def test_the_best_checkpoint_is_kept_by_a_flag(tmp_path):
    with flagsaver.flagsaver(monitor="mcs", monitor_mode="max"):
        checkpoint = resuming.make_checkpoint(tmp_path, 500)
    assert (checkpoint.monitor, checkpoint.mode) == ("mcs", "max")


def test_a_damaged_plan_is_told(tmp_path):
    (tmp_path / "plan.json").write_text('{"steps": 1')
    with pytest.raises(ValueError, match="plan.json, which is damaged .* Remove the"):
        choices.are_other_hours(tmp_path)
