"""Order and windows: functions of the seed and the position, and of nothing else."""

import keras
import numpy as np
import pytest
from testing import batches_of as take

from keras_mocogan import data
from keras_mocogan.data.pipeline import windows as windows_module

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("engine")]

NUM_CLIPS, NUM_FRAMES = 10, 12


@pytest.fixture(scope="module")
def videos():
    """Frame f of clip c has the value 12 c + f, in two pixels."""
    values = np.arange(NUM_CLIPS * NUM_FRAMES, dtype=np.uint8)
    values = values.reshape(NUM_CLIPS, NUM_FRAMES, 1, 1, 1)
    return np.broadcast_to(values, (NUM_CLIPS, NUM_FRAMES, 2, 2, 3)).copy()


def dataset(source, **arguments):
    defaults = {"image_size": 2, "clip_frames": 4, "batch_size": 3}
    return data.video_dataset(source, **(defaults | arguments))


def windows(batches):
    """List of (clip, first frame) of all the windows in some batches."""
    values = [value for batch in batches for value in batch[:, 0, 0, 0, 0]]
    return [divmod(int(value), NUM_FRAMES) for value in values]


def test_what_a_dataset_says_of_itself(videos):
    finite = dataset(videos)
    assert len(finite) == finite.steps_per_epoch == 3
    assert finite.num_clips == 10
    assert finite.class_names is None
    assert finite.element_spec.shape == (3, 4, 2, 2, 3)
    assert keras.backend.standardize_dtype(finite.element_spec.dtype) == "uint8"
    endless = dataset(videos, repeat=True, batch_size=20)
    assert int(endless.cardinality()) == -1  # Infinite.
    with pytest.raises(TypeError):
        len(endless)
    assert endless.steps_per_epoch == 1


def test_a_window_is_consecutive(videos):
    for batch in take(dataset(videos, repeat=True), 5):
        steps = np.diff(batch[:, :, 0, 0, 0].astype(int), axis=1)
        assert (steps == 1).all()


def test_every_nth_frame(videos):
    # Three frames at a distance of 5 take 11 of 12: two starts.
    batches = take(dataset(videos, repeat=True, clip_frames=3, frame_stride=5), 20)
    for batch in batches:
        assert (np.diff(batch[:, :, 0, 0, 0].astype(int), axis=1) == 5).all()
    assert {start for _, start in windows(batches)} == {0, 1}


def test_each_pass_shows_every_clip_once_in_a_new_order(videos):
    seen = windows(take(dataset(videos, repeat=True, batch_size=1), 40))
    passes = [[clip for clip, _ in seen[i : i + 10]] for i in range(0, 40, 10)]
    for order in passes:
        assert sorted(order) == list(range(10))
    assert len({tuple(order) for order in passes}) == 4


def test_orders_are_not_soon_repeated(videos):
    seen = windows(take(dataset(videos, repeat=True, batch_size=10), 600))
    orders = [tuple(clip for clip, _ in seen[i : i + 10]) for i in range(0, 6000, 10)]
    assert len(set(orders)) > 590
    assert min(np.bincount([order[0] for order in orders])) > 35  # 60 expected.


def test_windows_lie_anywhere_and_move(videos):
    seen = windows(take(dataset(videos, repeat=True, batch_size=10), 30))
    starts = [start for _, start in seen]
    assert set(starts) == set(range(NUM_FRAMES - 4 + 1))
    assert len({start for clip, start in seen if clip == 0}) > 4


