"""Several devices and hosts: what training scripts share about them.

TensorFlow on several GPUs of one host: --strategy=mirrored. JAX on all devices of one
host: --strategy=data_parallel. On several hosts each runs the script with the same
flags, but for its number, and with the run directory on storage that all see:

    KERAS_BACKEND=jax python examples/train_mocogan.py --strategy=data_parallel \\
        --coordinator=host0:1234 --num_processes=2 --process_id=0 ...

A process reads its own part of every batch; the first one writes.
"""

import contextlib

import keras
from absl import app, flags

import keras_mocogan as km

flags.DEFINE_enum(
    "strategy",
    "none",
    ["none", "mirrored", "data_parallel"],
    "Several devices: mirrored on TensorFlow, data_parallel on JAX.",
)
flags.DEFINE_string("coordinator", None, "HOST:PORT of process 0, for several hosts.")
flags.DEFINE_integer("num_processes", None, "Their number, with --coordinator.", 1)
flags.DEFINE_integer("process_id", None, "This one's, from 0, with --coordinator.", 0)
FLAGS = flags.FLAGS

_BACKENDS = {"mirrored": "tensorflow", "data_parallel": "jax"}
_TORCH = (
    " Keras has no distribution for PyTorch, and torch.nn.parallel averages gradients "
    "that `backward` collects, while the adversarial step asks for those of one "
    "network alone. Train on TensorFlow or JAX: the saved model goes on under PyTorch."
)


def start(batch_size):
    """Makes the devices and processes that the flags ask for ready."""
    _check_flags()
    if FLAGS.strategy != "data_parallel":
        return
    if FLAGS.coordinator is not None:
        keras.distribution.initialize(
            FLAGS.coordinator, FLAGS.num_processes, FLAGS.process_id
        )
    # The data set is read in parts: Keras would have each process read it whole.
    distribution = keras.distribution.DataParallel(auto_shard_dataset=False)
    devices = distribution.num_model_replicas
    if batch_size % devices:
        raise app.UsageError(
            f"--batch_size={batch_size} cannot be shared evenly by {devices} "
            f"devices: make it a multiple of {devices}."
        )
    keras.distribution.set_distribution(distribution)


def scope():
    """What the model is made in: on TensorFlow, a copy of it on each GPU."""
    if FLAGS.strategy != "mirrored":
        return contextlib.nullcontext()
    import tensorflow as tf

    return tf.distribute.MirroredStrategy().scope()


def callbacks_of_first(*callbacks):
    """Keras' own callbacks that write: given to the first process alone."""
    return callbacks if km.processes.is_primary() else ()


def _check_flags():
    strategy, backend = FLAGS.strategy, keras.config.backend()
    wanted = _BACKENDS.get(strategy, backend)
    if backend != wanted:
        reason = _TORCH if backend == "torch" else ""
        raise app.UsageError(
            f"--strategy={strategy} wants KERAS_BACKEND={wanted}; this process runs "
            f"{backend}.{reason}"
        )
    parts = [FLAGS.coordinator, FLAGS.num_processes, FLAGS.process_id]
    given = [part is not None for part in parts]
    if any(given) and not (all(given) and strategy == "data_parallel"):
        raise app.UsageError(
            "--coordinator, --num_processes and --process_id go together, with "
            "--strategy=data_parallel."
        )
