"""What TensorBoard finds in the files that its callback writes."""

import io
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import img_mime_type_detector
from testing import LOG_KEYS, labels_for, random_clips, tiny_model

from keras_mocogan import callbacks
from keras_mocogan.callbacks.event_files import EventFile
from keras_mocogan.callbacks.tensorboard import _tagged
from keras_mocogan.utils.remote.remote_path import as_path

pytestmark = pytest.mark.once

GRID = (3 * 32 + 2 * 2, 32)  # three columns with gaps of two pixels, one row


def read(folder):
    """Everything in a folder of event files, as TensorBoard reads it."""
    found = EventAccumulator(str(folder))
    return found.Reload()


def fit(model, folder, epochs):
    """Two steps in each epoch, a preview after every second epoch."""
    videos = random_clips(4)
    previews = callbacks.PreviewGrid(folder / "previews", 3, 1, every=2)
    board = callbacks.TensorBoard(folder / "board", previews)
    history = model.fit(
        videos,
        labels_for(videos),
        batch_size=2,
        epochs=epochs,
        verbose=0,
        callbacks=[Score(), previews, board],
    )
    return history.history


class Score(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["acd"] = 0.25


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a run of two epochs, and its history."""
    folder = tmp_path_factory.mktemp("run")
    model = tiny_model()
    model.compile(
        generator_optimizer=keras.optimizers.Adam(
            keras.optimizers.schedules.PolynomialDecay(1e-3, 8, 0.0)
        ),
        run_eagerly=True,
    )
    return folder, fit(model, folder, 2)


def test_tags(run):
    tags = read(run[0] / "board").Tags()
    losses = "sum generator image_discriminator video_discriminator".split()
    accuracies = "image_real image_fake video_real video_fake category".split()
    assert len(losses + accuracies) == len(LOG_KEYS)
    assert set(tags["scalars"]) == {
        "score/acd",
        *(f"loss/{name}" for name in losses),
        *(f"accuracy/{name}" for name in accuracies),
        *(f"learning_rate/{name}" for name in losses[1:]),
    }
    assert tags["images"] == ["previews/grid"]


def test_numbers_lie_at_the_steps_of_the_model(run):
    folder, history = run
    found = read(folder / "board")
    for tag, name in [
        ("loss/sum", "loss"),
        ("loss/generator", "generator_loss"),
        ("accuracy/image_real", "image_real_accuracy"),
    ]:
        events = found.Scalars(tag)
        assert [event.step for event in events] == [2, 4]
        np.testing.assert_allclose([e.value for e in events], history[name], rtol=1e-6)
    # From 1e-3 to 0 in 8 steps, after 2 and 4 of them.
    rates = [event.value for event in found.Scalars("learning_rate/generator")]
    np.testing.assert_allclose(rates, [0.75e-3, 0.5e-3], rtol=1e-6)


def test_previews_are_animations(run):
    folder, _ = run
    [event] = read(folder / "board").Images("previews/grid")
    assert event.step == 4 and (event.width, event.height) == GRID
    written = (folder / "previews" / "epoch_0002.gif").read_bytes()
    assert event.encoded_image_string == written
    # As which TensorBoard serves it to the browser.
    assert img_mime_type_detector.from_bytes(written) == "image/gif"
    picture = Image.open(io.BytesIO(event.encoded_image_string))
    assert picture.size == GRID and picture.n_frames == 4 and picture.info["loop"] == 0


def test_a_resumed_run_replaces_the_steps_that_it_makes_again(tmp_path):
    killed = EventFile(tmp_path, 0)
    for step in (2, 4, 6):
        killed.add(step, {"loss/sum": step}, {})
    resumed = EventFile(tmp_path, 2)  # from the checkpoint of step 2
    resumed.add(4, {"loss/sum": 40}, {})
    events = read(tmp_path).Scalars("loss/sum")
    assert [(event.step, event.value) for event in events] == [(2, 2), (4, 40)]


def test_scores_of_validation():
    tags = _tagged({"val_loss": 1, "val_generator_loss": 2, "content_error": 3})
    assert tags == {
        "loss/val_sum": 1.0,
        "loss/val_generator": 2.0,
        "score/content_error": 3.0,
    }


def test_without_the_package_an_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto", None)
    with pytest.raises(ImportError, match="pip install tensorboard"):
        callbacks.TensorBoard("board")


def test_files_at_a_url(tmp_path):
    gif = io.BytesIO()
    Image.new("P", (5, 3)).save(gif, "GIF")
    file = EventFile("memory://boards/run", 0)
    file.add(1, {"loss/sum": 2.5}, {})
    file.add(2, {"loss/sum": 1.5}, {"previews/grid": gif.getvalue()})
    resumed = EventFile("memory://boards/run", 1)
    resumed.add(2, {"loss/sum": 1.25}, {})
    for path in as_path("memory://boards/run").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    found = read(tmp_path)
    numbers = [(e.step, e.value) for e in found.Scalars("loss/sum")]
    assert numbers == [(1, 2.5), (2, 1.25)]
    assert not Path("memory:").exists()
