"""Files at URLs: paths, run folders, models, exports and pictures, written and read."""

import io
import json
from pathlib import Path

import keras
import numpy as np
import object_storage
import pytest
from console import run_commands
from PIL import Image
from testing import EAGER, assert_identical, tiny_model, values

import keras_mocogan as km
from keras_mocogan.utils.files import filling, local_copy, replacing, size_of
from keras_mocogan.utils.remote import fsspec_files
from keras_mocogan.utils.remote.remote_path import as_path

pytestmark = pytest.mark.once


@pytest.fixture
def place(request):
    """The URL of a folder of its own, which is empty."""
    return f"memory://{request.node.name}"


# === Paths ===


def test_a_path_names_its_parts():
    path = as_path("s3://bucket/run/step_00000012.keras")
    assert (path.name, path.stem, path.suffix) == (
        "step_00000012.keras",
        "step_00000012",
        ".keras",
    )
    assert str(path.parent / "best.json") == "s3://bucket/run/best.json"
    assert path.with_name("a.gif") == as_path("s3://bucket/run/a.gif")
    assert as_path(path) is path
    assert str(as_path("run/a.gif")) == "run/a.gif"


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert as_path("~/run") == as_path(Path("~") / "run") == tmp_path / "run"
    assert as_path("~nobody-of-this-name.gif") == Path("~nobody-of-this-name.gif")


def test_a_folder_is_listed(place):
    folder = as_path(place)
    assert not folder.exists() and list(folder.iterdir()) == []
    (folder / "b.txt").write_text("two\n")
    (folder / "below" / "a.txt").write_text("one")
    assert sorted(map(str, folder.iterdir())) == [f"{place}/b.txt", f"{place}/below"]
    assert list(folder.glob("*.txt")) == [folder / "b.txt"]
    assert (folder / "b.txt").is_file() and not (folder / "below").is_file()
    assert (folder / "b.txt").read_text() == "two\n"
    assert size_of(folder / "b.txt") == 4 and size_of(folder / "c.txt") is None
    (folder / "b.txt").unlink()
    (folder / "b.txt").unlink(missing_ok=True)
    assert not (folder / "b.txt").exists()


def test_folders_are_made_where_storage_needs_them(tmp_path):
    as_path(f"file://{tmp_path}/new/folder/a.txt").write_text("here")
    assert (tmp_path / "new" / "folder" / "a.txt").read_text() == "here"


def test_a_file_system_may_list_its_schemes(place, monkeypatch):
    system = fsspec_files._file_system("memory://", 0)
    monkeypatch.setattr(type(system), "protocol", ["memory"])
    as_path(f"{place}/a.txt").write_text("here")
    assert as_path(f"{place}/a.txt").read_text() == "here"


def test_a_missing_file_is_told_with_its_url(place):
    with pytest.raises(FileNotFoundError, match=f"{place}/a.txt"):
        as_path(f"{place}/a.txt").read_text()


# === Whole files ===


def test_a_file_that_fails_is_not_written(place):
    as_path(f"{place}/a.txt").write_text("old")
    with pytest.raises(RuntimeError), replacing(f"{place}/a.txt") as file:
        file.write_text("half")
        raise RuntimeError
    assert as_path(f"{place}/a.txt").read_text() == "old"
    with replacing(f"{place}/a.txt") as file:
        file.write_text("new")
    with local_copy(f"{place}/a.txt") as copy:
        assert copy.read_text() == "new" and copy.name == "a.txt"


def test_a_folder_is_copied_when_it_is_full(place):
    with filling(f"{place}/model") as folder:
        (folder / "variables").mkdir()
        (folder / "variables" / "data").write_text("numbers")
    assert as_path(f"{place}/model/variables/data").read_text() == "numbers"


# === What the package writes ===


def fit(model, place, epochs, first=0):
    videos, labels = km.data.shape_motion(4, num_frames=4, image_size=32)
    dataset = km.data.video_dataset(
        (videos, labels % 2), 32, 4, batch_size=2, repeat=True, first_step=first
    )
    callbacks = [
        km.callbacks.ResumeEpoch(),
        km.callbacks.HistoryLogger(place),
        km.callbacks.PreviewGrid(f"{place}/previews", contents=2, motions=1),
        km.callbacks.Checkpoint(f"{place}/checkpoints", keep=1, monitor="loss"),
    ]
    model.fit(
        dataset,
        steps_per_epoch=1,
        epochs=epochs,
        initial_epoch=first,
        callbacks=callbacks,
        verbose=0,
    )


