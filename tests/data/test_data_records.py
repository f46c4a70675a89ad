"""Record shards: what is written, what is read back, and what interruptions leave."""

import hashlib
import json
import os
import signal
import time

import numpy as np
import pytest
import tensorflow as tf
import video_files

from keras_mocogan import data
from keras_mocogan.data.readers import strips
from keras_mocogan.data.records.record_source import RecordSource
from keras_mocogan.utils.files import replacing

pytestmark = pytest.mark.once

SIZE = 16


@pytest.fixture
def clips():
    return data.shape_motion(12, num_frames=9, image_size=SIZE)


def write(source, folder, **arguments):
    defaults = {"image_size": SIZE, "image_format": "raw", "clips_per_shard": 5}
    return data.write_records(source, folder, **(defaults | arguments))


def read(folder, **arguments):
    defaults = {"image_size": SIZE, "clip_frames": 4, "batch_size": 3, "repeat": True}
    return data.video_dataset(str(folder), **(defaults | arguments))


def shards(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.tfrecord")}


def warnings_in(caplog):
    return [r.getMessage() for r in caplog.records if r.name == "keras_mocogan"]


def test_raw_records_give_back_every_bit(tmp_path, clips):
    videos, labels = clips
    assert write(clips, tmp_path) == 12
    source = RecordSource(tmp_path, 3)
    assert sorted(source.lengths) == [9] * 12
    order = np.random.default_rng(0).permutation(12)
    order = np.concatenate([np.sort(order[i : i + 5]) for i in (0, 5, 10)])
    for place, clip in enumerate(order):
        frames = np.stack(list(source.read_frames(place, range(9))))
        np.testing.assert_array_equal(frames, videos[clip])
        assert source.labels[place] == labels[clip]


def test_windows_are_those_of_the_clips(tmp_path, clips):
    # Decoded in TensorFlow's graph, and in Python where frames are resized.
    write(clips, tmp_path)
    by_clip = {video.tobytes(): i for i, video in enumerate(clips[0])}
    source = RecordSource(tmp_path, 3)
    whole = np.stack(
        [np.stack(list(source.read_frames(i, range(9)))) for i in range(12)]
    )
    assert {video.tobytes() for video in whole} == set(by_clip)
    from_array = data.video_dataset(
        (whole, source.labels),
        image_size=SIZE,
        clip_frames=4,
        frame_stride=2,
        repeat=True,
    )
    from_records = read(tmp_path, frame_stride=2, batch_size=8)
    for expected, found in zip(
        from_array.take(6).as_numpy_iterator(),
        from_records.take(6).as_numpy_iterator(),
        strict=True,
    ):
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1], expected[1])


@pytest.mark.parametrize("image_format", ["raw", "jpeg"])
@pytest.mark.parametrize("size", [(12, 20), (20, 12)])
def test_rectangular_frames(tmp_path, size, image_format):
    shade = np.arange(40, 240, 25, dtype=np.uint8)[:, None, None, None, None]
    videos = np.broadcast_to(shade, (8, 5, *size, 3)).copy()
    arguments = {"image_size": size, "image_format": image_format}
    assert write(videos, tmp_path, **arguments) == 8
    index = json.loads((tmp_path / "index.json").read_text())
    assert index["image_size"] == list(size)
    found = next(iter(read(tmp_path, image_size=size, batch_size=8))).numpy()
    assert found.shape == (8, 4, *size, 3)
    shades = found[:, 0, 0, 0, 0]
    assert (found == shades[:, None, None, None, None]).all()
    assert np.abs(np.sort(shades).astype(int) - shade.ravel()).max() <= 1
    assert write(videos, tmp_path, **arguments) == 8  # the same plan
    with pytest.raises(ValueError, match="made from other clips or with other arg"):
        write(videos, tmp_path, **arguments | {"image_size": size[::-1]})


