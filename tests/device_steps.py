"""Two steps of SGD on one global batch: what tests of several devices share."""

import json
import os
import signal

import keras
import numpy as np
from testing import TINY, merged, random_clips, values

import keras_mocogan as km

BATCH, STEPS = 4, 2
# By the clock of the process that wants a checkpoint, and of the other one.
_MINUTES = {True: 1e-9, False: 99}


def make_model(model_class=km.MoCoGAN, **arguments):
    """A tiny model with SGD, whose kernels let signals through: no update is zero."""
    model = model_class(**merged(TINY, arguments))
    model.compile(
        **{f"{p.name}_optimizer": keras.optimizers.SGD(0.05) for p in model.phases},
        disorder_weight=0.5,
        category_loss="projection",
    )
    for i, variable in enumerate(model.trainable_variables):
        if variable.name == "kernel":
            drawn = np.random.default_rng([2, i]).standard_normal(variable.shape)
            variable.assign(drawn / np.sqrt(np.prod(variable.shape[:-1])))
    return model


def labeled_clips(n=BATCH, frames=4):
    """Videos and labels."""
    return random_clips(n, frames, seed=3), np.arange(n, dtype="int32") // 2 % 2


def read_batches():
    """Random windows of longer clips, of all processes or of this one."""
    order = {"repeat": True, "seed": 5, "shard": km.processes.shard()}
    if keras.config.backend() == "torch":
        order["engine"] = "python"  # loading TensorFlow takes longer than the test
    source = labeled_clips(6, frames=7)
    return km.data.video_dataset(
        source, image_size=32, clip_frames=4, batch_size=BATCH, **order
    )


def train(model, dataset, **fit_arguments):
    """Trains for `STEPS` steps.

    Returns:
        Dictionary of arrays: `logs/NAME`, `before/PHASE` and `after/PHASE`, the last
        two all weights of a phase in a row.
    """
    result = {f"before/{k}": v for k, v in _phase_weights(model).items()}
    arguments = {"epochs": 1, "steps_per_epoch": STEPS, "verbose": 0}
    history = model.fit(dataset, **arguments, **fit_arguments)
    result |= {f"logs/{k}": v[-1] for k, v in history.history.items()}
    return result | {f"after/{k}": v for k, v in _phase_weights(model).items()}


def _phase_weights(model):
    return {phase.name: _flat(phase.variables) for phase in model.phases}


def _flat(variables):
    return np.concatenate([v.astype("float64").ravel() for v in values(variables)])


def interrupt(model, folder):
    """Interrupts trainings of each process in turn: `ends_*.json` tell their ends."""
    index, count = km.processes.shard()
    for asked in range(count):
        mine = asked == index
        ends = [
            _interrupted(model, folder / f"signal_{asked}", Signal(mine)),
            _interrupted(model, folder / f"clock_{asked}", minutes=_MINUTES[mine]),
        ]
        (folder / f"ends_{asked}_{index}.json").write_text(json.dumps(ends))


class Signal(keras.callbacks.Callback):
    """Sends SIGTERM to this process before the second step, if it is the one."""

    def __init__(self, mine):
        super().__init__()
        self.mine = mine

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 1 and self.mine:
            os.kill(os.getpid(), signal.SIGTERM)


def _interrupted(model, folder, *before, minutes=None):
    """Trains up to six steps; returns how many were made, and how it ended."""
    started = model.global_step
    checkpoint = km.callbacks.Checkpoint(folder, every_minutes=minutes, keep=9)
    steps = {"steps_per_epoch": 3, "epochs": 2, "verbose": 0}
    how = "done"
    try:
        model.fit(read_batches(), callbacks=[*before, checkpoint], **steps)
    except SystemExit as end:
        how = f"exit {end.code}"
    return model.global_step - started, how


def check_ends(folder, asked):
    """Fails unless both processes ended after the same steps, whichever was asked to.

    Returns:
        The checkpoint of the one that got SIGTERM, a `Path`.
    """
    ends = [
        json.loads((folder / f"ends_{asked}_{process}.json").read_text())
        for process in range(2)
    ]
    # Sent before the second step, known to all before the third.
    assert [end[0] for end in ends] == [[2, "exit 0"]] * 2
    assert [end[1] for end in ends] == [[6, "done"]] * 2
    # By the clock, due at every step: saved once the next one is about to begin, and at
    # the epochs' ends. What is asked for while a save is made is met by it.
    saved = sorted(os.listdir(folder / f"clock_{asked}"))
    steps = [int(name.removesuffix(".keras").split("_")[1]) for name in saved]
    assert [step - steps[-1] for step in steps] == [-5, -3, -2, 0]
    return km.callbacks.latest_checkpoint(folder / f"signal_{asked}")


def check_logs(one, other):
    """Fails unless losses and accuracies are the same, to 1e-4 of them."""
    names = [name for name in one if name.startswith("logs/")]
    assert len(names) >= 9
    for name in names:
        np.testing.assert_allclose(other[name], one[name], rtol=1e-4)


def check_updates(one, other, phase):
    """Fails unless a phase's update is not zero and the same, to 1e-2 of its norm."""
    one, other = (r[f"after/{phase}"] - r[f"before/{phase}"] for r in (one, other))
    assert np.linalg.norm(one) > 1e-2
    assert np.linalg.norm(other - one) < 1e-2 * np.linalg.norm(one)
