"""What a data set tells of its clips, and what of that others made from it tell."""

import numpy as np
import pytest
import tensorflow as tf
import video_files
from PIL import Image
from testing import EAGER, tiny_model

from keras_mocogan import data
from keras_mocogan.data.pipeline.about import About


def dataset(**arguments):
    clips = data.shape_motion(6, num_frames=5, image_size=32)
    defaults = {"image_size": 32, "clip_frames": 4, "batch_size": 2}
    return data.video_dataset(clips, **(defaults | arguments))


CHANGES = [
    lambda d: d.take(1),
    lambda d: d.map(lambda videos, labels: videos),
    lambda d: d.repeat().prefetch(1),
    lambda d: d.unbatch().batch(3),
    lambda d: d.apply(lambda inner: inner.skip(1)),
    lambda d: d.concatenate(d),
]


@pytest.mark.once
@pytest.mark.parametrize("change", CHANGES)
def test_what_is_true_of_the_clips_is_kept_and_the_rest_explained(change):
    found = dataset()
    made = change(found)
    of_batches = {"steps_per_epoch", "clips_fingerprint"}
    for name in set(About._fields) - of_batches:
        assert getattr(made, name) is getattr(found, name)
    assert not any(hasattr(made, name) for name in of_batches)
    said = "that one has `steps_per_epoch`: keep it in a variable"
    with pytest.raises(AttributeError, match=said):
        made.steps_per_epoch  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'other'"):
        made.other  # noqa: B018


@pytest.mark.once
def test_it_is_still_a_data_set():
    found = dataset(shuffle=False)
    assert isinstance(found, tf.data.Dataset)
    assert found.num_classes == 2 and found.steps_per_epoch == 3
    whole = np.concatenate([videos for videos, _ in found.as_numpy_iterator()])
    again = [videos for videos, _ in found.unbatch().batch(3).as_numpy_iterator()]
    np.testing.assert_array_equal(np.concatenate(again), whole)
    assert int(found.cardinality()) == len(found) == 3
    assert found.take(2).reduce(0, lambda count, _: count + 1) == 2

    @tf.function
    def brightest(iterator):
        return tf.reduce_max(next(iterator)[0])

    assert brightest(iter(found)) == whole[:2].max()

    @tf.function
    def count():
        total = 0
        for videos, _ in found:
            total += tf.shape(videos)[0]
        return total

    assert count() == 6


def test_fit_stops_with_the_name_of_the_broken_file(tmp_path, engine):
    rng = np.random.default_rng(0)
    for number in range(4):
        strip = rng.integers(0, 256, (32, 32 * 4, 3), np.uint8)
        Image.fromarray(strip).save(tmp_path / f"{number}.png")
    video_files.truncate(tmp_path / "2.png", 0.5)
    found = data.video_dataset(
        tmp_path, image_size=32, clip_frames=4, batch_size=2, on_error="raise"
    )
    model = tiny_model(num_classes=0)
    # In a compiled step the error of tf.data is one of the graph.
    model.compile(run_eagerly=EAGER and engine == "python")
    said = f"^Cannot read {tmp_path / '2.png'}: OSError: image file is truncated$"
    with pytest.raises(ValueError, match=said):
        model.fit(found, verbose=0)
    if engine == "tf":
        with pytest.raises(ValueError, match=said):
            model.evaluate(found.map(lambda batch: batch), verbose=0)
