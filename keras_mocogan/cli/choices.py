"""What nobody gave is chosen by the clips and the machine, and kept for --resume.

A run directory's `plan.json` holds the choices: a run that goes on has the sizes and
the number of steps that it began with, whatever the machine's speed is today.
"""

import json

from absl import flags

from keras_mocogan import recipes
from keras_mocogan.backend import kernels
from keras_mocogan.cli import clips, devices, survey
from keras_mocogan.utils.files import replacing

FLAGS = flags.FLAGS

_FILE = "plan.json"
# Networks that this kind of device trains in hours, or in days; the first that the
# system has.
_RECIPES = {"cpu": ("modern", "short"), "gpu": ("large", "paper")}
_HOURS_ON_A_CPU = 2.0
# Of fewer clips discriminators learn each one by heart, and contents become alike.
_FEW_CLIPS = 100
_FOR_FEW_CLIPS = "translation", "color"
_STORED = (
    "recipe image_size clip_frames batch_size augmentation hours steps steps_per_epoch"
)


def fill(system, run_dir):
    """Gives flags without a value the one that was kept, or one that fits.

    Args:
        system: `systems.System`.
        run_dir: `Path` of the run directory that a run goes on in, or None.
    """
    if run_dir is not None:
        _fill_from(run_dir)
    is_automatic = FLAGS.recipe == "auto"
    if is_automatic:
        FLAGS.recipe = automatic_recipe(system.model_class.__name__)
        is_open = FLAGS.steps is None and FLAGS.hours is None
        if kernels.on_cpu() and is_open and not devices.are_several_processes():
            FLAGS.hours = _HOURS_ON_A_CPU
    _fill_sizes(system, is_automatic)


def are_other_hours(run_dir):
    """Whether --hours is given, and is not what the run began with.

    Args:
        run_dir: `Path` of the run directory.
    """
    # Earlier versions did not keep it.
    return FLAGS.hours not in (None, _kept(run_dir).get("hours", FLAGS.hours))


def automatic_recipe(model):
    """The name of the recipe that --recipe=auto is on this machine.

    Args:
        model: Name of the class, such as `"MoCoGAN"`.
    """
    wanted = _RECIPES["cpu" if kernels.on_cpu() else "gpu"]
    return next(name for name in wanted if name in recipes.names(model))


def _fill_sizes(system, is_automatic):
    wanted = "image_size", "clip_frames"
    if all(FLAGS[name].value is not None for name in wanted) and not is_automatic:
        return
    seen = None
    if FLAGS.data_dir is not None:
        seen = survey.look(
            FLAGS.data_dir, clips.chosen(), FLAGS.layout, FLAGS.channels, FLAGS.fps
        )
    if FLAGS.image_size is None:
        FLAGS.image_size = survey.choose_image_size(seen) if seen else 64
    if FLAGS.clip_frames is None:
        FLAGS.clip_frames = system.clip_frames[-1]
        if seen:
            stride = FLAGS.frame_stride
            FLAGS.clip_frames = survey.choose_clip_frames(
                seen, stride, system.clip_frames
            )
    if seen and is_automatic and FLAGS.batch_size is None:
        name = system.model_class.__name__
        usual = recipes.get(name, FLAGS.recipe).batch_size
        FLAGS.batch_size = survey.choose_batch_size(seen, usual)
    is_small = seen and seen.count < _FEW_CLIPS
    if is_small and is_automatic and FLAGS.augmentation is None:
        FLAGS.augmentation = list(_FOR_FEW_CLIPS)


def keep(run_dir):
    """Writes what was chosen into the run directory."""
    chosen = {name: FLAGS[name].value for name in _STORED.split()}
    with replacing(run_dir / _FILE) as path:
        path.write_text(json.dumps(chosen, indent=2) + "\n")


def _kept(run_dir):
    path = run_dir / _FILE
    if not path.exists():
        return {}
    try:
        return json.loads(path.read_text())
    except ValueError as error:  # no JSON, or no text
        raise ValueError(
            f"A run's {_FILE} must be as it was written. Received: {path}, which is "
            f"damaged ({error}). Remove the file, and give --image_size, "
            "--clip_frames, --batch_size and --steps as the run had them."
        ) from None


def _fill_from(run_dir):
    kept = _kept(run_dir)
    kept.pop("hours", None)
    for name, value in kept.items():
        if FLAGS[name].value in (None, "auto") and value is not None:
            FLAGS[name].value = FLAGS[name].parser.parse(value)  # JSON has no pairs