def test_without_shuffling_order_and_windows_are_fixed(videos):
    seen = windows(take(dataset(videos, repeat=True, batch_size=5, shuffle=False), 4))
    # Nine starts: the middle one is 4.
    assert seen == 2 * [(clip, 4) for clip in range(10)]


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("first_step", [1, 3, 7])
def test_taking_up_in_the_middle(videos, shuffle, first_step):
    # 10 clips in batches of 3: step 3 spans two passes.
    labels = np.arange(10)
    arguments = {"repeat": True, "shuffle": shuffle, "seed": 5}
    whole = take(dataset((videos, labels), **arguments), 12)
    rest = take(
        dataset((videos, labels), first_step=first_step, **arguments), 12 - first_step
    )
    for (video, label), (expected, expected_label) in zip(
        rest, whole[first_step:], strict=True
    ):
        assert video.tobytes() == expected.tobytes()
        assert label.tobytes() == expected_label.tobytes()


def test_each_iteration_is_the_next_pass(videos):
    finite = dataset(videos)
    passes = [windows(take(finite)) for _ in range(3)]
    again = dataset(videos)
    assert [windows(take(again)) for _ in range(3)] == passes
    later = dataset(videos, first_step=6)
    assert windows(take(later)) == passes[2]
    # The first pass of an endless stream is the same.
    assert windows(take(dataset(videos, repeat=True), 3)) == passes[0]
    assert len({tuple(seen) for seen in passes}) == 3
    for seen in passes:
        assert len({clip for clip, _ in seen}) == 9


def test_the_seed_decides(videos):
    one, two = (
        windows(take(dataset(videos, repeat=True, seed=seed), 6)) for seed in (0, 256)
    )
    assert one != two


def test_labels_stay_with_their_videos(videos):
    labels = 100 + np.arange(10)
    for batch, batch_labels in take(dataset((videos, labels))):
        assert batch_labels.dtype == np.int32
        assert [clip for clip, _ in windows([batch])] == (batch_labels - 100).tolist()


def test_labels_of_an_array_may_be_left_out_or_replaced(videos):
    source = (videos, np.arange(10))
    assert len(dataset(videos).element_spec.shape) == 5
    assert len(dataset(source, labels=None).element_spec.shape) == 5
    replaced = dataset(source, labels=[7] * 10)
    assert take(replaced, 1)[0][1].tolist() == [7, 7, 7]


@pytest.mark.parametrize("repeat", [True, False])
def test_shards_are_rows_of_the_batches_and_each_reads_its_own(
    videos, repeat, monkeypatch
):
    read, fill = [], windows_module.WindowReader._fill

    def fill_and_tell(self, window, clip, row):
        read.append(clip)
        fill(self, window, clip, row)

    monkeypatch.setattr(windows_module.WindowReader, "_fill", fill_and_tell)
    labels = np.arange(NUM_CLIPS)
    arguments = {
        "batch_size": 4,
        "repeat": repeat,
        "horizontal_flip": True,
        "first_step": 0 if repeat else 2,
    }
    whole = dataset((videos, labels), **arguments)
    shards = [dataset((videos, labels), shard=(i, 2), **arguments) for i in range(2)]
    assert shards[0].element_spec[0].shape[0] == 2
    assert shards[0].steps_per_epoch == whole.steps_per_epoch
    steps = 7 if repeat else 2
    wanted = take(whole, steps)
    assert len(wanted) == steps
    read.clear()
    parts = [take(shard, steps) for shard in shards]
    for batch, first, second in zip(wanted, *parts, strict=True):
        for both, one, other in zip(batch, first, second, strict=True):
            np.testing.assert_array_equal(both, np.concatenate([one, other]))
    if not repeat:  # An endless one reads ahead.
        assert sorted(read) == sorted(np.concatenate([labels for _, labels in wanted]))


@pytest.mark.parametrize(
    ("shard", "message"),
    [
        ((2, 2), r"shard\[0\]` must be .* from 0 to 1. Received: shard\[0\]=2"),
        ((0, 0), r"shard\[1\]` must be .* at least 1. Received: shard\[1\]=0"),
        ((0, 2), r"a multiple of 2, .* Received: batch_size=3, shard=\(0, 2\)"),
    ],
)
def test_shards_that_do_not_fit(videos, shard, message):
    with pytest.raises(ValueError, match=message):
        dataset(videos, shard=shard)
