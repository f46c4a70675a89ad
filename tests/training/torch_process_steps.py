"""Two steps on one device, or in one of two processes, on PyTorch.

    python tests/training/torch_process_steps.py FOLDER
    python tests/training/torch_process_steps.py FOLDER COORDINATOR PROCESS

All draw their noise from the same seed, so nothing is injected. Writes losses, weights
before and after. The second command also interrupts trainings: what became of them is
in `ends_*.json`. A checkpoint of theirs is trained further. At last process 1 kills
itself, `killed.json` is process 0's end, and process 0 trains the checkpoint alone.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

import keras
import numpy as np
from device_steps import interrupt, make_model, read_batches, train
from testing import both_discriminators, values
from torch import distributed

import keras_mocogan as km
from keras_mocogan.backend import torch_processes
from keras_mocogan.cli import main as command


def synchronized():
    """All that looks at a whole batch looks at that of both processes."""
    options = {"normalization": "synchronized_batch"}
    return make_model(
        **both_discriminators(instance_noise=0.1, **options),
        image_generator=options,
    )


def penalized():
    """Networks without batch statistics, and what draws or compares in the losses."""
    model = make_model(
        image_discriminator={"normalization": "none", "content_dim": "content"},
        video_discriminator={"normalization": "spectral"},
        image_generator={"normalization": "group"},
    )
    model.compile(
        **{f"{p.name}_optimizer": keras.optimizers.SGD(0.05) for p in model.phases},
        loss="relativistic_pairing",
        r1_weight=0.1,
        gradient_penalty=0.1,
        disorder_weight=0.5,
        category_loss="projection",
        penalty_interval=2,
        augmentation=["color", "translation", "cutout"],
    )
    return model


def apart():
    """Each process has its own batch statistics, and begins with other weights."""
    model = make_model()
    for variable in model.variables:
        if "float" in variable.dtype:
            factor = 1 + km.processes.shard()[0]
            variable.assign(factor * keras.ops.convert_to_numpy(variable))
    return model


def record(folder, name, model):
    """Trains a model; writes its losses, there and on other clips, and its state."""
    result = train(model, read_batches())
    found = model.evaluate(read_batches(), steps=1, return_dict=True, verbose=0)
    result |= {f"evaluated/{name}": value for name, value in found.items()}
    state = values([*model.variables, *model.metrics_variables])
    flat = [array.astype("float64").ravel() for array in state]
    index, count = km.processes.shard()
    path = folder / f"{name}_{count}_{index}.npz"
    np.savez(path, state=np.concatenate(flat), **result)


class Killed(keras.callbacks.Callback):
    """Process 1 is killed before its second step."""

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 1 and km.processes.shard()[0] == 1:
            os.kill(os.getpid(), signal.SIGKILL)


def end_of_the_other(model):
    """What process 0 raised, whether the command tells it, and after how long."""
    begun = time.monotonic()
    try:
        model.fit(
            read_batches(),
            steps_per_epoch=4,
            callbacks=[Killed(), km.callbacks.Checkpoint("unused", every_steps=99)],
            verbose=0,
        )
    except ConnectionError as error:
        is_told = command._is_ours(error)
        return str(error), is_told, time.monotonic() - begun
    return "nothing", False, 0


def main(folder, coordinator=None, process=0):
    if coordinator is not None:
        torch_processes.start(coordinator, 2, int(process))
    for make in penalized, apart, synchronized:
        model = make()
        record(folder, make.__name__, model)
    if coordinator is None:
        return
    interrupt(model, folder)
    saved = km.callbacks.latest_checkpoint(folder / "signal_0")
    record(folder, "resumed", km.load_model(saved))
    (folder / "killed.json").write_text(json.dumps(end_of_the_other(model)))
    distributed.destroy_process_group()
    record(folder, "resumed", km.load_model(saved))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
