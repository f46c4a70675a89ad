"""Two steps on one device, on two devices, or in one of two processes, on JAX.

    python tests/data_parallel_steps.py FOLDER
    python tests/data_parallel_steps.py FOLDER FLAG ...

All draw their noise from the same seed, so nothing is injected. Writes losses, weights
before and after. The first command also tells the work of a step on each device; the
second runs the training example with these flags before, which starts the processes,
and afterwards interrupts trainings: what became of them is in `ends_*.json`.
"""

import contextlib
import json
import os
import runpy
import signal
import sys
from pathlib import Path

import jax
import keras
import numpy as np
from device_steps import BATCH, labeled_clips, make_model, train
from keras.distribution import (
    DataParallel,
    distribute_tensor,
    distribution,
    set_distribution,
)
from testing import both_discriminators

import keras_mocogan as km


def read_batches():
    """Random windows of longer clips, of all processes or of this one."""
    order = {"repeat": True, "seed": 5, "shard": km.processes.shard()}
    source = labeled_clips(6, frames=7)
    return km.data.video_dataset(
        source, image_size=32, clip_frames=4, batch_size=BATCH, **order
    )


def train_on(devices):
    set_distribution(devices)
    model = make_model(**both_discriminators(instance_noise=0.1))
    return model, train(model, read_batches())


def step_cost(model, devices):
    """Floating point operations of a compiled step on each device."""
    groups = (
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
        model.metrics_variables,
    )
    state = tuple([v.value for v in group] for group in groups)
    data, shardings = labeled_clips(), None
    if devices is not None:
        layouts = [devices.get_data_layout(part.shape) for part in data]
        data = [
            distribute_tensor(jax.numpy.asarray(part), layout)
            for part, layout in zip(data, layouts, strict=True)
        ]
        shardings = None, tuple([x.sharding for x in group] for group in state)
    # As Keras compiles it, so that JAX has it already.
    step = jax.jit(model.train_step, donate_argnums=0, out_shardings=shardings)
    return step.lower(state, tuple(data)).compile().cost_analysis()["flops"]


def on_devices(folder):
    for devices in None, DataParallel():
        model, result = train_on(devices)
        count = 1 if devices is None else devices.num_model_replicas
        cost = step_cost(model, devices)
        np.savez(folder / f"devices_{count}.npz", cost=cost, **result)


def in_process(folder, flags):
    script = Path(__file__).parents[2] / "examples" / "train_mocogan.py"
    sys.path.insert(0, str(script.parent))
    sys.argv = [str(script), *flags]
    with contextlib.suppress(SystemExit):
        runpy.run_path(str(script), run_name="__main__")
    model, result = train_on(distribution())
    shard = km.processes.shard()
    np.savez(folder / f"process_{shard[0]}.npz", shard=shard, **result)
    for asked in range(shard[1]):
        mine = asked == shard[0]
        ends = [
            interrupted(model, folder / f"signal_{asked}", Signal(mine)),
            interrupted(model, folder / f"clock_{asked}", minutes=1e-9 if mine else 99),
        ]
        (folder / f"ends_{asked}_{shard[0]}.json").write_text(json.dumps(ends))


class Signal(keras.callbacks.Callback):
    """Sends SIGTERM to this process before the second step, if it is the one."""

    def __init__(self, mine):
        super().__init__()
        self.mine = mine

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 1 and self.mine:
            os.kill(os.getpid(), signal.SIGTERM)


def interrupted(model, folder, *before, minutes=None):
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


if __name__ == "__main__":
    if len(sys.argv) == 2:
        on_devices(Path(sys.argv[1]))
    else:
        in_process(Path(sys.argv[1]), sys.argv[2:])