def test_borders(tmp_path, clips):
    pad = {"image_size": (SIZE, 2 * SIZE), "resize": "pad"}
    write(clips, tmp_path, **pad, fill_value=50)
    index = json.loads((tmp_path / "index.json").read_text())
    assert (index["resize"], index["fill_value"]) == ("pad", 50)
    wide = {"image_size": (SIZE, 2 * SIZE), "batch_size": 12, "shuffle": False}
    found, _ = next(iter(read(tmp_path, **wide, clip_frames=9)))
    middle = slice(SIZE // 2, 3 * SIZE // 2)
    by_clip = {video.tobytes() for video in clips[0]}
    assert {video.tobytes() for video in found.numpy()[..., middle, :]} == by_clip
    assert (np.delete(found, range(SIZE // 2, 3 * SIZE // 2), axis=3) == 50).all()
    with pytest.raises(ValueError, match="made from other clips or with other arg"):
        write(clips, tmp_path, **pad)  # black borders


def test_a_pair_of_equal_sides_is_a_number(tmp_path, clips):
    write(clips, tmp_path / "number")
    write(clips, tmp_path / "pair", image_size=(SIZE, SIZE))
    for name in ("index.json", "plan.json"):
        one, other = (tmp_path / folder / name for folder in ("number", "pair"))
        assert one.read_text() == other.read_text()
    assert json.loads(one.read_text())["fingerprint"]
    assert shards(tmp_path / "number") == shards(tmp_path / "pair")


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_records_lose_little(tmp_path, channels):
    # Smooth pictures, as frames of films are: at quality 95 within 38 dB.
    ramp = np.linspace(0, 255, SIZE).astype(np.uint8)
    frame = np.minimum(ramp[:, None], ramp[None])[..., None]
    videos = np.broadcast_to(frame, (2, 4, SIZE, SIZE, channels)).copy()
    write(videos, tmp_path, image_format="jpeg", channels=channels)
    in_graph = next(iter(read(tmp_path, channels=channels, batch_size=2))).numpy()
    source = RecordSource(tmp_path, channels)
    in_python = np.stack(list(source.read_frames(0, range(4))))
    for found in (in_graph[0], in_python):
        error = np.mean((found.astype(float) - videos[0]) ** 2)
        assert 10 * np.log10(255**2 / error) > 38


def test_what_the_index_tells(tmp_path, clips):
    write(clips, tmp_path, fps=None)
    found = read(tmp_path)
    assert found.num_clips == 12
    assert found.class_names == ["0", "1"]
    assert found.num_classes == 2
    index = json.loads((tmp_path / "index.json").read_text())
    assert index["schema"] == 1
    assert [len(shard["clips"]) for shard in index["shards"]] == [5, 5, 2]


def test_folders_of_files_become_records(tmp_path):
    for label in ("walk", "run"):
        (tmp_path / "clips" / label).mkdir(parents=True)
        for i in range(3):
            path = tmp_path / "clips" / label / f"{i}.png"
            video_files.write_strip(path, 6, side=32)
    write(tmp_path / "clips", tmp_path / "records")
    found = read(tmp_path / "records")
    assert found.class_names == ["run", "walk"]
    videos, _ = next(iter(found))
    start = video_files.frame_numbers(videos[0].numpy())[0]
    assert video_files.frame_numbers(videos[0].numpy()) == list(range(start, start + 4))


def test_some_shards_alone(tmp_path, clips):
    write(clips, tmp_path)
    assert read(tmp_path / "clips-00001-*.tfrecord").num_clips == 5
    assert read(tmp_path / "clips-00002-of-00003.tfrecord").num_clips == 2
    with pytest.raises(FileNotFoundError, match="shard .*other-.*, which matches none"):
        read(tmp_path / "other-*.tfrecord")
    with pytest.raises(FileNotFoundError, match="Received: no such folder: .*/none"):
        read(tmp_path / "none" / "clips-00000-of-00003.tfrecord")


def test_workers_write_the_same_bytes(tmp_path, clips):
    write(clips, tmp_path / "one")
    write(clips, tmp_path / "two", workers=2)
    assert shards(tmp_path / "one") == shards(tmp_path / "two")
    assert len(shards(tmp_path / "one")) == 3


def test_a_kill_at_any_moment_leaves_what_a_restart_completes(tmp_path):
    clips = data.shape_motion(60, num_frames=16, image_size=SIZE)
    start = time.perf_counter()
    write(clips, tmp_path / "whole", clips_per_shard=4)
    seconds = time.perf_counter() - start
    moments = np.random.default_rng(0).uniform(0, seconds, 10)
    for moment in moments:
        child = os.fork()
        if not child:
            write(clips, tmp_path / "killed", clips_per_shard=4)
            os._exit(0)
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    write(clips, tmp_path / "killed", clips_per_shard=4)
    assert shards(tmp_path / "killed") == shards(tmp_path / "whole")
    names = [{p.name for p in (tmp_path / n).iterdir()} for n in ("killed", "whole")]
    assert names[0] == names[1]


def test_what_a_killed_run_left_half_written_is_removed(tmp_path, clips):
    write(clips, tmp_path / "whole")
    names = {path.name for path in (tmp_path / "whole").iterdir()}
    writers = [replacing(tmp_path / "killed" / name) for name in names]
    for writer in writers:
        writer.__enter__().touch()  # and never comes to its end
    assert len(list((tmp_path / "killed").iterdir())) == len(names)
    write(clips, tmp_path / "killed")
    assert {path.name for path in (tmp_path / "killed").iterdir()} == names


def test_finished_shards_are_kept(tmp_path, clips):
    write(clips, tmp_path)
    kept, lost = sorted(tmp_path.glob("*.tfrecord"))[:2]
    before = kept.stat().st_mtime_ns
    content = lost.read_bytes()
    lost.unlink()
    write(clips, tmp_path)
    assert kept.stat().st_mtime_ns == before
    assert lost.read_bytes() == content


def test_another_plan_is_refused(tmp_path, clips):
    write(clips, tmp_path)
    with pytest.raises(ValueError, match="made from other clips or with other arg"):
        write(clips, tmp_path, seed=1)


def test_arrays_are_told_apart_by_content_and_by_labels(tmp_path, clips):
    videos, labels = clips
    write(clips, tmp_path)
    before = shards(tmp_path)
    other = videos.copy()
    other[7, 3, 0, 0, 0] ^= 1
    for changed in ((other, labels), (videos, 1 - labels), videos):
        with pytest.raises(ValueError, match="made from other clips or with other arg"):
            write(changed, tmp_path)
    assert write((videos.copy(), labels.tolist()), tmp_path) == 12  # the same
    assert shards(tmp_path) == before


def test_paths_are_told_apart_by_the_labels_that_come_with_them(tmp_path):
    (tmp_path / "clips").mkdir()
    paths = [tmp_path / "clips" / f"{i}.png" for i in range(3)]
    for path in paths:
        video_files.write_strip(path, 6, side=16)
    write((paths, [0, 0, 1]), tmp_path / "records")
    with pytest.raises(ValueError, match="made from other clips or with other arg"):
        write((paths, [0, 1, 1]), tmp_path / "records")


def test_plans_of_class_folders_are_those_of_earlier_versions(tmp_path, monkeypatch):
    for name in ("left", "right"):
        (tmp_path / "clips" / name).mkdir(parents=True)
        video_files.write_strip(tmp_path / "clips" / name / "0.png", 6, side=16)
    monkeypatch.chdir(tmp_path)
    write("clips", tmp_path / "records")
    plan = json.loads((tmp_path / "records" / "plan.json").read_text())
    settings = {
        "image_size": 16,
        "channels": 3,
        "resize": "crop",
        "fps": None,
        "format": "raw",
        "quality": None,
        "class_names": ["left", "right"],
    }
    names = "clips/left/0.png\nclips/right/0.png"
    text = json.dumps([1, settings, 5, 0, names])
    assert plan == {"fingerprint": hashlib.sha256(text.encode()).hexdigest()}


def test_a_clip_that_was_mended_is_written_where_none_may_lack(tmp_path):
    (tmp_path / "clips").mkdir()
    for i in range(4):
        video_files.write_strip(tmp_path / "clips" / f"{i}.png", 6, side=32)
    broken = tmp_path / "clips" / "2.png"
    whole = broken.read_bytes()
    video_files.truncate(broken, 0.5)
    for _ in range(2):
        with pytest.raises(ValueError, match="Cannot read .*2.png: OSError"):
            write(tmp_path / "clips", tmp_path / "records", on_error="raise")
    broken.write_bytes(whole)
    assert write(tmp_path / "clips", tmp_path / "records", on_error="raise") == 4
    write(tmp_path / "clips", tmp_path / "others")
    assert shards(tmp_path / "records") == shards(tmp_path / "others")


def test_clips_are_not_left_out_because_storage_was_silent(tmp_path, monkeypatch):
    (tmp_path / "clips").mkdir()
    for i in range(4):
        video_files.write_strip(tmp_path / "clips" / f"{i}.png", 6, side=32)
    read_frames = strips.read_frames

    def break_off(path, *rest):
        if path.endswith("2.png"):
            raise ConnectionError("no answer")
        return read_frames(path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(strips, "read_frames", break_off)
        with pytest.raises(ConnectionError, match="no answer"):
            write(tmp_path / "clips", tmp_path / "records", clips_per_shard=2)
    assert write(tmp_path / "clips", tmp_path / "records", clips_per_shard=2) == 4


def test_a_folder_may_be_called_like_a_shard(tmp_path, clips):
    folder = tmp_path / "clips.tfrecord"
    write(clips, folder)
    assert read(folder).num_clips == 12


def test_records_do_not_take_the_place_of_their_clips(tmp_path, monkeypatch):
    (tmp_path / "clips").mkdir()
    video_files.write_strip(tmp_path / "clips" / "0.png", 6, side=16)
    (tmp_path / "link").symlink_to(tmp_path / "clips")
    monkeypatch.chdir(tmp_path)
    for folder in ("clips", "./clips/", tmp_path / "clips", "link"):
        with pytest.raises(ValueError, match="must be another folder than `source`"):
            write("clips", folder)
    assert [path.name for path in (tmp_path / "clips").iterdir()] == ["0.png"]
    for _ in range(2):  # with records below, the clips are still found
        assert write("clips", "clips/records") == 1


def test_numbers_of_numpy(tmp_path, clips):
    numbers = {"image_size": 16, "channels": 3, "clips_per_shard": 5, "seed": 1}
    write(clips, tmp_path / "plain", **numbers)
    numbers = {name: np.int64(number) for name, number in numbers.items()}
    write(clips, tmp_path / "numpy", **numbers)
    plans = [(tmp_path / n / "plan.json").read_text() for n in ("plain", "numpy")]
    assert plans[0] == plans[1]
    video_files.write_animation(tmp_path / "clip.webp", 12)
    write(tmp_path / "clip.webp", tmp_path / "timed", fps=np.float32(8))
    assert json.loads((tmp_path / "timed" / "index.json").read_text())["fps"] == 8


def test_broken_clips_are_named_and_left_out(tmp_path, caplog):
    (tmp_path / "clips").mkdir()
    for i in range(4):
        video_files.write_strip(tmp_path / "clips" / f"{i}.png", 6, side=32)
    video_files.truncate(tmp_path / "clips" / "2.png", 0.5)
    assert write(tmp_path / "clips", tmp_path / "records") == 3
    (message,) = warnings_in(caplog)
    assert "2.png: OSError: image file is truncated" in message
    with pytest.raises(ValueError, match="Cannot read .*2.png: OSError"):
        write(tmp_path / "clips", tmp_path / "others", on_error="raise")


def test_a_damaged_record_is_replaced_and_named(tmp_path, clips, caplog):
    write(clips, tmp_path)
    shard = tmp_path / "clips-00000-of-00003.tfrecord"
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1  # in the third of five
    shard.write_bytes(content)
    found = read(tmp_path, shuffle=False, batch_size=12)
    videos, _ = next(iter(found))
    np.testing.assert_array_equal(videos[2], videos[3])
    (message,) = warnings_in(caplog)
    assert "record 2: RecordError: the shard was cut short or damaged" in message
    assert list(found.skipped) == [f"{shard}, record 2"]
    with pytest.raises(tf.errors.OpError, match="record 2"):
        next(iter(read(tmp_path, shuffle=False, batch_size=12, on_error="raise")))


def test_unfinished_records_are_refused(tmp_path, clips):
    write(clips, tmp_path)
    (tmp_path / "index.json").unlink()
    with pytest.raises(ValueError, match="no index.json: they were not finished"):
        read(tmp_path)


@pytest.mark.parametrize("index", ["{}", "[", '{"schema": 2}'])
def test_an_index_of_another_kind(tmp_path, index):
    (tmp_path / "index.json").write_text(index)
    (tmp_path / "clips-00000-of-00001.tfrecord").touch()
    with pytest.raises(
        ValueError, match="not an index of records: |Received: schema=2 in"
    ):
        read(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"channels": 4, "image_format": "jpeg"},
            "JPEG has no alpha. Received: channels=4. Use image_format='raw'",
        ),
        ({"channels": 5}, "must be one of 1, 2, 3, 4. Received: channels=5"),
        ({"layout": "file"}, "`layout` must be one of 'auto', 'files', 'frames'"),
        ({"image_format": "png"}, "`image_format` must be one of 'jpeg', 'raw'"),
        ({"quality": 96}, "`quality` must be an integer from 1 to 95"),
        ({"workers": 0}, "`workers` must be an integer of at least 1"),
        ({"fps": 12}, "has no frame rate"),
    ],
)
def test_bad_arguments(tmp_path, clips, arguments, message):
    with pytest.raises(ValueError, match=message):
        write(clips, tmp_path, on_error="raise", **arguments)


def test_channels_of_the_records(tmp_path, clips):
    write(clips, tmp_path)
    said = "must be 3, .* Received: channels=1. Pass channels=3"
    with pytest.raises(ValueError, match=said):
        read(tmp_path, channels=1)
