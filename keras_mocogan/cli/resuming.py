"""Interruptions: checkpoints and how to go on.

A run that got Ctrl-C or SIGTERM, was killed, or lost its machine goes on with

    keras-mocogan train --run_dir=runs/mine --resume

on any backend, and on one GPU or several: flags that are not given are those that the
run began with. With --resume from the start, one and the same command begins a run and
continues it, which suits queues that restart jobs.
"""

import contextlib
import os
import shlex
import signal
import sys
import threading

import keras
from absl import app, flags

import keras_mocogan as km
from keras_mocogan.cli import devices, program

flags.DEFINE_bool(
    "resume", False, "Go on from the run directory's newest checkpoint, if it has one."
)
flags.DEFINE_integer(
    "checkpoint_steps", None, "Steps between checkpoints. Default: an epoch.", 1
)
flags.DEFINE_float(
    "checkpoint_minutes", None, "Minutes between checkpoints. Default: 10.", 0.0
)
flags.DEFINE_integer("keep_checkpoints", 2, "How many of the newest are kept.", 1)
flags.DEFINE_string(
    "monitor",
    None,
    "Name of a log, such as frechet_distance: the checkpoint with its best value is "
    "kept too.",
)
flags.DEFINE_enum("monitor_mode", "min", ["min", "max"], "Which value is the best.")
FLAGS = flags.FLAGS

# Of long epochs no more than this is lost.
_MINUTES = 10.0


def find_checkpoint(run_dir):
    """The checkpoint to go on from, or None to begin a new run."""
    newest = km.callbacks.latest_checkpoint(run_dir / "checkpoints")
    if newest and not FLAGS.resume:
        sys.exit(
            f"{newest} is from an earlier run. Continue it with --resume, choose "
            f"another --run_dir, or remove {run_dir}."
        )
    model = run_dir / "model.keras"
    if not newest and model.exists():
        sys.exit(
            f"{model} is from an earlier run, of which no checkpoint is left to go on "
            f"from. Choose another --run_dir, or remove {run_dir}."
        )
    if FLAGS.resume:
        print(f"Going on from {newest}." if newest else f"Beginning: {run_dir} is new.")
    return newest


def check():
    """Refuses flags of checkpoints that do not fit together."""
    if FLAGS.checkpoint_minutes == 0:
        raise app.UsageError(
            "--checkpoint_minutes must be above 0. Received: 0. Leave it out, or give "
            "--checkpoint_steps=1 for a checkpoint after each step."
        )
    if FLAGS.monitor is None and FLAGS.monitor_mode != "min":
        raise app.UsageError(
            "--monitor_mode is for --monitor. Give --monitor too, or leave it out."
        )


def check_monitor(model, scores):
    """Refuses a --monitor that is neither a loss nor a score.

    Args:
        model: The model, which has losses.
        scores: Names of the scores that are measured.
    """
    known = sorted({metric.name for metric in model.metrics}.union(scores))
    if FLAGS.monitor not in (None, *known):
        raise app.UsageError(
            f"--monitor must be one of {', '.join(known)}. Received: {FLAGS.monitor}. "
            "Scores are measured with --scores_every and --classifier, --i3d or "
            "--colors."
        )


def make_checkpoint(run_dir, steps_per_epoch):
    """The callback that saves as the flags say."""
    steps, minutes = FLAGS.checkpoint_steps, FLAGS.checkpoint_minutes
    if steps is None and minutes is None and steps_per_epoch is not None:
        steps, minutes = steps_per_epoch, _MINUTES
    return km.callbacks.Checkpoint(
        run_dir / "checkpoints",
        every_steps=steps,
        every_minutes=minutes,
        keep=FLAGS.keep_checkpoints,
        monitor=FLAGS.monitor,
        mode=FLAGS.monitor_mode,
    )


def command(run_dir):
    """The command that goes on with a run, on the same devices."""
    started = FLAGS.flags_by_module_dict()[devices.__name__]
    given = [flag.serialize() for flag in started if flag.value != flag.default]
    words = [*program.words(), f"--run_dir={run_dir}", "--resume", *given]
    return f"KERAS_BACKEND={keras.config.backend()} {shlex.join(words)}"


@contextlib.contextmanager
def told_how(run_dir):
    """Ends the program when training has to end, and says how to go on."""
    try:
        with _interrupted_softly():
            yield
    except SystemExit:  # Checkpoint has saved the model, after SIGTERM
        if os.environ.get("LOCAL_RANK", "0") == "0":  # one command starts all
            print(f"Go on with:\n{command(run_dir)}", flush=True)
        raise
    except FloatingPointError as error:
        sys.exit(f"Training has diverged: {error}")


@contextlib.contextmanager
def _interrupted_softly():
    """Makes Ctrl-C a SIGTERM: the first one saves, the second ends the process."""
    if threading.current_thread() is not threading.main_thread():
        yield  # where no handler can be set
        return

    def stop(*_):
        # Not by `print`, which may be what was interrupted.
        os.write(2, b"\nSaving after this step; Ctrl-C again stops at once.\n")
        os.kill(os.getpid(), signal.SIGTERM)

    former = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
