"""Two steps on one device, on two devices, or in one of two processes, on JAX.

    python tests/data_parallel_steps.py FOLDER
    python tests/data_parallel_steps.py FOLDER FLAG ...

All draw their noise from the same seed, so nothing is injected. Writes losses, weights
before and after. The first command also tells the work of a step on each device; the
second runs the training example with these flags before, which starts the processes,
and afterwards interrupts trainings: what became of them is in `ends_*.json`.
"""

import contextlib
import runpy
import sys
from pathlib import Path

import jax
import numpy as np
from device_steps import interrupt, labeled_clips, make_model, read_batches, train
from keras.distribution import (
    DataParallel,
    distribute_tensor,
    distribution,
    set_distribution,
)
from testing import both_discriminators

import keras_mocogan as km


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
    interrupt(model, folder)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        on_devices(Path(sys.argv[1]))
    else:
        in_process(Path(sys.argv[1]), sys.argv[2:])
