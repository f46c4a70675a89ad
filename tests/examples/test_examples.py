"""The scripts, run as a user runs them."""

import csv
import json
import os
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image
from processes import ROOT
from testing import assert_identical, values

import keras_mocogan as km

TINY_FLAGS = (
    "--image_size=32 --clip_frames=4 --content_dim=3 --motion_dim=2 "
    "--generator_filters=2 --discriminator_filters=2 --video_discriminator_levels=3 "
    "--batch_size=2 --steps_per_epoch=2"
).split()


@pytest.fixture(scope="module")
def train(run_backend, tmp_path_factory):
    """`train(*flags)`: runs the training example under this process's backend."""
    # JAX compiles for a minute; the second run takes it from here.
    cache = {
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path_factory.mktemp("jax")),
        "JAX_PERSISTENT_COMPILATION_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    script = ROOT / "examples" / "train_mocogan.py"

    def run(*flags):
        backend = keras.config.backend()
        return run_backend(backend, script, *TINY_FLAGS, *flags, env=cache)

    return run


@pytest.fixture(scope="module")
def actions(shared_data):
    return f"--data_dir={shared_data / 'actions'}"


@pytest.fixture(scope="module")
def whole_run(train, actions, tmp_path_factory):
    """Run directory of four steps on real clips, without an interruption."""
    run_dir = tmp_path_factory.mktemp("whole")
    saving = "--checkpoint_steps=1", "--keep_checkpoints=9"
    train(actions, "--num_classes=4", "--steps=4", f"--run_dir={run_dir}", *saving)
    return run_dir


@pytest.mark.slow
def test_run_directory(whole_run):
    model = keras.models.load_model(whole_run / "model.keras")
    assert model.num_classes == 4
    assert int(model.optimizer["video_discriminator"].iterations) == 4
    with (whole_run / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["epoch"]) for row in rows] == [1, 2]
    for name in ("generator_loss", "video_discriminator_loss"):
        losses = [float(row[name]) for row in rows]
        assert 0 < losses[0] != losses[1] > 0
    picture = np.asarray(Image.open(whole_run / "losses.png").convert("L"))
    assert picture.shape[1] > 400 and (picture < 200).mean() > 0.005  # lines on white
    assert f"--run_dir={whole_run}" in (whole_run / "flags.txt").read_text()
    assert len(os.listdir(whole_run / "tensorboard")) == 1
    previews = sorted(os.listdir(whole_run / "previews"))
    assert previews == ["epoch_0001.gif", "epoch_0002.gif"]
    assert Image.open(whole_run / "previews" / "epoch_0002.gif").n_frames == 4


@pytest.mark.slow
def test_a_killed_run_goes_on_within_an_epoch(whole_run, train, tmp_path):
    # As a kill leaves it after step 3 of 4, while the fourth's checkpoint is torn.
    for name in ("flags.txt", "plan.json", "history.csv"):
        text = (whole_run / name).read_text()
        (tmp_path / name).write_text(text.replace(str(whole_run), str(tmp_path)))
    saved = tmp_path / "checkpoints"
    shutil.copytree(whole_run / "checkpoints", saved)
    torn = saved / "step_00000004.keras"
    torn.write_bytes(torn.read_bytes()[:1000])
    (tmp_path / f".model.{'0' * 32}.keras").write_text("half")

    out = train(f"--flagfile={tmp_path / 'flags.txt'}", "--resume")
    assert f"Going on from {saved / 'step_00000003.keras'}." in out
    assert len(os.listdir(saved)) == 4 and not list(tmp_path.glob(".*"))
    one, other = (
        keras.models.load_model(folder / "checkpoints" / torn.name)
        for folder in (whole_run, tmp_path)
    )
    assert_identical(
        values([*one.weights, one.seed_generator.state, *one.optimizer.variables]),
        values(
            [*other.weights, other.seed_generator.state, *other.optimizer.variables]
        ),
    )
    histories = [(f / "history.csv").read_text() for f in (whole_run, tmp_path)]
    assert histories[0] == histories[1]


@pytest.mark.slow
@pytest.mark.once
def test_what_will_not_do_is_told_in_one_line(whole_run, tmp_path):
    command = [sys.executable, ROOT / "examples" / "train_mocogan.py", *TINY_FLAGS]
    old_run, float16 = (
        subprocess.Popen(
            [*command, "--dataset=shapes", *flags], stderr=subprocess.PIPE, text=True
        )
        for flags in (
            [f"--run_dir={whole_run}"],
            [f"--run_dir={tmp_path}", "--mixed_precision=float16"],
        )
    )
    told = [process.communicate(timeout=200)[1] for process in (old_run, float16)]
    assert old_run.returncode == float16.returncode == 1
    assert told[0].endswith(f"or remove {whole_run}.\n")
    assert "'mixed_float16', which needs a loss scale" in told[1]
    assert "Traceback" not in "".join(told)


@pytest.mark.slow
@pytest.mark.once
def test_killed_lives_add_up_to_a_run_that_was_never_killed(run_backend):
    script = ROOT / "tools" / "kill_test.py"
    flags = "--terminations=1", "--kills=1", "--seconds=1"
    *lives, verdict = run_backend("tensorflow", script, *flags).splitlines()
    assert [life.split(":")[0] for life in lives] == ["SIGTERM", "SIGKILL"]
    assert verdict.startswith("2 times ended, at most ")


