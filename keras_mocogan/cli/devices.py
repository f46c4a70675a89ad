"""Several devices and hosts.

TensorFlow uses several GPUs of one host with --strategy=mirrored. JAX uses all devices
of one host with --strategy=data_parallel. With several hosts, run the command on each
of them with the same flags except --process_id, and with the run directory on storage
that all of them see:

    KERAS_BACKEND=jax keras-mocogan train --strategy=data_parallel \\
        --coordinator=host0:1234 --num_processes=2 --process_id=0 ...

Each process reads its own part of every batch; the first one writes.
"""

import contextlib

import keras
from absl import app, flags

from keras_mocogan.backend import strategies

flags.DEFINE_enum(
    "strategy",
    "none",
    ["none", "mirrored", "data_parallel"],
    "Several devices: mirrored on TensorFlow, data_parallel on JAX.",
)
flags.DEFINE_string("coordinator", None, "HOST:PORT of process 0, for several hosts.")
flags.DEFINE_integer("num_processes", None, "Processes, with --coordinator.", 1)
flags.DEFINE_integer("process_id", None, "From 0, with --coordinator.", 0)
FLAGS = flags.FLAGS

_BACKENDS = {"mirrored": "tensorflow", "data_parallel": "jax"}
_TORCH = (
    " Keras has no distribution for PyTorch, and torch.nn.parallel averages gradients "
    "that `backward` collects, but the adversarial step computes those of one network "
    "only. Train on TensorFlow or JAX: PyTorch can use the saved model."
)


def start(batch_size):
    """Prepares the devices and processes that the flags ask for."""
    connect()
    share(batch_size)


def connect():
    """Joins the processes. JAX wants this done before anything is computed."""
    _check_flags()
    if FLAGS.coordinator is not None:
        keras.distribution.initialize(
            FLAGS.coordinator, FLAGS.num_processes, FLAGS.process_id
        )


def share(batch_size):
    """Divides batches of `batch_size` clips among the devices."""
    if FLAGS.strategy != "data_parallel":
        return
    # Each process reads its part of the data; with Keras' own sharding it would read
    # all.
    distribution = keras.distribution.DataParallel(auto_shard_dataset=False)
    devices = distribution.num_model_replicas
    if batch_size % devices:
        raise app.UsageError(
            f"--batch_size={batch_size} cannot be shared evenly by {devices} "
            f"devices. Make it a multiple of {devices}."
        )
    keras.distribution.set_distribution(distribution)


def scope():
    """The scope to make the model in: on TensorFlow it puts a copy on each GPU."""
    if FLAGS.strategy != "mirrored":
        return contextlib.nullcontext()
    return strategies.mirrored_scope()


def _check_flags():
    strategy, backend = FLAGS.strategy, keras.config.backend()
    wanted = _BACKENDS.get(strategy, backend)
    if backend != wanted:
        reason = _TORCH if backend == "torch" else ""
        raise app.UsageError(
            f"--strategy={strategy} needs KERAS_BACKEND={wanted}; this process uses "
            f"{backend}.{reason}"
        )
    parts = [FLAGS.coordinator, FLAGS.num_processes, FLAGS.process_id]
    given = [part is not None for part in parts]
    if any(given) and not (all(given) and strategy == "data_parallel"):
        raise app.UsageError(
            "--coordinator, --num_processes and --process_id must be given together, "
            "with --strategy=data_parallel."
        )
