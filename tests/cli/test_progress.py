"""What a training tells as it runs, and when previews are made."""

import io
from types import SimpleNamespace

import pytest

from keras_mocogan.cli import previews, progress

pytestmark = pytest.mark.once


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def now(monkeypatch):
    """A clock that stands still; `now.time` moves it."""
    clock = SimpleNamespace(time=1000.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock.time)
    return clock


def model(step=0):
    losses = {"loss": 3.0, "generator_loss": 2.25, "video_discriminator_loss": 0.75}
    return SimpleNamespace(
        global_step=step,
        metrics=[SimpleNamespace(name=name) for name in losses],
        get_metrics_result=lambda: losses,
        stop_training=False,
    )


def run(told, now, seconds, steps, first=0):
    """One epoch of steps that take `seconds` each."""
    told.set_model(model(first))
    told.on_train_begin()
    told.on_epoch_begin(0)
    for step in range(steps):
        told.on_train_batch_begin(step)
        now.time += seconds
    told.model.global_step = first + steps
    told.on_epoch_end(0, {"generator_loss": 2.0, "acd": 17.0})
    told.on_train_end()


def test_a_log_gets_a_line_at_least_every_minute(now):
    stream = io.StringIO()
    run(progress.Progress(40, 8, stream=stream), now, seconds=7.0, steps=40)
    lines = stream.getvalue().splitlines()
    # After the third step: 37 steps of 7 s are left.
    assert lines[0].startswith("A step takes 7 s: the training ends about ")
    assert lines[0].endswith(", in 4 min.")
    # 280 s in all; every eighth step, as the ninth would come after a minute.
    steps = [int(line.split()[1]) for line in lines if line.startswith("step ")]
    assert steps == [11, 19, 27, 35, 40]
    assert lines[2] == "step 19 of 40  2 min left  1.14 clips/s  D_V 0.75  G 2.25"
    assert lines[-2] == "epoch 1: acd 17"
    assert lines[-1] == "step 40 of 40  1.14 clips/s  G 2"


def test_a_known_time_is_not_told_again(now):
    stream = io.StringIO()
    run(progress.Progress(4, 8, 7.0, stream), now, seconds=7.0, steps=4)
    assert "A step takes" not in stream.getvalue()


def test_a_terminal_gets_a_bar(now):
    stream = Terminal()
    run(progress.Progress(8, 4, 0.4, stream), now, seconds=0.4, steps=4)
    drawn = stream.getvalue().split("\r")
    bars = [text.rstrip() for text in drawn if "%" in text]
    # Drawn twice a second at most, the first time as soon as there is something.
    assert [bar[:19] for bar in bars] == [
        " 12% [=       ] 1/8",
        " 38% [===     ] 3/8",
    ]
    assert "2 s left  10 clips/s  D_V 0.75  G 2.25" in bars[1]
    assert all(len(bar) < 80 for bar in bars)


def test_previews_come_after_a_minute_and_ever_more_rarely(now, monkeypatch, tmp_path):
    made, shown = [], previews.TimedPreviews(tmp_path, started=now.time)
    monkeypatch.setattr(shown, "write", lambda path: made.append((path.name, now.time)))
    shown.set_model(model())
    shown.set_params({"epochs": 1})
    shown.on_train_begin()
    shown.on_epoch_begin(0)
    for step in range(1800):
        shown.on_train_batch_begin(step)
        now.time += 10
    shown.model.global_step = 1800
    shown.on_epoch_end(0)
    times = [time - 1000 for _, time in made]
    # Twice the age each time; from an hour on, every hour.
    assert times == [60, 120, 240, 480, 960, 1920, 3840, 7440, 11040, 14640, 18000]
    assert made[0][0] == "step_00000006.gif" and made[-1][0] == "step_00001800.gif"
