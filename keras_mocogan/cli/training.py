"""The run of a training: its data, its schedule and its files.

The run directory gets `model.keras` (with the generator's averaged weights),
`checkpoints/` (for --resume), `previews/` (GIFs; with MoCoGAN, each column has one
content and each row one motion), `losses.png`, `history.csv`, `tensorboard/`,
`flags.txt` and `plan.json`, what was chosen where no flag said it. When all steps are
made it gets `finished.txt`.
"""

import contextlib
import importlib.util
import math
import time

import numpy as np
from absl import app, flags

import keras_mocogan as km
from keras_mocogan.cli import (
    choices,
    clips,
    devices,
    fine_tuning,
    finished,
    plan,
    progress,
    resuming,
    run_flags,
    run_lock,
    scores,
    settings,
    systems,
    trial,
)
from keras_mocogan.cli.previews import TimedPreviews
from keras_mocogan.cli.settings import values
from keras_mocogan.utils.remote.remote_path import as_path

flags.DEFINE_string(
    "run_dir", "runs/mocogan", "Folder for all files of the run, or its URL."
)
flags.DEFINE_integer(
    "steps_per_epoch", None, "Steps in a row of the history. Default: 500, or fewer.", 1
)
flags.DEFINE_integer(
    "preview_every", None, "Epochs between previews. Default: by the clock.", 1
)
flags.DEFINE_integer("seed", 0, "Seed of weights, noise, order of clips and windows.")
flags.DEFINE_bool(
    "tensorboard", None, "Write curves and previews for TensorBoard, if it is there."
)
FLAGS = flags.FLAGS

# Where all flags of a training are defined, for scripts that adopt them.
MODULES = (settings, systems, fine_tuning, clips, scores, resuming, devices)
# Arguments that all models take about their clips, besides the classes.
_SIZES = "image_size channels clip_frames seed"
_STEPS_PER_EPOCH = 500
_PREVIEW_COLUMNS = 8
_STARTED = time.monotonic()


def train(name=None):
    """Trains a system by the flags, or goes on with the run directory's model.

    Args:
        name: One of `systems.SYSTEMS`; None takes that of `--system`.
    """
    run_dir = as_path(FLAGS.run_dir)
    checkpoint = resuming.find_checkpoint(run_dir)
    if FLAGS.resume:
        run_flags.take(run_dir)
    clips.check_source()
    scores.check()
    resuming.check()
    _check_tensorboard()
    if checkpoint and choices.are_other_hours(run_dir):
        raise _too_late(checkpoint)
    _check_hours(checkpoint)
    if checkpoint:
        run_flags.check_same(run_dir)
    system = systems.get(name or FLAGS.system)
    devices.connect()  # before there are arrays
    trained = None if checkpoint else fine_tuning.source(system)
    kept = run_flags.as_text()  # with the trained model's sizes
    choices.fill(system, run_dir if checkpoint else None)
    recipe = _make_recipe(system)
    devices.share(recipe.batch_size)  # from here on processes know which one is first
    with run_lock.held(run_dir):
        judges = scores.make_callbacks()  # a file that is missing is told of now
        if checkpoint:
            begun = _go_on(system, recipe, checkpoint)
        else:
            begun = _begin(system, recipe, trained)
        model, dataset, recipe, seconds = begun
        resuming.check_monitor(model, scores.names())
        if km.processes.is_primary():
            run_flags.keep(run_dir, kept)
            choices.keep(run_dir)
        _fit(model, dataset, recipe, run_dir, seconds, judges)


def _check_hours(checkpoint):
    """Refuses --hours where it cannot hold; `checkpoint` is None in a new run."""
    if checkpoint:
        if FLAGS.steps is not None:
            # A run that began with --hours has it in its file of flags; how far it goes
            # on is for --steps to say.
            FLAGS.hours = None
        return  # its steps are known
    if FLAGS.hours is None:
        return
    if FLAGS.steps is not None:
        raise app.UsageError("Give either --steps or --hours.")
    if devices.are_several_processes():
        raise app.UsageError(
            "--hours is for one process: several might measure different times. Run it "
            "on one of the hosts, then pass the --steps that it tells to all of them."
        )


def _too_late(checkpoint):
    return app.UsageError(
        f"--hours is for new runs: the schedules of {checkpoint} are fixed. Leave it "
        "out, and say with --steps how far it shall go."
    )


def _make_recipe(system):
    return settings.make_recipe(
        system.model_class, **values(_SIZES), **system.arguments()
    )


def _go_on(system, recipe, checkpoint):
    """The checkpoint's model, its clips from its step on, recipe, no seconds."""
    if FLAGS.steps is None and FLAGS.hours is not None:
        raise _too_late(checkpoint)
    with devices.scope():
        model = km.load_model(checkpoint)
    systems.check(model, system, checkpoint)
    dataset = clips.make_dataset(recipe.batch_size, model.global_step)
    run_flags.check_clips(model, dataset, checkpoint)
    _tell(plan.about_clips(dataset))
    return model, dataset, _with_steps(recipe), None