FIGURE_LOOKS = ("hair_color", "top_color", "legs_color", "background")


@pytest.mark.once
def test_generate_videos(run_backend, tmp_path):
    model = km.MoCoGAN(
        32, clip_frames=4, num_classes=2, image_generator={"filters": 2}, seed=0
    )
    model.save(tmp_path / "model.keras")
    script = ROOT / "examples" / "generate_videos.py"
    flags = f"--model={tmp_path / 'model.keras'} --seed=3 --label=1".split()
    run_backend("tensorflow", script, *flags, "--count=3", f"--output_dir={tmp_path}")
    assert Image.open(tmp_path / "0002.gif").size == (32, 32)
    run_backend(
        "torch",
        script,
        *flags,
        "--count=4",
        "--num_frames=9",
        "--speed=2",
        "--fixed_content",
        "--grid",
        "--columns=4",
        f"--output_dir={tmp_path / 'grid'}",
    )
    grid = Image.open(tmp_path / "grid" / "videos.gif")
    assert grid.n_frames == 5  # frames 0, 2, 4, 6 and 8 of 9
    assert grid.size == (4 * 32 + 3 * 2, 32)


@pytest.mark.slow
@pytest.mark.once
def test_measure_figures_tells_drawn_people_from_noise(run_backend, tmp_path):
    sizes = {"clip_frames": 4, "num_classes": 12, "image_generator": {"filters": 2}}
    km.MoCoGAN(32, **sizes, seed=0).save(tmp_path / "model.keras")
    flags = [f"--model={tmp_path / 'model.keras'}", "--contents=2", "--clips=240"]
    script = ROOT / "tools" / "measure_figures.py"
    first, *rows = run_backend("tensorflow", script, *flags).splitlines()[-12:]
    assert first.startswith("2 contents under 12 motions")
    found = {row[:28].strip(): row[28:].replace("%", "").split() for row in rows}
    generated, drawn = map(float, found["class right"])
    assert generated < 25 and drawn > 40  # chance is 8
    kept = [float(found[f"content kept, {name}"][1]) for name in FIGURE_LOOKS]
    assert min(kept) > 30
    assert {f"content obeyed, {name}" for name in FIGURE_LOOKS} < set(found)
    generated, drawn = map(float, found["still"])
    assert generated > 80 and drawn < 50  # untrained, all frames are one gray
    assert len(found["in order"]) == 2


@pytest.mark.slow
@pytest.mark.once
def test_measure_shapes_tells_a_moving_shape_from_noise(run_backend, tmp_path):
    model = km.MoCoGAN(
        32, clip_frames=4, num_classes=2, image_generator={"filters": 2}, seed=0
    )
    model.save(tmp_path / "model.keras")
    script = ROOT / "tools" / "measure_shapes.py"
    flags = f"--model={tmp_path / 'model.keras'}", "--count=16"
    lines = run_backend("tensorflow", script, *flags).splitlines()[-6:]
    generated, synthetic = np.array(
        [[float(v.rstrip("%")) for v in line.split()[-2:]] for line in lines]
    ).T
    share, area, _, distance, right, squares = synthetic
    assert share > 98 and 1 < area < 5 and distance < 2 and right == 100
    assert 15 < squares < 85  # of 16 shapes, each a square or a circle by chance
    # Untrained, all of a frame is one gray, which goes nowhere: by chance a quarter of
    # 16 clips go the right way, and 12 of them once in a hundred million times.
    share, area, _, _, right, _ = generated
    assert area > 90 and right < 75


@pytest.mark.slow
@pytest.mark.once
def test_the_study_tabulates_and_goes_on_where_it_was(run_backend, tmp_path):
    judge = km.metrics.VideoClassifier(2, 32, clip_frames=8, filters=2)
    judge.held_out = {"accuracy": 0.5, "interval": [0.0, 1.0], "clips": 4}
    judge.save(tmp_path / "classifier.keras")
    script = ROOT / "examples" / "reproduce_shapes.py"
    flags = ["--steps=1", "--count=4", "--seeds=1"]
    flags.append("--variants=mocogan_short_palette,vgan,tgan")
    table = run_backend("tensorflow", script, *flags, f"--output_dir={tmp_path}")
    head, _, row, vgan, tgan, real, *_ = table.splitlines()
    assert head.startswith("| | ACD, of 255 |")
    scores = json.loads(
        (tmp_path / "mocogan_short_palette-0" / "scores.json").read_text()
    )
    value = {score["key"]: score["value"] for score in scores["scores"]}["acd"]
    assert row.startswith(f"| mocogan short palette | {value:.3g} |")
    assert vgan.startswith("| vgan | ") and tgan.startswith("| tgan | ")
    assert real.startswith("| real | ")
    assert (tmp_path / "table.md").read_text().strip() == table.strip()
    picture = np.asarray(Image.open(tmp_path / "clips.png").convert("L"))
    assert picture.shape[1] > 400 and (picture < 200).mean() > 0.1  # clips on white
    written = (tmp_path / "mocogan_short_palette-0" / "model.keras").stat().st_mtime_ns
    assert (
        run_backend("tensorflow", script, *flags, f"--output_dir={tmp_path}") == table
    )
    assert (
        tmp_path / "mocogan_short_palette-0" / "model.keras"
    ).stat().st_mtime_ns == written