def test_a_run_goes_on_from_its_url(place):
    model = tiny_compiled()
    fit(model, place, epochs=1)
    newest = km.callbacks.latest_checkpoint(f"{place}/checkpoints")
    assert str(newest) == f"{place}/checkpoints/step_00000001.keras"
    resumed = km.load_model(newest)
    assert_identical(values(resumed.weights), values(model.weights))
    resumed.run_eagerly = EAGER
    fit(resumed, place, epochs=2, first=1)
    rows = as_path(f"{place}/history.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["epoch", "1", "2"]
    names = {path.name for path in as_path(f"{place}/previews").iterdir()}
    assert names == {"epoch_0001.gif", "epoch_0002.gif"}
    names = {path.name for path in as_path(f"{place}/checkpoints").iterdir()}
    best = json.loads(as_path(f"{place}/checkpoints/best.json").read_text())["file"]
    assert names == {"best.json", "step_00000002.keras", best}
    assert as_path(f"{place}/losses.png").exists()
    with pytest.raises(ValueError, match="no checkpoint of a later step"):
        fit(tiny_compiled(), place, epochs=1)


def tiny_compiled():
    model = tiny_model()
    model.compile(run_eagerly=EAGER)
    return model


def test_a_torn_checkpoint_is_skipped(place):
    fsspec_files.write(f"{place}/step_00000003.keras", b"torn")
    with pytest.warns(UserWarning, match="step_00000003.keras is incomplete"):
        assert km.callbacks.latest_checkpoint(place) is None


def test_models_are_saved_and_loaded(place):
    model = tiny_model()
    for save in (model.save, lambda url: km.callbacks.save_atomically(model, url)):
        save(f"{place}/model.keras")
        loaded = km.load_model(f"{place}/model.keras")
        assert_identical(values(loaded.weights), values(model.weights))
    with pytest.raises(FileNotFoundError, match=f"{place}/other.keras"):
        km.load_model(f"{place}/other.keras")


def test_pictures_and_videos(place):
    videos, _ = km.data.shape_motion(2, num_frames=4, image_size=16)
    km.video.write_gif(f"{place}/a.gif", videos)
    km.video.write_mp4(f"{place}/a.mp4", videos[0])
    picture = Image.open(io.BytesIO(as_path(f"{place}/a.gif").read_bytes()))
    assert picture.n_frames == 4
    found = km.data.video_dataset([f"{place}/a.mp4"], 16, 4, batch_size=1)
    clip = np.asarray(next(iter(found)))[0]
    assert np.abs(clip.astype(int) - videos[0]).mean() < 12  # lossy
    with pytest.raises(ValueError, match="must end in .gif"):
        km.video.write_gif(f"{place}/a.png", videos)


@pytest.mark.slow
def test_exports_to_a_url(place, tmp_path):
    import tensorflow as tf

    model = tiny_model()
    km.export_saved_model(model, f"{place}/exported", device="cpu")
    fsspec_files._file_system("memory://", 0).get(
        f"{place}/exported", str(tmp_path), recursive=True
    )
    served = tf.saved_model.load(str(tmp_path / "exported"))
    assert "serving_default" in served.signatures
    with pytest.raises(ValueError, match="new or an empty folder"):
        km.export_saved_model(model, f"{place}/exported", device="cpu")


@pytest.mark.slow
def test_the_command_trains_and_goes_on_in_a_bucket(monkeypatch):
    server = object_storage.start()
    for name, value in object_storage.environment(server).items():
        monkeypatch.setenv(name, value)
    object_storage.client(server).create_bucket(Bucket="runs")
    videos, _ = km.data.shape_motion(4, num_frames=4, image_size=32)
    for number, video in enumerate(videos):
        km.video.write_mp4(f"s3://runs/clips/{number}.mp4", video)
    first = (
        "train --data_dir=s3://runs/clips --run_dir=s3://runs/run --steps=2 "
        "--steps_per_epoch=2 --batch_size=2 --image_size=32 --clip_frames=4 "
        "--content_dim=3 --motion_dim=2 --generator_filters=2 "
        "--discriminator_filters=2 --video_discriminator_levels=3"
    ).split()
    backend = keras.config.backend()
    [told] = run_commands(backend, first)
    assert "Saved s3://runs/run/model.keras" in told.out, told.error
    again = ["train", "--flagfile=s3://runs/run/flags.txt", "--resume", "--steps=4"]
    made = ["generate", "--model=s3://runs/run/model.keras", "--count=1"]
    told, written = run_commands(backend, again, [*made, "--output_dir=s3://runs/out"])
    assert "Going on from s3://runs/run/checkpoints/step_00000002.keras" in told.out
    assert written.out.splitlines()[-1] == "s3://runs/out/0000.gif"
    model = km.load_model("s3://runs/run/model.keras")
    assert model.global_step == 4
    server.stop()