def _begin(system, recipe, trained):
    """A new model, its clips, its recipe, and seconds of a step, if measured."""
    policy = settings.dtype()
    dataset = clips.make_dataset(recipe.batch_size)
    _tell(plan.about_clips(dataset))
    wanted = FLAGS.num_classes
    classes = dataset.num_classes if wanted is None else wanted

    def make_model(recipe):
        with devices.scope():
            if trained is not None:
                return fine_tuning.make_model(trained, recipe, classes, policy)
            made = settings.make_model(system.model_class, recipe, classes, policy)
            return made, None

    seconds = None
    if FLAGS.steps is None and FLAGS.hours is not None:
        seconds = _fit_to_hours(lambda: make_model(recipe)[0], dataset)
    recipe = _with_steps(recipe)
    model, told = make_model(recipe)
    if told is not None:
        _tell(plan.about_start(told))
    return model, dataset, recipe, seconds


def _fit_to_hours(make_model, dataset):
    """Measures steps and sets their number; returns seconds of one."""
    _tell(["  Measuring some steps, on a model that is thrown away ..."])
    seconds = trial.seconds_a_step(make_model, dataset)
    FLAGS.steps, FLAGS.steps_per_epoch = trial.fit_to(
        FLAGS.hours, seconds, FLAGS.steps_per_epoch
    )
    return seconds


def _with_steps(recipe):
    """The recipe with whole epochs: schedules have to end where the training does."""
    steps = FLAGS.steps or recipe.steps
    if FLAGS.steps_per_epoch is None:
        # As few more steps as possible: 3,600 are eight epochs of 450.
        FLAGS.steps_per_epoch = math.ceil(steps / math.ceil(steps / _STEPS_PER_EPOCH))
    per_epoch = FLAGS.steps_per_epoch = min(FLAGS.steps_per_epoch, steps)
    FLAGS.steps = math.ceil(steps / per_epoch) * per_epoch
    return recipe.with_changes(steps=FLAGS.steps)


def _fit(model, dataset, recipe, run_dir, seconds, judges=()):
    per_epoch, steps = FLAGS.steps_per_epoch, recipe.steps
    left, command = steps - model.global_step, resuming.command(run_dir)
    left = max(left, 0)  # --steps may be fewer than there are already
    _tell(plan.about_training(model, recipe, seconds, left, run_dir, command))
    bar = progress.Progress(steps, recipe.batch_size, seconds)
    callbacks = make_callbacks(run_dir, first_frames(model), judges)
    callbacks.insert(-1, bar)
    finished.forget(run_dir)
    with resuming.told_how(run_dir), contextlib.closing(bar):
        try:
            model.fit(
                dataset,
                steps_per_epoch=per_epoch,
                epochs=steps // per_epoch,
                initial_epoch=model.global_step // per_epoch,
                shuffle=False,  # the data set does that
                verbose=0,
                callbacks=callbacks,
            )
        except SystemExit:  # after Ctrl-C or SIGTERM; the checkpoint is there already
            _save(model, run_dir)
            raise
    _save(model, run_dir)
    finished.note(run_dir, model.global_step)


def _save(model, run_dir):
    """Saves the model as it generates best, with averaged weights."""
    with km.callbacks.ema_weights(model):
        km.callbacks.save_atomically(model, run_dir / "model.keras")
    _tell([f"Saved {run_dir / 'model.keras'}; previews are in {run_dir / 'previews'}."])


def _tell(lines):
    """Prints lines, if this is the first process."""
    if km.processes.is_primary():
        print("\n".join(lines), flush=True)


def first_frames(model):
    """The images that previews begin with, if the model has an encoder, or None."""
    if model.image_encoder is None:
        return None
    images = clips.real_clips(_PREVIEW_COLUMNS)[0][:, 0]
    return np.resize(images, (_PREVIEW_COLUMNS, *images.shape[1:]))


def make_callbacks(run_dir, images=None, judges=()):
    """What runs beside `fit`, in the order that the callbacks need.

    Args:
        run_dir: `Path` of the run directory.
        images: Images that previews begin with, or None.
        judges: Callbacks that score generated videos.
    """
    previews, options = run_dir / "previews", {"images": images}
    if FLAGS.preview_every is None:
        preview = TimedPreviews(previews, _STARTED, **options)
    else:
        every = FLAGS.preview_every
        preview = km.callbacks.PreviewGrid(
            previews, _PREVIEW_COLUMNS, every=every, **options
        )
    return [
        km.callbacks.ResumeEpoch(),
        *judges,
        km.callbacks.HistoryLogger(run_dir),
        preview,
        *_tensorboard(run_dir, preview),
        resuming.make_checkpoint(run_dir, FLAGS.steps_per_epoch),
    ]


def _check_tensorboard():
    if FLAGS.tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise app.UsageError(
            "--tensorboard needs the package tensorboard. Install it: pip install "
            "tensorboard. Or leave the flag out."
        )


def _tensorboard(run_dir, preview):
    """The callback in a list, which is empty if no flag asks for what is missing."""
    wanted = FLAGS.tensorboard
    if wanted is None:
        wanted = importlib.util.find_spec("tensorboard") is not None
    if not wanted:
        return []
    return [km.callbacks.TensorBoard(run_dir / "tensorboard", preview)]
