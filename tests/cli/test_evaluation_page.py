"""The commands of the page on evaluation, with a few clips and stand-ins for files."""

import json

import numpy as np
import pytest
from console import run_commands
from detector_files import write_detector
from processes import ROOT
from testing import tiny_model, tiny_vgan

import keras_mocogan as km

pytestmark = [pytest.mark.once, pytest.mark.slow]

COUNT = 12


def commands(page):
    """The command lines in a page's blocks, as lists of words."""
    text = page.read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.startswith("keras-mocogan ")]
    return [line.split()[1:] for line in lines]


def in_folder(word, folder):
    """A word of a command with its file in a folder."""
    flag, _, value = word.partition("=")
    is_file = flag.removeprefix("--") in ("model", "data_dir", "i3d", "classifier")
    is_file = is_file or flag == "--real_features"
    return f"{flag}={folder / value}" if is_file else word


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What each command of the page did, by its words, and the folder of its files."""
    folder = tmp_path_factory.mktemp("page")
    videos, labels = km.data.shape_motion(14, num_frames=20, image_size=32)
    for number, (video, label) in enumerate(zip(videos, labels, strict=True)):
        km.video.write_gif(folder / "my_videos" / str(label) / f"{number}.gif", video)
    tiny_model().save(folder / "mine.keras")
    write_detector(folder / "i3d_torchscript.pt")
    judge = km.metrics.VideoClassifier(2, 64, filters=1)
    judge.save(folder / "classifier.keras")
    lines = []
    for number, words in enumerate(commands(ROOT / "docs" / "evaluation.md")):
        words = [in_folder(word, folder) for word in words]
        lines.append([*words, f"--count={COUNT}", f"--output={folder / str(number)}"])
    again = [word.replace("mine.keras", "other.keras") for word in lines[0][:-1]]
    again.append(f"--output={folder / 'again'}")
    tiny_model(seed=1).save(folder / "other.keras")
    tiny_vgan().save(folder / "vgan.keras")
    short = [word.replace("mine.keras", "vgan.keras") for word in lines[0][:-1]]
    few = [word for word in lines[0] if not word.startswith(("--model", "--count"))]
    few += [f"--videos={folder / 'my_videos'}", "--count=15"]
    return run_commands("tensorflow", *lines, again, short, few), folder


def test_they_print_scores_with_their_protocols(results):
    found, folder = results
    assert [result.status for result in found] == [0] * 5 + [1] * 2
    fvd, judged, inception, extrapolated, *_ = (result.out for result in found)
    name = f"styleganv_fvd2048_16f changed to {COUNT} clips: {COUNT} generated clips"
    for out in (fvd, judged, extrapolated):
        assert out.startswith("FVD ") and name in out
        assert f"{COUNT} real clips, frames of " in out
    assert "frames of 32x32 (published figures: 256x256)" in fvd
    assert "2 features of I3D (i3d_torchscript.pt)" in fvd
    assert f"8 features of the classifier {folder / 'classifier.keras'}" in judged
    assert inception.startswith("inception score 1")
    assert "2 classes of the classifier" in inception
    assert f"for infinitely many clips (bias of {COUNT}: " in extrapolated
    written = json.loads((folder / "3").read_text())
    [score] = written["scores"]
    assert score["key"] == "fvd" and score["protocol"]["ddof"] == 0
    assert score["extrapolated"]["samples"][0] == COUNT
    assert written["settings"]["count"] == COUNT


def test_the_score_is_that_of_python(results):
    found, folder = results
    [score] = json.loads((folder / "0").read_text())["scores"]
    real = km.data.video_dataset(
        folder / "my_videos", 32, 16, batch_size=1, labels=None
    )
    real = np.concatenate([np.asarray(clip) for clip in real])[:COUNT]
    seed = np.random.SeedSequence([0, 0]).generate_state(1)[0]
    generated = km.load_model(folder / "mine.keras").generate(
        COUNT, 16, labels=np.arange(COUNT) % 2, seed=int(seed)
    )
    extract = km.metrics.i3d(folder / "i3d_torchscript.pt")
    wanted = km.metrics.frechet_distance(extract(generated), extract(real), ddof=0)
    assert score["value"] == pytest.approx(wanted, rel=1e-3)
    with np.load(folder / "my_videos.npz") as file:
        np.testing.assert_allclose(file["run_0"], extract(real), atol=1e-5)


def test_another_model_uses_the_features_that_were_kept(results):
    found, folder = results
    kept = folder / "my_videos.npz"
    assert kept.stat().st_mtime_ns < (folder / "0").stat().st_mtime_ns
    again = found[4].out
    assert again.splitlines()[1:] == found[0].out.splitlines()[1:]
    assert again != found[0].out


def test_what_cannot_be_scored_is_told_before_real_clips_are_read(results):
    short, few = results[0][-2:]
    said = "needs videos of 16 frames. Received: a VGAN, which generates 4. Choose a"
    assert said in short.error
    assert "needs 15 generated videos. Received: 14 in " in few.error
    assert "Generate more; or give --count=14, which the score will tell." in few.error
