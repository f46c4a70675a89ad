"""Both engines give the same bytes from every kind of source; threads of Python."""

import os
import threading
import time

import keras
import numpy as np
import processes
import pytest
import video_files
from testing import batches_of

from keras_mocogan import data
from keras_mocogan.data.pipeline import engines, python_engine
from keras_mocogan.data.readers import sources

pytestmark = pytest.mark.once

SIZE = {"image_size": 16, "clip_frames": 4}
NAME = "read clips"


def videos(folder):
    for number in range(5):
        frames = video_files.numbered_frames(9 + number)
        video_files.write_video(folder / f"{number}.mp4", frames, "libx264")


def strips(folder):
    for number in range(5):
        video_files.write_strip(folder / f"{number}.png", 9 + number)


def frame_folders(folder):
    for number in range(5):
        names = [f"{place:02d}.jpg" for place in range(9 + number)]
        video_files.write_frames(folder / str(number), names)


def random_array():
    return np.random.default_rng(0).integers(0, 256, (5, 9, 20, 16, 3), np.uint8)


def records(image_format):
    def write(folder):
        clips = random_array()[:, :, :16], [2, 0, 1, 1, 0]
        data.write_records(clips, folder, 16, image_format=image_format)

    return write


SOURCES = {
    "videos": videos,
    "strips": strips,
    "frame folders": frame_folders,
    "records, jpeg": records("jpeg"),
    "records, raw": records("raw"),
}


def source(kind, folder):
    if kind == "array":
        return random_array(), [2, 0, 1, 1, 0]
    SOURCES[kind](folder)
    return folder


def assert_same(found, expected):
    for one, other in zip(found, expected, strict=True):
        for array, wanted in zip(
            keras.tree.flatten(one), keras.tree.flatten(other), strict=True
        ):
            assert array.dtype == wanted.dtype and array.shape == wanted.shape
            np.testing.assert_array_equal(array, wanted)


@pytest.mark.parametrize("kind", [*SOURCES, "array"])
@pytest.mark.parametrize(
    "arguments",
    [
        {"repeat": True, "batch_size": 3, "seed": 4},
        {"repeat": True, "batch_size": 4, "first_step": 3, "shard": (1, 2)},
        {"batch_size": 2, "shuffle": False, "channels": 3},
        {"batch_size": 2, "image_size": (24, 12)},
        {"repeat": True, "image_size": (8, 24), "resize": "squash"},
        {"repeat": True, "image_size": (12, 32), "resize": "pad", "fill_value": 50},
    ],
    ids=["endless", "a shard from the middle", "one pass", "tall", "wide", "borders"],
)
def test_both_engines_give_the_same_bytes(tmp_path, kind, arguments):
    clips = source(kind, tmp_path)
    changes = {"horizontal_flip": True, "reverse": True, "random_crop": 0.7}
    made = [
        data.video_dataset(clips, engine=engine, **SIZE | arguments, **changes)
        for engine in ("tf", "python")
    ]
    for name in ("class_names", "num_classes", "num_clips", "steps_per_epoch"):
        assert getattr(made[0], name) == getattr(made[1], name)
    assert list(made[0].clip_names) == list(made[1].clip_names)
    specs = [keras.tree.flatten(one.element_spec) for one in made]
    for spec, wanted in zip(*specs, strict=True):
        assert tuple(spec.shape) == tuple(wanted.shape)
        assert keras.backend.standardize_dtype(spec.dtype) == wanted.dtype
    expected, found = (batches_of(one, 7) for one in made)
    assert len(expected) == (7 if arguments.get("repeat") else 2)
    assert_same(found, expected)
    if not arguments.get("repeat"):
        assert_same(batches_of(made[1]), batches_of(made[0]))  # the next pass


def test_both_skip_the_same_damaged_clips(tmp_path):
    strips(tmp_path)
    videos(tmp_path)
    video_files.truncate(tmp_path / "2.png", 0.6)
    video_files.truncate(tmp_path / "3.mp4", 0.5)
    video_files.write_strip(tmp_path / "4.png", 3)
    made = [
        data.video_dataset(tmp_path, engine=engine, repeat=True, batch_size=8, **SIZE)
        for engine in ("tf", "python")
    ]
    assert_same(*(batches_of(one, 4) for one in made))
    assert made[0].skipped == made[1].skipped
    assert len(made[0].skipped) == 3


def test_the_engine_is_chosen(monkeypatch):
    clips = random_array()
    with pytest.raises(ValueError, match="of 'auto', 'tf', 'python'. Received: .*'x'"):
        data.video_dataset(clips, engine="x", **SIZE)
    made = data.video_dataset(clips, engine="python", batch_size=2, **SIZE)
    assert isinstance(made, python_engine.PythonDataset)
    assert not isinstance(
        data.video_dataset(clips, batch_size=2, **SIZE), python_engine.PythonDataset
    )


@pytest.mark.parametrize(
    ("error", "told"),
    [(ModuleNotFoundError("No module"), 0), (ImportError("libbroken.so"), 1)],
)
def test_where_tensorflow_cannot_be_imported(monkeypatch, caplog, error, told):
    def fail():
        raise error

    monkeypatch.setattr(engines, "reading_tensorflow", fail)
    clips = random_array()
    made = data.video_dataset(clips, batch_size=2, **SIZE)
    assert isinstance(made, python_engine.PythonDataset)
    assert len(caplog.records) == told  # something is wrong only with the second
    with pytest.raises(ValueError, match="'auto' or 'python' if .* Received: engine="):
        data.video_dataset(clips, batch_size=2, engine="tf", **SIZE)


