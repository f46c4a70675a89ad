"""Interruptions, for the training scripts: checkpoints and how to go on.

A run that got SIGTERM, was killed, or lost its machine goes on with

    python examples/train_mocogan.py --flagfile=runs/mine/flags.txt --resume

on any backend, and on one GPU or several. With --resume from the start, one and the
same command begins a run and continues it, which suits queues that restart jobs.
"""

import contextlib
import shlex
import sys

import keras
from absl import flags

import keras_mocogan as km

flags.DEFINE_bool(
    "resume", False, "Go on from the run directory's newest checkpoint, if it has one."
)
flags.DEFINE_integer(
    "checkpoint_steps", None, "Steps between checkpoints; default: an epoch.", 1
)
flags.DEFINE_float("checkpoint_minutes", None, "Minutes between checkpoints.", 0.0)
flags.DEFINE_integer("keep_checkpoints", 2, "How many of the newest are kept.", 1)
FLAGS = flags.FLAGS


def find_checkpoint(run_dir):
    """The checkpoint to go on from, or None to begin a new run."""
    newest = km.callbacks.latest_checkpoint(run_dir / "checkpoints")
    if newest and not FLAGS.resume:
        sys.exit(
            f"{newest} is from an earlier run. Continue it with --resume, choose "
            f"another --run_dir, or remove {newest.parent}."
        )
    if FLAGS.resume:
        print(f"Going on from {newest}." if newest else f"Beginning: {run_dir} is new.")
    return newest


def make_checkpoint(run_dir):
    """The callback that saves as the flags say."""
    return km.callbacks.Checkpoint(
        run_dir / "checkpoints",
        every_steps=FLAGS.checkpoint_steps,
        every_minutes=FLAGS.checkpoint_minutes,
        keep=FLAGS.keep_checkpoints,
    )


def write_flags(run_dir):
    """Saves the script's own flags, not those of other modules, for --resume."""
    own = FLAGS.get_key_flags_for_module(sys.argv[0])
    lines = [f.serialize() for f in own if f.value is not None and f.name != "resume"]
    run_dir.mkdir(parents=True, exist_ok=True)
    (run_dir / "flags.txt").write_text("\n".join(lines))


@contextlib.contextmanager
def told_how(run_dir):
    """Ends the script when training has to end, and says how to go on."""
    try:
        yield
    except SystemExit:  # Checkpoint has saved the model, after SIGTERM
        flagfile = f"--flagfile={run_dir / 'flags.txt'}"
        words = [sys.executable, sys.argv[0], flagfile, "--resume"]
        number = FLAGS.get_flag_value("process_id", None)
        if number is not None:  # the file has only the first process's number
            words.append(f"--process_id={number}")
        command = shlex.join(words)
        print(
            f"Go on with:\nKERAS_BACKEND={keras.config.backend()} {command}", flush=True
        )
        raise
    except FloatingPointError as error:
        sys.exit(f"Training has diverged: {error}")
