"""Interruptions: checkpoints and how to go on.

A run that got Ctrl-C or SIGTERM, was killed, or lost its machine goes on with

    keras-mocogan train --flagfile=runs/mine/flags.txt --resume

on any backend, and on one GPU or several. With --resume from the start, one and the
same command begins a run and continues it, which suits queues that restart jobs.
"""

import contextlib
import itertools
import os
import shlex
import signal
import sys
import threading

import keras
from absl import app, flags

import keras_mocogan as km
from keras_mocogan.cli import fine_tuning, help_pages, program, settings, systems
from keras_mocogan.utils.files import replacing
from keras_mocogan.utils.image_sizes import sides, to_text

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

_FILE = "flags.txt"
# What a run that goes on may change.
_FREE = "steps hours batch_size".split()
_OF_CLIPS = "image_size channels clip_frames num_classes".split()
# Of long epochs no more than this is lost.
_MINUTES = 10.0


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


def flag_lines():
    """The flags of this run as text, for --resume."""
    own = help_pages.own_flags()
    lines = [f.serialize() for f in own if f.value is not None and f.name != "resume"]
    return "\n".join(lines)


def check_same(run_dir):
    """Refuses flags that a checkpoint would overrule without a word.

    Networks, losses, optimizers and the precision come from it.

    Args:
        run_dir: `Path` of the run directory, which holds the flags of its beginning.
    """
    kept = run_dir / _FILE
    if not kept.exists():
        return
    began, modules = kept.read_text().splitlines(), FLAGS.flags_by_module_dict()
    _check_system(kept, began)
    known = (settings, systems, fine_tuning)
    for flag in itertools.chain(*(modules[module.__name__] for module in known)):
        if flag.name in _FREE or flag.serialize() in began:
            continue
        if not _is_given(flag, began):
            continue
        raise app.UsageError(
            f"--{flag.name} must be as in {kept}: networks, losses and rates are the "
            f"checkpoint's. Received: {flag.serialize()}. Leave it out; or begin "
            "another --run_dir, with --init_from for the weights of this one."
        )


def _check_system(kept, began):
    others = [line for line in began if line.startswith("--system=")]
    if not others or "system" not in FLAGS:
        return  # one of the scripts that train one system
    own = f"--system={FLAGS['system'].value}"
    if own not in others:
        raise app.UsageError(
            f"--system must be as in {kept}. Received: {own}. Pass {others[0]}, or "
            "begin another --run_dir."
        )


def _is_given(flag, began):
    """Whether somebody has asked for a flag's value."""
    if flag.value not in (None, flag.default):
        return True
    # A later version's flag has its default, and is not in the file.
    names = f"--{flag.name}", f"--no{flag.name}"
    return bool(flag.present) and any(line.split("=")[0] in names for line in began)


def check_clips(model, dataset, checkpoint):
    """Refuses flags about clips that a checkpoint's model cannot take.

    To be called before the flags are kept, or the run could not go on with them.

    Args:
        model: The model.
        dataset: The clips that the flags name.
        checkpoint: `Path` of the checkpoint.
    """
    for name in _OF_CLIPS:
        own, value = getattr(model, name), FLAGS[name].value
        if name == "image_size":
            own, value = to_text(_shortest(own)), to_text(_shortest(value))
        if value not in (None, own):
            raise app.UsageError(
                f"--{name} must be {own} as in {checkpoint}. Received: {value}. Pass "
                f"--{name}={own}, or begin another --run_dir."
            )
    classes, found = model.num_classes, dataset.num_classes or 0
    # A run may have begun with --num_classes and clips without any: Q finds its own.
    lost = classes and not found and FLAGS.num_classes is None
    if found > classes or lost:
        raise app.UsageError(
            f"The clips must have the classes of {checkpoint}, {classes or 'none'}. "
            f"Received: clips with {found or 'none'}. Pass the --data_dir and the "
            "--num_classes that the run began with; or begin another --run_dir, with "
            "--init_from for the weights of this one."
        )


def _shortest(size):
    height, width = sides(size)
    return height if height == width else size


def keep_flags(run_dir, lines):
    """Writes `flag_lines` into the run directory, which is made if it is missing."""
    # In one piece: a run that goes on writes over the flags that it was started by.
    with replacing(run_dir / _FILE) as part:
        part.write_text(lines)


def command(run_dir):
    """The command that goes on with a run."""
    words = [*program.words(), f"--flagfile={run_dir / _FILE}", "--resume"]
    number = FLAGS.get_flag_value("process_id", None)
    if number is not None:  # the file has only the first process's number
        words.append(f"--process_id={number}")
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
