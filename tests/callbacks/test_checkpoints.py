"""Checkpoints: when they are saved, which are kept, and runs that go on from them."""

import itertools
import json
import os
import signal
import threading
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from testing import (
    BATCH,
    EAGER,
    assert_identical,
    labels_for,
    random_clips,
    tiny_model,
    values,
)

from keras_mocogan.callbacks import (
    Checkpoint,
    ResumeEpoch,
    latest_checkpoint,
    save_atomically,
)

# === Files ===


class Model:
    """What the callback wants of a model; its file is a Keras layer's."""

    def __init__(self):
        self.layer = keras.Sequential([keras.layers.Dense(1)])
        self.layer.build((1, 1))
        self.optimizer = SimpleNamespace(variables=[])
        self.global_step = 0
        self.variables = self.layer.variables
        self.metrics = [SimpleNamespace(name="loss")]
        self.loss, self.stop_training = 1.0, False

    def get_metrics_result(self):
        return {"loss": self.loss}

    def save(self, path):
        self.layer.save(path)


def run(model, callback, epochs=1, steps=6, first_epoch=0, scores=None):
    """Calls the callback as Keras does while it trains."""
    callback.set_model(model)
    callback.set_params({"steps": steps, "epochs": epochs})
    callback.on_train_begin()
    for epoch in range(first_epoch, epochs):
        callback.on_epoch_begin(epoch)
        for step in range(steps):
            callback.on_train_batch_begin(step)
            model.global_step += 1
        logs = {"loss": model.loss} | ({} if scores is None else {"acd": scores[epoch]})
        callback.on_epoch_end(epoch, logs)
    callback.on_train_end()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def tear(path):
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "steps"),
    [
        ({}, [6, 12]),  # after each epoch
        ({"every_steps": 4}, [4, 8, 12]),
        ({"every_steps": 6}, [6, 12]),
        ({"every_steps": 100}, [12]),  # the end of training
        ({"every_minutes": 100}, [12]),
        ({"every_minutes": 100, "every_steps": 5}, [5, 10, 12]),
    ],
)
def test_when_checkpoints_are_saved(tmp_path, arguments, steps):
    run(Model(), Checkpoint(tmp_path, keep=99, **arguments), epochs=2)
    assert names(tmp_path) == [f"step_{step:08d}.keras" for step in steps]


@pytest.mark.once
def test_the_clock_asks_for_checkpoints(tmp_path, monkeypatch):
    clock = iter(range(0, 1000, 20))  # seconds, at each question
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    run(Model(), Checkpoint(tmp_path, every_minutes=1, keep=99))
    # Asked at each step: 60 s are over at the third question after the start or a save.
    assert names(tmp_path) == [f"step_0000000{step}.keras" for step in (2, 5, 6)]


@pytest.mark.once
def test_the_newest_and_the_best_are_kept(tmp_path):
    scores = [3.0, 1.0, 2.0, np.nan, 4.0]
    callback = Checkpoint(tmp_path, keep=2, monitor="acd")
    run(Model(), callback, epochs=5, steps=1, scores=scores)
    kept = [f"step_0000000{step}.keras" for step in (2, 4, 5)]
    assert names(tmp_path) == ["best.json", *kept]
    best = {"file": kept[0], "monitor": "acd", "value": 1.0}
    assert json.loads((tmp_path / "best.json").read_text()) == best


@pytest.mark.once
def test_a_resumed_run_knows_the_best(tmp_path):
    model, arguments = Model(), {"keep": 1, "monitor": "acd", "mode": "max"}
    scores = [3.0, 2.0, 2.5, 4.0]
    run(model, Checkpoint(tmp_path, **arguments), 2, steps=1, scores=scores)
    more = {"steps": 1, "first_epoch": 2, "scores": scores}
    run(model, Checkpoint(tmp_path, **arguments), 3, **more)
    assert json.loads((tmp_path / "best.json").read_text())["value"] == 3.0
    assert names(tmp_path)[1:] == ["step_00000001.keras", "step_00000003.keras"]
    more["first_epoch"] = 3
    run(model, Checkpoint(tmp_path, **arguments), 4, **more)
    assert names(tmp_path)[1:] == ["step_00000004.keras"]


@pytest.mark.once
def test_a_monitored_log_that_is_not_there_is_told(tmp_path):
    with pytest.warns(UserWarning, match="Monitored is 'fid'.*logs are acd, loss"):
        run(Model(), Checkpoint(tmp_path, monitor="fid"), steps=1, scores=[1.0])


