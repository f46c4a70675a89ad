"""The tool that writes clips of characters to a folder."""

import csv

import numpy as np
import pytest
from absl import app
from absl.testing import flagsaver
from layer_files import write_layers
from processes import ROOT, loaded_script

from keras_mocogan import data

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def tool():
    with loaded_script(ROOT / "tools" / "make_sprites.py") as defined:
        yield defined


@pytest.fixture(scope="module")
def layers(tmp_path_factory):
    root = tmp_path_factory.mktemp("layers")
    write_layers(root)
    (root / "ATTRIBUTION.md").write_text("By all of them.")
    (root / "Characters" / "Credits.txt").write_text("By some.")
    return root


def run(tool, layers, output, **others):
    flags = tool["FLAGS"]
    if not flags.is_parsed():
        flags.mark_as_parsed()
    names = {"layers_dir": str(layers), "output_dir": str(output), "num_videos": 10}
    with flagsaver.flagsaver(**names, actions=["walk", "run"], **others):
        tool["main"](["make_sprites.py"])


@pytest.mark.parametrize("kind", ["strips", "records"])
def test_the_folder_holds_the_clips(tool, layers, tmp_path, kind):
    run(tool, layers, tmp_path / "out", format=kind, split="training")
    clips = data.sprites(layers, 10, actions=("walk", "run"), split="training")
    dataset = data.video_dataset(
        tmp_path / "out", clip_frames=8, batch_size=10, shuffle=False
    )
    assert dataset.class_names == sorted(clips.class_names)
    videos, labels = next(iter(dataset.as_numpy_iterator()))
    written = {
        (dataset.class_names[label], video.tobytes())
        for label, video in zip(labels, np.asarray(videos), strict=True)
    }
    assert written == {
        (clips.class_names[label], video.tobytes())
        for label, video in zip(clips.labels, clips.videos, strict=True)
    }


def test_attributes_and_credits_lie_beside_them(tool, layers, tmp_path):
    output = tmp_path / "out"
    run(tool, layers, output, background="color")
    clips = data.sprites(layers, 10, actions=("walk", "run"), background="color")
    with (output / "attributes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10
    for i, row in enumerate(rows):
        assert (output / row["clip"]).is_file()
        assert row["class"] == clips.class_names[clips.labels[i]]
        for name, numbers in clips.attributes.items():
            assert row[name] == clips.attribute_names[name][numbers[i]]
    assert (output / "ATTRIBUTION.md").read_text() == "By all of them."
    credits = output / "credits" / "Characters" / "Credits.txt"
    assert credits.read_text() == "By some."


def test_what_is_there_is_not_written_over(tool, layers, tmp_path):
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(app.UsageError, match="new or empty"):
        run(tool, layers, tmp_path)
