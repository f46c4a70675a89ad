"""The readers on real clips."""

import av
import numpy as np
import pytest

from keras_mocogan import data

pytestmark = pytest.mark.once


def first_batch(source, **arguments):
    dataset = data.video_dataset(source, batch_size=4, **arguments)
    return dataset, next(dataset.as_numpy_iterator())


def test_shapes(shared_data):
    dataset, (videos, labels) = first_batch(shared_data / "shapes", frame_stride=2)
    assert dataset.class_names == ["0", "1"]
    assert dataset.num_clips == 2000
    assert videos.shape == (4, 16, 64, 64, 3)
    light = videos.max(axis=-1).astype(float)
    grid = np.arange(64)
    rows = light.sum(axis=3) @ grid / light.sum(axis=(2, 3))
    columns = light.sum(axis=2) @ grid / light.sum(axis=(2, 3))
    # Class 0 goes up, class 1 to the left.
    for label, row, column in zip(labels, rows, columns, strict=True):
        along = row if label == 0 else column
        assert along[0] - along[-1] > 40


def test_actions_are_png_named_jpg(shared_data):
    dataset, (videos, labels) = first_batch(shared_data / "actions")
    assert dataset.class_names == ["0", "1", "3", "4"]
    assert dataset.num_clips == 72
    assert videos.shape == (4, 16, 64, 64, 3)
    assert set(labels) <= {0, 1, 2, 3}
    assert 50 < videos.mean() < 200


def test_gestures(shared_data):
    dataset, videos = first_batch(shared_data / "gestures", frame_stride=3)
    assert dataset.class_names is None
    assert dataset.num_clips == 20
    assert videos.shape == (4, 16, 64, 64, 3)
    # One scene, no cuts: a frame is near the one before, and not the same.
    change = np.abs(np.diff(videos.astype(int), axis=1)).mean(axis=(2, 3, 4))
    assert (change < 20).all()
    assert (change.max(axis=1) > 0.5).all()


def test_gestures_that_are_too_short(shared_data, caplog):
    dataset, _ = first_batch(shared_data / "gestures", clip_frames=12, frame_stride=6)
    needed, enough = 11 * 6 + 1, 0
    for path in sorted((shared_data / "gestures").iterdir()):
        with av.open(str(path)) as container:
            enough += sum(1 for _ in container.decode(video=0)) >= needed
    assert dataset.num_clips == enough < 20
    assert "too short" in caplog.text
    with pytest.raises(
        ValueError, match="clip_frames=16 with frame_stride=8, which takes 121"
    ):
        first_batch(shared_data / "gestures", frame_stride=8)
