"""The fingerprint of a data set: what changes it, and what does not."""

import os
import shutil

import numpy as np
import pytest
import video_files

from keras_mocogan import data

pytestmark = pytest.mark.once


def fingerprint(source, **arguments):
    settings = {"image_size": 16, "clip_frames": 4, "batch_size": 1} | arguments
    return data.video_dataset(source, **settings).clips_fingerprint()


def strips(folder):
    for number in range(4):
        video_files.write_strip(folder / f"{number}.png", 9)


def frame_folders(folder):
    for number in range(4):
        video_files.write_frames(
            folder / f"{number}", [f"{i:02}.jpg" for i in range(6)]
        )


def records(folder):
    videos = np.random.default_rng(0).integers(0, 256, (4, 6, 16, 16, 3), np.uint8)
    data.write_records(videos, folder, 16, image_format="raw")


@pytest.fixture(params=[strips, frame_folders, records])
def folder(request, tmp_path):
    (tmp_path / "clips").mkdir()
    request.param(tmp_path / "clips")
    return tmp_path / "clips"


def test_the_same_files_have_one_fingerprint(folder, monkeypatch):
    found = fingerprint(folder)
    assert len(found) == 64 and int(found, 16)
    assert fingerprint(folder, engine="python") == fingerprint(folder, engine="tf")
    assert fingerprint(folder, cache="memory") == found
    monkeypatch.chdir(folder.parent)
    assert fingerprint("clips") == found
    moved = folder.parent / "elsewhere"
    shutil.copytree(folder, moved)  # with the files' times
    assert fingerprint(moved) == found


@pytest.mark.parametrize(
    "arguments",
    [
        {"image_size": (16, 12)},
        {"clip_frames": 3},
        {"frame_stride": 2, "clip_frames": 3},
        {"seed": 1},
        {"shuffle": False},
        {"indices": [0, 1, 2]},
        {"channels": 3, "horizontal_flip": True},
        {"image_size": (16, 12), "resize": "pad"},
        {"image_size": (16, 12), "resize": "pad", "fill_value": 9},
    ],
)
def test_arguments_change_it(tmp_path, arguments):
    strips(tmp_path)
    default = fingerprint(tmp_path)
    assert fingerprint(tmp_path, **arguments) != default


def test_files_change_it(folder):
    before = fingerprint(folder)
    [*_, last] = sorted(path for path in folder.rglob("*") if path.is_file())
    if folder.joinpath("index.json").exists():  # of records, the content counts
        os.utime(last)
        assert fingerprint(folder) == before
        videos = np.random.default_rng(1).integers(0, 256, (4, 6, 16, 16, 3), np.uint8)
        shutil.rmtree(folder)
        data.write_records(videos, folder, 16, image_format="raw")
    else:  # written anew in place: a folder's own time stays as it is
        os.utime(last, ns=(1, 1))
    assert fingerprint(folder) != before


def test_arrays_count_by_content():
    videos = np.random.default_rng(0).integers(0, 256, (4, 6, 16, 16, 3), np.uint8)
    before = fingerprint(videos)
    assert fingerprint(videos.copy()) == before
    videos[2, 3, 0, 0, 0] ^= 1
    assert fingerprint(videos) != before
