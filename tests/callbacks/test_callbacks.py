"""Previews, loss curves and averaged weights."""

import csv

import keras
import numpy as np
import pytest
from PIL import Image
from testing import (
    assert_identical,
    random_clips,
    tiny_image_gan,
    tiny_model,
    values,
)

from keras_mocogan import callbacks
from keras_mocogan.metrics import VideoClassifier, report


@pytest.fixture(scope="module")
def model():
    """A model whose generator's averages differ from its weights by one."""
    model = tiny_model()
    model.compile(generator_optimizer=keras.optimizers.Adam(1e-3, use_ema=True))
    optimizer = model.optimizer["generator"]
    for variable, average in zip(
        optimizer._trainable_variables,
        optimizer._model_variables_moving_average,
        strict=True,
    ):
        average.assign(variable.value + 1.0)
    return model


def test_averaged_weights_are_lent_and_given_back(model):
    network = model.image_generator
    before = values(network.trainable_variables)
    with callbacks.ema_weights(model):
        lent = values(network.trainable_variables)
    after = values(network.trainable_variables)
    for old, average, new in zip(before, lent, after, strict=True):
        np.testing.assert_allclose(average, old + 1, rtol=1e-6)
        np.testing.assert_array_equal(new, old)


def test_averaged_weights_are_given_back_after_an_error(model):
    before = values(model.image_generator.trainable_variables)
    with pytest.raises(RuntimeError), callbacks.ema_weights(model):
        raise RuntimeError
    assert_identical(values(model.image_generator.trainable_variables), before)


def test_without_an_average_the_weights_stay():
    model = tiny_model()
    before = values(model.image_generator.trainable_variables)
    with callbacks.ema_weights(model):
        assert_identical(values(model.image_generator.trainable_variables), before)


@pytest.mark.parametrize("category_input", ["motion", "frame"])
def test_previews_share_contents_by_column_and_motions_by_row(category_input):
    model = tiny_model(category_input=category_input)
    seen = {}

    def decode(content, motion, labels):
        seen.update(content=content, motion=motion, labels=labels)
        return np.zeros((6, 4, 32, 32, 3), "float32")

    model.decode = decode
    model.preview_videos(columns=3, rows=2, num_frames=7)
    assert seen["motion"].shape[1] == 7
    content = np.reshape(seen["content"], (2, 3, -1))  # row, column
    motion = np.reshape(seen["motion"], (2, 3, -1))
    np.testing.assert_array_equal(content[0], content[1])
    assert not np.allclose(content[0, 0], content[0, 1])
    np.testing.assert_array_equal(motion[:, 0], motion[:, 2])
    assert not np.allclose(motion[0], motion[1])
    if category_input == "frame":
        np.testing.assert_array_equal(seen["labels"], [0, 0, 0, 1, 1, 1])


def test_previews_are_written_every_n_epochs(model, tmp_path):
    callback = callbacks.PreviewGrid(tmp_path, contents=2, motions=1, every=2)
    callback.set_model(model)
    for epoch in range(4):
        callback.on_epoch_end(epoch)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "epoch_0002.gif",
        "epoch_0004.gif",
    ]
    assert Image.open(tmp_path / "epoch_0002.gif").size == (32 + 2 + 32, 32)


@pytest.mark.once
def test_all_callbacks_write_to_the_home_folder(model, tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    previews = callbacks.PreviewGrid("~/run/previews", contents=2, motions=1)
    board = callbacks.TensorBoard("~/run/board", previews)
    history = callbacks.HistoryLogger("~/run")
    for callback in (previews, board, history):
        callback.set_model(model)
        callback.on_train_begin()
    for callback in (previews, board, history):  # the board reads the preview
        callback.on_epoch_end(0, {"generator_loss": 1.0})
    callbacks.save_atomically(model, "~/run/step_00000000.keras")
    run = tmp_path / "home" / "run"
    found = {path.relative_to(run).parts[0] for path in run.rglob("*")}
    model_file = "step_00000000.keras"
    assert found == {"previews", "board", "history.csv", "losses.png", model_file}
    assert callbacks.latest_checkpoint("~/run") == run / model_file
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def read_history(folder):
    with (folder / "history.csv").open() as file:
        return [{k: float(v) for k, v in r.items()} for r in csv.DictReader(file)]


@pytest.mark.once
def test_loss_curves_go_on_from_the_epoch_that_is_resumed(tmp_path):
    first = callbacks.HistoryLogger(tmp_path)
    for epoch, loss in enumerate([3.0, 2.0, 1.0]):
        first.on_epoch_end(epoch, {"generator_loss": loss})
    resumed = callbacks.HistoryLogger(tmp_path)  # from the checkpoint of epoch 2
    resumed.on_epoch_end(2, {"generator_loss": 0.5})
    assert read_history(tmp_path) == [
        {"epoch": 1, "generator_loss": 3.0},
        {"epoch": 2, "generator_loss": 2.0},
        {"epoch": 3, "generator_loss": 0.5},
    ]
    picture = np.asarray(Image.open(tmp_path / "losses.png").convert("L"))
    assert (picture < 200).mean() > 0.005  # something is drawn on the white


@pytest.mark.once
def test_a_new_run_does_not_take_over_an_old_history(tmp_path):
    callbacks.HistoryLogger(tmp_path).on_epoch_end(0, {"generator_loss": 3.0})
    callbacks.HistoryLogger(tmp_path).on_epoch_end(0, {"generator_loss": 4.0})
    assert read_history(tmp_path) == [{"epoch": 1, "generator_loss": 4.0}]


@pytest.mark.once
def test_one_logger_may_serve_several_runs(tmp_path):
    logger = callbacks.HistoryLogger(tmp_path)
    for start, losses in ((0, [5.0, 4.0]), (0, [3.0, 2.0]), (2, [1.0])):
        logger.on_train_begin()
        for epoch, loss in enumerate(losses, start):
            logger.on_epoch_end(epoch, {"generator_loss": loss})
    assert read_history(tmp_path) == [
        {"epoch": 1, "generator_loss": 3.0},
        {"epoch": 2, "generator_loss": 2.0},
        {"epoch": 3, "generator_loss": 1.0},
    ]


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"every": 0}, "`every` must be an integer of at least 1. Received: every=0"),
        ({"contents": 0}, "`contents` must be an integer of at least 1"),
        ({"motions": 1.5}, "`motions` must be an integer of at least 1"),
        ({"fps": 60}, "`fps` must be above 0 and at most 50 in a GIF. Received: fps=6"),
        ({"images": np.zeros((3, 8, 8, 3))}, "Received: 3 images, contents=8"),
    ],
)
def test_previews_that_cannot_be_are_refused_before_the_training(
    tmp_path, arguments, message
):
    with pytest.raises(ValueError, match=message):
        callbacks.PreviewGrid(tmp_path, **arguments)


