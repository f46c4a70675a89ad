"""A run that diverges ends with the last good checkpoint, whoever looks first."""

import keras
import numpy as np
import pytest
from absl.testing import flagsaver
from testing import EAGER, labels_for, random_clips, tiny_model

import keras_mocogan as km
from keras_mocogan import callbacks

CLIPS = random_clips()


@pytest.fixture
def training():
    """The command line's module of this name, flags at their defaults."""
    from keras_mocogan.cli import training

    if not training.FLAGS.is_parsed():
        training.FLAGS(["train"])
    with flagsaver.flagsaver(preview_every=1):
        yield training


class Epochs(keras.callbacks.Callback):
    """Notes which epochs' ends it saw."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(epoch)


class Poison(keras.callbacks.Callback):
    """A weight of G_I becomes NaN before the second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            kernel = self.model.image_generator.trainable_variables[-1]
            kernel.assign(np.full(kernel.shape, np.nan, "float32"))


def compiled_model():
    model = tiny_model()
    averaged = keras.optimizers.Adam(1e-3, use_ema=True)
    model.compile(generator_optimizer=averaged, run_eagerly=EAGER)
    return model


def fit(model, given, epochs=3):
    data = {"x": CLIPS, "y": labels_for(CLIPS), "batch_size": 2}
    return model.fit(**data, epochs=epochs, verbose=0, callbacks=given)


@pytest.mark.parametrize("order", ["given", "reversed"])
def test_the_scripts_callbacks_end_a_diverged_run(training, tmp_path, order):
    given = training.make_callbacks(tmp_path)[1:]  # without the rest of an epoch
    given = given if order == "given" else given[::-1]
    epochs = Epochs()
    with pytest.raises(FloatingPointError) as raised:
        fit(compiled_model(), [epochs, Poison(), *given])
    good = tmp_path / "checkpoints" / "step_00000001.keras"
    assert f"nan at step 2. The last good checkpoint is {good}, of" in str(raised.value)
    assert epochs.seen == [0]  # though it stands before the checkpoints
    assert callbacks.latest_checkpoint(good.parent) == good
    previews = [path.name for path in (tmp_path / "previews").iterdir()]
    assert previews == ["epoch_0001.gif"]
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 2


@pytest.mark.skipif(not EAGER, reason="nothing of it depends on the backend")
def test_previews_scores_and_curves_live_through_it(tmp_path):
    model, curves = compiled_model(), callbacks.HistoryLogger(tmp_path)
    scores = callbacks.MetricsCallback(CLIPS, colors=True, count=2)
    previews = callbacks.PreviewGrid(tmp_path, 2, 1)
    with pytest.warns(UserWarning, match="is not written"):
        history = fit(model, [Poison(), scores, previews, curves], epochs=2).history
    assert np.isfinite(history["acd"][0]) and np.isnan(history["acd"][1])
    assert [np.isnan(row["generator_loss"]) for row in curves.rows] == [False, True]
    assert (tmp_path / "losses.png").exists()
    assert not (tmp_path / "epoch_0002.gif").exists()


@pytest.mark.parametrize("write", [km.video.write_gif, km.video.write_mp4])
@pytest.mark.once
def test_writers_of_videos_tell_what_happened(tmp_path, write):
    videos = np.zeros((2, 2, 8, 8, 3), "float32")
    videos[1, 0, 0, 0, :2] = np.nan, -np.inf
    with pytest.raises(ValueError, match="2 of 768 values NaN or infinite.*diverged"):
        write(tmp_path / "video", videos)
    assert not list(tmp_path.iterdir())