@pytest.mark.once
def test_torn_files_are_passed_over_and_removed(tmp_path):
    model = Model()
    run(model, Checkpoint(tmp_path, keep=99), epochs=3, steps=1)
    tear(tmp_path / "step_00000003.keras")
    damaged = bytearray((tmp_path / "step_00000002.keras").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / "step_00000002.keras").write_bytes(damaged)
    with pytest.warns(UserWarning) as told:
        newest = latest_checkpoint(tmp_path)
    assert [str(w.message).split()[0] for w in told] == [
        str(tmp_path / f"step_0000000{step}.keras") for step in (3, 2)
    ]
    assert newest == tmp_path / "step_00000001.keras"
    # What a killed writer leaves, Keras' file for large weights among it.
    unfinished = tmp_path / ".unfinished"
    unfinished.mkdir()
    (unfinished / "step_00000003.keras").write_text("half")
    (unfinished / "tmpabcdefgh").write_text("half")
    model.global_step = 1
    run(model, Checkpoint(tmp_path, every_steps=100), epochs=1, steps=3)
    assert names(tmp_path) == ["step_00000001.keras", "step_00000004.keras"]


@pytest.mark.once
def test_no_checkpoint_yet(tmp_path):
    assert latest_checkpoint(tmp_path) is None
    assert latest_checkpoint(tmp_path / "none") is None


@pytest.mark.once
def test_another_runs_checkpoints_are_not_mixed_with(tmp_path):
    run(Model(), Checkpoint(tmp_path))
    said = "of a later step .* has made 0. Received: .*00006.keras"
    with pytest.raises(ValueError, match=said):
        run(Model(), Checkpoint(tmp_path))
    assert names(tmp_path) == ["step_00000006.keras"]


@pytest.mark.once
@pytest.mark.parametrize(
    "arguments",
    [{"keep": 0}, {"every_steps": 0}, {"every_minutes": 0}, {"mode": "most"}],
)
def test_arguments_out_of_range(tmp_path, arguments):
    ((name, value),) = arguments.items()
    said = f"`{name}` must be .* Received: {name}={value!r}"
    with pytest.raises(ValueError, match=said):
        Checkpoint(tmp_path, **arguments)


@pytest.mark.once
@pytest.mark.parametrize("what", ["epoch", "step", "weight"])
def test_what_is_not_finite_stops_the_run_and_is_not_saved(tmp_path, what):
    model = Model()
    run(model, Checkpoint(tmp_path, keep=9), epochs=2, steps=1)
    reason = "loss is inf"
    if what == "weight":
        reason = "kernel is not finite"
        model.variables[0].assign([[np.nan]])
    else:
        model.loss = np.inf
    every = {"every_steps": 1} if what == "step" else {}
    with pytest.raises(FloatingPointError, match=reason) as raised:
        run(model, Checkpoint(tmp_path, **every), 3, steps=2, first_epoch=2)
    step = 3 if what == "step" else 4
    good = tmp_path / "step_00000002.keras"
    assert f"at step {step}. The last good checkpoint is {good}, of step 2." in str(
        raised.value
    )
    assert names(tmp_path) == ["step_00000001.keras", good.name]


@pytest.mark.once
def test_a_failed_save_leaves_the_former_file(tmp_path):
    path = tmp_path / "model.keras"
    path.write_text("former")

    class Failing:
        def save(self, temporary):
            temporary.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        save_atomically(Failing(), path)
    assert path.read_text() == "former"
    assert list(tmp_path.iterdir()) == [path]


def test_brackets_in_a_name_are_no_pattern(tmp_path):
    left = [tmp_path / f".run{name}.{'0' * 32}.keras" for name in ("[1]", "1")]
    for path in left:
        path.touch()
    model = keras.Sequential([keras.layers.Dense(1)])
    model.build((1, 1))
    save_atomically(model, tmp_path / "run[1].keras")
    # Another call may be writing `run1.keras`.
    assert sorted(tmp_path.iterdir()) == [left[1], tmp_path / "run[1].keras"]


# === A run that goes on ===

STEPS, LAST = 3, 6  # of an epoch, of the run
CLIPS = random_clips(2 * BATCH)


def batches(first):
    """Batches of an endless run, from its step `first` on."""
    for step in itertools.count(first):
        clips = np.roll(CLIPS, step, axis=0)[:BATCH]
        yield clips, labels_for(clips)


class At(keras.callbacks.Callback):
    """Does something when `step` steps are done."""

    def __init__(self, step, action):
        super().__init__()
        self.step, self.action = step, action

    def on_train_batch_begin(self, batch, logs=None):
        if self.model.global_step == self.step:
            self.action(self.model)


def fit(model, *callbacks):
    step = model.global_step
    model.run_eagerly = EAGER
    return model.fit(
        batches(step),
        steps_per_epoch=STEPS,
        initial_epoch=step // STEPS,
        epochs=LAST // STEPS,
        shuffle=False,
        verbose=0,
        callbacks=[ResumeEpoch(), *callbacks],
    )


