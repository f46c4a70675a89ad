"""Several devices and hosts.

TensorFlow uses several GPUs of one host with --strategy=mirrored. JAX uses all devices
of one host with --strategy=data_parallel. With several hosts, run the command on each
of them with the same flags except --process_id, and with the run directory on storage
that all of them see:

    KERAS_BACKEND=jax keras-mocogan train --strategy=data_parallel \\
        --coordinator=host0:1234 --num_processes=2 --process_id=0 ...

Under SLURM, on TPU pods and under Open MPI, --coordinator=auto finds the other
processes. PyTorch has one process for each device, which torchrun starts:

    KERAS_BACKEND=torch torchrun --nproc_per_node=2 -m keras_mocogan.cli train \\
        --strategy=data_parallel ...

Each process reads its own part of every batch; the first one writes.
"""

import contextlib

import keras
from absl import app, flags

import keras_mocogan as km
from keras_mocogan.backend import strategies
from keras_mocogan.cli import program

flags.DEFINE_enum(
    "strategy",
    "none",
    ["none", "mirrored", "data_parallel"],
    "Several devices: mirrored on TensorFlow, data_parallel on JAX and PyTorch.",
)
flags.DEFINE_string(
    "coordinator",
    None,
    "HOST:PORT of process 0, for several hosts; auto, on JAX, asks SLURM, the TPU pod "
    "or Open MPI.",
)
flags.DEFINE_integer("num_processes", None, "Processes, with --coordinator.", 1)
flags.DEFINE_integer("process_id", None, "From 0, with --coordinator.", 0)
FLAGS = flags.FLAGS

_BACKENDS = {
    "none": ("tensorflow", "jax", "torch"),
    "mirrored": ("tensorflow",),
    "data_parallel": ("jax", "torch"),
}
_AUTO = "auto"


def start(batch_size):
    """Prepares the devices and processes that the flags ask for."""
    connect()
    share(batch_size)


def connect():
    """Joins the processes. JAX wants this done before anything is computed."""
    _check_flags()
    if FLAGS.strategy != "data_parallel":
        return
    if keras.config.backend() == "torch":
        _connect_torch()
    elif FLAGS.coordinator == _AUTO:
        _find_others()
    elif FLAGS.coordinator is not None:
        keras.distribution.initialize(
            FLAGS.coordinator, FLAGS.num_processes, FLAGS.process_id
        )


def _connect_torch():
    from keras_mocogan.backend import torch_processes

    if FLAGS.coordinator is None and not program.is_under_torchrun():
        raise app.UsageError(
            "--strategy=data_parallel needs one process for each device on PyTorch. "
            "Start them by torchrun: torchrun --nproc_per_node=2 -m keras_mocogan.cli "
            "train --strategy=data_parallel ... Or give each of them --coordinator, "
            "--num_processes and --process_id."
        )
    torch_processes.start(FLAGS.coordinator, FLAGS.num_processes, FLAGS.process_id)


def _find_others():
    try:
        keras.distribution.initialize()
    except ValueError as error:
        raise app.UsageError(
            "--coordinator=auto needs SLURM, a TPU pod or Open MPI, which tell each "
            f"process of the others. Received: none of them ({error}) Start the "
            "processes by srun or mpirun, or give --coordinator=HOST:PORT, "
            "--num_processes and --process_id."
        ) from None


def share(batch_size):
    """Divides batches of `batch_size` clips among the devices."""
    if FLAGS.strategy != "data_parallel":
        return
    if keras.config.backend() == "torch":
        _check_share(batch_size, km.processes.shard()[1])
        return
    # Each process reads its part of the data; with Keras' own sharding it would read
    # all.
    distribution = keras.distribution.DataParallel(auto_shard_dataset=False)
    _check_share(batch_size, distribution.num_model_replicas)
    keras.distribution.set_distribution(distribution)


def _check_share(batch_size, devices):
    if batch_size % devices:
        raise app.UsageError(
            f"--batch_size={batch_size} cannot be shared evenly by {devices} "
            f"devices. Make it a multiple of {devices}."
        )


def are_several_processes():
    """Whether there are others, which is known before `connect`."""
    return FLAGS.coordinator is not None or program.is_one_of_several()


def scope():
    """The scope to make the model in: on TensorFlow it puts a copy on each GPU."""
    if FLAGS.strategy != "mirrored":
        return contextlib.nullcontext()
    return strategies.mirrored_scope()


def _check_flags():
    strategy, backend = FLAGS.strategy, keras.config.backend()
    wanted = _BACKENDS[strategy]
    if backend not in wanted:
        names = " or ".join(f"KERAS_BACKEND={name}" for name in wanted)
        raise app.UsageError(
            f"--strategy={strategy} needs {names}; this process uses {backend}."
        )
    if strategy != "data_parallel" and program.is_one_of_several():
        raise app.UsageError(
            "Processes that torchrun starts train one model with "
            f"--strategy=data_parallel. Received: --strategy={strategy}. Pass that "
            "flag, or start one process without torchrun."
        )
    numbers = [FLAGS.num_processes, FLAGS.process_id]
    given = [part is not None for part in (FLAGS.coordinator, *numbers)]
    if FLAGS.coordinator == _AUTO:
        if backend != "jax" or strategy != "data_parallel" or any(given[1:]):
            raise app.UsageError(
                "--coordinator=auto is for --strategy=data_parallel on JAX, without "
                "--num_processes and --process_id. On PyTorch, start the processes by "
                "torchrun, which needs none of the three."
            )
    elif any(given) and not (all(given) and strategy == "data_parallel"):
        raise app.UsageError(
            "--coordinator, --num_processes and --process_id must be given together, "
            "with --strategy=data_parallel."
        )