class TestThreads:
    """What only the engine "python" does."""

    @pytest.fixture(autouse=True)
    def four_threads(self, monkeypatch):
        monkeypatch.setattr(python_engine, "_count_threads", lambda: 4)

    def dataset(self, num_clips=8, **arguments):
        clips = np.arange(num_clips, dtype=np.uint8)[:, None, None, None, None]
        clips = np.broadcast_to(clips, (num_clips, 4, 16, 16, 3)).copy()
        settings = {"shuffle": False, "batch_size": 2, **SIZE} | arguments
        return data.video_dataset(clips, engine="python", **settings)

    def slow_down(self, monkeypatch, wait):
        """Calls `wait(clip)` before each clip; returns a list of what was begun."""
        begun, read_frames = [], sources.ArraySource.read_frames

        def read(self, clip, numbers):
            begun.append(int(clip))
            wait(clip)
            return read_frames(self, clip, numbers)

        monkeypatch.setattr(sources.ArraySource, "read_frames", read)
        return begun

    def first_clips(self, batches):
        return [int(batch[0, 0, 0, 0, 0]) for batch in batches]

    def test_all_read_at_once(self, monkeypatch):
        barrier = threading.Barrier(4, timeout=20)
        self.slow_down(monkeypatch, lambda clip: barrier.wait())
        # Only four readers at the same time get past the barrier.
        assert self.first_clips(self.dataset()) == [0, 2, 4, 6]

    @pytest.mark.parametrize("batch_size", [1, 2, 8])
    def test_some_batches_are_read_ahead_and_not_all(self, monkeypatch, batch_size):
        begun = self.slow_down(monkeypatch, lambda clip: None)
        iterator = iter(self.dataset(64, batch_size=batch_size))
        next(iterator)
        deadline = time.monotonic() + 20
        ahead = max(2, 4 // batch_size)
        while len(begun) < (1 + ahead) * batch_size and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.05)
        assert len(begun) == (1 + ahead) * batch_size
        iterator.close()

    @pytest.mark.parametrize("deterministic", [True, False])
    def test_a_slow_clip_is_waited_for_or_overtaken(self, monkeypatch, deterministic):
        released = threading.Event()

        def wait(clip):
            if clip == 0:
                assert released.wait(20)

        self.slow_down(monkeypatch, wait)
        batches = iter(self.dataset(deterministic=deterministic))
        if deterministic:
            threading.Timer(0.2, released.set).start()
            assert self.first_clips(batches) == [0, 2, 4, 6]
            return
        first = next(batches)
        released.set()
        found = self.first_clips([first, *batches])
        assert found[0] != 0 and sorted(found) == [0, 2, 4, 6]

    def threads(self):
        return [t for t in threading.enumerate() if t.name.startswith(NAME)]

    def assert_none_is_left(self):
        deadline = time.monotonic() + 20
        while self.threads() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not self.threads()

    def test_a_whole_pass_leaves_no_thread(self):
        assert len(list(self.dataset())) == 4
        self.assert_none_is_left()

    def test_an_early_stop_leaves_no_thread(self, monkeypatch):
        begun = self.slow_down(monkeypatch, lambda clip: time.sleep(0.02))
        for batch in self.dataset(64, repeat=True):
            assert batch.shape == (2, 4, 16, 16, 3)
            assert self.threads()
            break
        self.assert_none_is_left()
        count = len(begun)
        time.sleep(0.1)
        assert len(begun) == count < 12

    def test_an_error_leaves_no_thread(self, monkeypatch):
        def fail_on_the_last(clip):
            if clip == 7:
                raise KeyError("7")

        self.slow_down(monkeypatch, fail_on_the_last)
        with pytest.raises(ValueError, match="^Cannot read video 7 of the array: KeyE"):
            list(self.dataset(on_error="raise"))
        self.assert_none_is_left()

    def test_storage_that_is_gone_ends_the_run(self, monkeypatch):
        def fail(clip):
            raise ConnectionError("no answer")

        self.slow_down(monkeypatch, fail)
        with pytest.raises(ConnectionError, match="no answer"):
            next(iter(self.dataset()))
        self.assert_none_is_left()

    def test_two_iterators_take_turns(self):
        made = self.dataset(repeat=True, shuffle=True)
        alone = self.first_clips(batches_of(made, 6))
        one, other = iter(made), iter(made)
        both = [self.first_clips([next(one), next(other)]) for _ in range(6)]
        assert both == [[clip, clip] for clip in alone]

    def test_no_more_threads_than_processors(self, monkeypatch):
        monkeypatch.undo()
        allowed = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count()))
        assert python_engine._count_threads() == min(len(allowed(0)), 16)


AT_THE_END = """
    import time

    import numpy as np

    import keras_mocogan as km
    from keras_mocogan.data.readers import sources

    read_frames = sources.ArraySource.read_frames

    def read(self, clip, numbers):
        time.sleep(0.2)
        return read_frames(self, clip, numbers)

    sources.ArraySource.read_frames = read
    batches = km.data.video_dataset(
        np.zeros([8, 4, 16, 16, 3], "uint8"),
        image_size=16,
        clip_frames=4,
        batch_size=1,
        repeat=True,
        engine="python",
    )
    iterator = iter(batches)
    next(iterator)
    print("half read", flush=True)
"""


def test_a_script_ends_with_a_half_read_data_set():
    done = processes.run_backend("torch", AT_THE_END)
    assert done.strip() == "half read"