def new_model():
    model = tiny_model()
    model.compile(generator_optimizer=keras.optimizers.Adam(1e-3, use_ema=True))
    return model


def state(path):
    model = keras.models.load_model(path)
    return values([*model.weights, *model.optimizer.variables])


def ask_to_end(_):
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Weights and history of a run without an interruption."""
    folder = tmp_path_factory.mktemp("whole")
    history = fit(new_model(), Checkpoint(folder)).history
    return state(latest_checkpoint(folder)), history


@pytest.mark.slow
def test_after_sigterm_a_run_goes_on_within_the_epoch(whole, tmp_path, capsys):
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        fit(new_model(), At(2, ask_to_end), Checkpoint(tmp_path))
    assert ended.value.code == 0
    assert signal.getsignal(signal.SIGTERM) is handler
    assert "The model is saved as of step 2." in capsys.readouterr().out
    assert names(tmp_path) == ["step_00000002.keras"]

    resumed = keras.models.load_model(tmp_path / "step_00000002.keras")
    history = fit(resumed, Checkpoint(tmp_path)).history
    assert signal.getsignal(signal.SIGTERM) is handler
    assert names(tmp_path) == ["step_00000003.keras", "step_00000006.keras"]
    assert_identical(state(tmp_path / "step_00000006.keras"), whole[0])
    assert history == whole[1]  # the means of the first epoch too


def test_a_loss_that_is_not_finite_leaves_the_good_checkpoint(tmp_path):
    def spoil(model):
        variable = model.video_discriminator.trainable_variables[0]
        variable.assign(np.full(variable.shape, np.nan, "float32"))

    with pytest.raises(FloatingPointError, match="is nan at step 3. .*of step 2"):
        fit(new_model(), Checkpoint(tmp_path, every_steps=2), At(2, spoil))
    saved = state(latest_checkpoint(tmp_path))
    assert all(np.isfinite(array).all() for array in saved)
    assert names(tmp_path) == ["step_00000002.keras"]


class Stop(keras.callbacks.Callback):
    """Ends the training at a moment of the first epoch."""

    def __init__(self, moment):
        super().__init__()
        self.moment, self.epochs = moment, []

    def _stop_at(self, moment):
        if self.moment == moment and not self.epochs:
            self.model.stop_training = True

    def on_train_batch_begin(self, batch, logs=None):
        self._stop_at(f"batch {batch} begins")

    def on_train_batch_end(self, batch, logs=None):
        self._stop_at(f"batch {batch} ends")

    def on_epoch_end(self, epoch, logs=None):
        self._stop_at("the epoch ends")
        self.epochs.append(epoch)


@pytest.mark.once
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("moment", "steps"),
    [
        ("batch 0 ends", 2),
        ("batch 1 begins", 3),
        ("batch 1 ends", 3),
        ("the epoch ends", 3),
        ("never", 6),
    ],
)
def test_other_callbacks_may_end_a_resumed_epoch(moment, steps, first):
    # Stands at step 1 of 3: two batches are left of the first epoch.
    model, stop, remainder = Model(), Stop(moment), ResumeEpoch()
    model.global_step, model.steps_per_execution = 1, 1
    model.metrics_variables = []
    callbacks = [stop, remainder] if first else [remainder, stop]
    for callback in callbacks:
        callback.set_model(model)
        callback.set_params({"steps": 3, "epochs": 2})
        callback.on_train_begin()
    for epoch in range(2):  # as Keras' `fit`
        for callback in callbacks:
            callback.on_epoch_begin(epoch)
        for batch in range(3):
            for callback in callbacks:
                callback.on_train_batch_begin(batch)
            model.global_step += 1
            for callback in callbacks:
                callback.on_train_batch_end(batch)
            if model.stop_training:
                break
        for callback in callbacks:
            callback.on_epoch_end(epoch)
        if model.stop_training:
            break
    assert model.global_step == steps
    assert stop.epochs == ([0, 1] if moment == "never" else [0])


@pytest.mark.once
def test_outside_of_the_main_thread_signals_are_left_alone(tmp_path):
    handler, seen = signal.getsignal(signal.SIGTERM), []

    def train():
        run(Model(), Checkpoint(tmp_path))
        seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert seen == [handler]


@pytest.mark.once
def test_a_second_sigterm_ends_the_process(tmp_path):
    handler = signal.getsignal(signal.SIGTERM)
    callback = Checkpoint(tmp_path)
    callback.set_model(Model())
    callback.on_train_begin()
    assert signal.getsignal(signal.SIGTERM) is not handler
    ask_to_end(None)
    assert signal.getsignal(signal.SIGTERM) is handler