@pytest.mark.once
def test_scores_that_cannot_be_are_refused_before_the_training():
    videos = random_clips(4)
    with pytest.raises(ValueError, match="at least 1. Received: every=0"):
        callbacks.MetricsCallback(videos, colors=True, count=4, every=0)
    for wrong in (videos / 255.0, (videos / 255.0, [0] * 4), videos[:2, 0]):
        with pytest.raises(ValueError, match="must be uint8 of shape .n, frames"):
            callbacks.MetricsCallback(wrong, colors=True, count=4)
    listed = callbacks.MetricsCallback(list(videos), colors=True, count=4)
    np.testing.assert_array_equal(listed.real[0], videos)
    judge = VideoClassifier(2, image_size=64, clip_frames=4, filters=2)
    with pytest.raises(ValueError, match=r", 64, 64, 3\) for this classifier"):
        callbacks.MetricsCallback(videos, judge, count=4)
    larger = callbacks.MetricsCallback(videos.repeat(2, axis=2), colors=True, count=4)
    larger.set_model(tiny_model())
    with pytest.raises(ValueError, match=r"size, \(32, 32, 3\). Received: .* 64, 32"):
        larger.on_train_begin()


def spoil(model):
    # The last kernel: TensorFlow's ReLU makes zeros of NaN.
    kernel = model.image_generator.trainable_variables[-1]
    kernel.assign(np.full(kernel.shape, np.nan, "float32"))


def test_no_preview_of_what_is_not_finite(tmp_path):
    model = tiny_model()
    spoil(model)
    callback = callbacks.PreviewGrid(tmp_path, contents=2, motions=1)
    callback.set_model(model)
    with pytest.warns(UserWarning, match="epoch_0001.gif is not written: .* diverged"):
        callback.on_epoch_end(0)
    assert not list(tmp_path.iterdir())


def test_scores_of_what_is_not_finite_are_nan():
    model = tiny_model()
    callback = callbacks.MetricsCallback(random_clips(), colors=True, count=2)
    callback.set_model(model)
    good, bad = {}, {"loss": 1.0}
    callback.on_epoch_end(0, good)
    spoil(model)
    with pytest.warns(UserWarning, match="Epoch 2 has no scores: .* diverged"):
        callback.on_epoch_end(1, bad)
    assert {"acd", "square_share"} < set(good)
    assert set(bad) == {"loss", *good} and np.isnan([bad[name] for name in good]).all()


def test_scores_of_pictures():
    model, videos = tiny_image_gan(), random_clips(4)
    callback = callbacks.MetricsCallback(videos, extractor=mean_color, count=4)
    callback.set_model(model)
    logs = {}
    callback.on_epoch_end(0, logs)
    assert np.isfinite(logs["extractor_frechet_distance"])
    callback = callbacks.MetricsCallback(videos, colors=True, count=4)
    callback.set_model(model)
    logs = {}
    callback.on_epoch_end(0, logs)
    # Whether a color holds still cannot be told of one frame; what colors, can.
    assert set(logs) == {"color_coverage", "square_share"}


def test_scores_of_longer_videos_than_are_judged():
    model = tiny_model(num_frames=6)
    callback = callbacks.MetricsCallback(random_clips(), colors=True, count=2)
    callback.set_model(model)
    logs = {}
    callback.on_epoch_end(0, logs)
    generated = model.generate(2, 4, labels=[0, 1], seed=0)
    assert logs["acd"] == pytest.approx(
        report.color_scores(generated, generated)[0].value
    )


def mean_color(videos):
    return videos.mean((1, 2, 3))
