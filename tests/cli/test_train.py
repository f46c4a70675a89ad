"""`keras-mocogan train`: the plan, hours, what is chosen, and going on."""

import csv
import json
import os

import keras
import pytest
from console import run_commands
from testing import assert_identical, values

import keras_mocogan as km

pytestmark = pytest.mark.slow

BACKEND = keras.config.backend()
TINY = (
    "--content_dim=3 --motion_dim=2 --generator_filters=2 --discriminator_filters=2 "
    "--video_discriminator_levels=3"
).split()


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Seven GIFs of 6 frames of 36 pixels, a short one, and one that is broken."""
    folder = tmp_path_factory.mktemp("clips")
    videos, _ = km.data.shape_motion(7, num_frames=6, image_size=36)
    for number, video in enumerate(videos):
        km.video.write_gif(folder / f"class_{number % 2}" / f"{number}.gif", video)
    km.video.write_gif(folder / "class_1" / "short.gif", videos[0][:3])
    (folder / "class_0" / "broken.gif").write_bytes(b"GIF89a")
    return folder


@pytest.fixture(scope="module")
def fitted(clips, tmp_path_factory):
    """A run that was given seconds, one with its steps, and one that was resumed."""
    folder = tmp_path_factory.mktemp("runs")
    given = ["train", f"--data_dir={clips}", *TINY]
    hours = [*given, f"--run_dir={folder / 'hours'}", "--hours=0.0002", "--resume"]
    [told] = run_commands(BACKEND, hours)
    plan = json.loads((folder / "hours" / "plan.json").read_text())
    # As a kill leaves it before the first checkpoint: nothing is kept.
    (folder / "killed").mkdir()
    (folder / "killed" / "plan.json").write_text(json.dumps(plan | {"steps": 9000}))
    steps = [f"--{name}={plan[name]}" for name in ("steps", "steps_per_epoch")]
    results = run_commands(
        BACKEND,
        [*given, f"--run_dir={folder / 'steps'}", *steps],
        [*given, f"--run_dir={folder / 'killed'}", "--hours=0.0002", "--resume"],
        [*given, f"--run_dir={folder / 'hours'}"],
        ["train", f"--run_dir={folder / 'hours'}", "--resume"],
    )
    return folder, plan, told, results


def test_sizes_fit_the_clips_and_steps_the_time(fitted, clips):
    folder, plan, told, _ = fitted
    assert told.status == 0, told
    # 36 pixels hold 32; all but one of eight readable clips hold 6 frames.
    sizes = {"image_size": 32, "clip_frames": 6, "batch_size": 8}
    assert plan == {**plan, "recipe": "modern", **sizes} and plan["steps"] >= 1
    lines = told.out.splitlines()
    assert lines[0].startswith("Beginning: ")
    rows = {line.split()[0]: line for line in lines if line.startswith("  ")}
    assert f"7 of {clips}, at 32 pixels, windows of 6 frames" in rows["clips"]
    assert "1 too short" in rows["skipped"] and "1 unreadable" in rows["skipped"]
    assert "2: class_0, class_1" in rows["classes"]
    assert f" {plan['steps']:,} of 8 clips" in rows["steps"]
    assert "a step as measured; ends about" in rows["time"]
    command = lines[lines.index(rows["stop"]) + 1]
    assert f"--run_dir={folder / 'hours'} --resume" in command
    assert lines[-2].startswith(f"step {plan['steps']:,} of {plan['steps']:,}")


def test_measuring_leaves_no_trace(fitted):
    folder, plan, _, (by_steps, killed, *_) = fitted
    assert by_steps.status == killed.status == 0
    name = f"checkpoints/step_{plan['steps']:08d}.keras"
    models = [
        keras.models.load_model(folder / run / name) for run in ("hours", "steps")
    ]
    states = [
        values([*m.weights, m.seed_generator.state, *m.optimizer.variables])
        for m in models
    ]
    assert_identical(states[0], states[1])
    assert "Measuring" not in by_steps.out
    # Of a plan that led to no checkpoint nothing is left.
    assert "Measuring" in killed.out and "of 9,000" not in killed.out


def test_files_of_a_run(fitted):
    folder, plan, *_ = fitted
    run = folder / "hours"
    # On a slow machine there is one by the clock too.
    assert f"step_{plan['steps']:08d}.gif" in os.listdir(run / "previews")
    with (run / "history.csv").open() as file:
        assert (
            len(list(csv.DictReader(file))) == plan["steps"] // plan["steps_per_epoch"]
        )
    assert "--hours=0.0002" in (run / "flags.txt").read_text()
    assert "--resume" not in (run / "flags.txt").read_text()


def test_an_earlier_run_is_not_overwritten_but_gone_on_with(fitted):
    folder, plan, _, (*_, again, resumed) = fitted
    assert "is from an earlier run" in again.status
    assert resumed.status == 0
    assert f"Going on from {folder / 'hours' / 'checkpoints'}" in resumed.out
    assert f"0 of 8 clips, after {plan['steps']:,} that are done" in resumed.out


@pytest.mark.once
def test_scores_and_the_best_checkpoint(tmp_path):
    flags = (
        "--dataset=shapes --image_size=32 --clip_frames=4 --batch_size=2 --steps=2 "
        "--steps_per_epoch=1 --scores_every=1 --colors --score_count=4 --monitor=acd "
        "--preview_every=2 --system=vgan --generator_filters=2 "
        "--discriminator_filters=2 --latent_dim=3 --recipe=short"
    ).split()
    result, refused = run_commands(
        "tensorflow",
        ["train", *flags, f"--run_dir={tmp_path}"],
        ["train", *flags, f"--run_dir={tmp_path / 'other'}", "--palette_size=2"],
    )
    assert result.status == 0, result
    assert "epoch 1: acd " in result.out
    best = json.loads((tmp_path / "checkpoints" / "best.json").read_text())
    with (tmp_path / "history.csv").open() as file:
        scores = [float(row["acd"]) for row in csv.DictReader(file)]
    assert best["monitor"] == "acd" and best["value"] == min(scores)
    assert os.listdir(tmp_path / "previews") == ["epoch_0002.gif"]
    assert "--palette_size is of mocogan. Received: it with --system=vgan" in (
        refused.error
    )
