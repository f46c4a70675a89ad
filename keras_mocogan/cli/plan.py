"""What a training is about to do, in a few lines before it begins."""

import collections
import math

from absl import flags

from keras_mocogan.cli import clock, devices
from keras_mocogan.networks.freezing import learnable_variables
from keras_mocogan.utils.image_sizes import to_text

FLAGS = flags.FLAGS

_MOST_CLASSES = 8
_DAY = 24 * 3600


def about_clips(dataset):
    """The first lines, which need no model.

    Args:
        dataset: The clips, with the attributes that `video_dataset` gives.
    """
    rows = [_row("clips", _clips(dataset)), _row("classes", _classes(dataset))]
    if dataset.skipped:
        rows.insert(1, _row("skipped", _skipped(dataset.skipped)))
    return rows


def about_start(told):
    """What a trained model gave to the new one; `told` is `LoadedWeights`."""
    kept, anew = str(told).splitlines()
    return [_row("start", f"{FLAGS.init_from}; {kept}"), _row("", anew)]


def about_training(model, recipe, seconds, steps_left, run_dir, command):
    """The other lines.

    Args:
        model: The model to train.
        recipe: `recipes.Recipe`.
        seconds: Of a step, if that was measured, or None.
        steps_left: Steps to be made.
        run_dir: `Path` of the run directory.
        command: What goes on with the run, as text.
    """
    return [
        _row("model", _model(model, recipe)),
        _row("networks", _networks(model)),
        _row("steps", _steps(model.global_step, steps_left, recipe.batch_size)),
        _row("time", _time(seconds, steps_left)),
        _row("files", f"{run_dir}/: previews, losses.png, checkpoints, model.keras"),
        _row("stop", "Ctrl-C, which saves. Go on with:"),
        f"            {command}",
    ]


def ending(seconds, steps_left):
    """When a training ends, and a hint if that is far away."""
    left = seconds * steps_left
    text = f"ends about {clock.moment(left)}, in {clock.span(left)}"
    if left > _DAY and _can_have_hours():
        text += "; --hours=2 would fit the training to two hours"
    return text


def _can_have_hours():
    """Whether the same command could be given --hours."""
    several = devices.are_several_processes()
    return not (FLAGS["steps"].present or FLAGS.hours or FLAGS.resume or several)


def _row(title, text):
    return f"  {title:<10}{text}"


def _clips(dataset):
    where = FLAGS.data_dir or f"--dataset={FLAGS.dataset}"
    return (
        f"{dataset.num_clips:,} of {where}, at {to_text(FLAGS.image_size)} pixels, "
        f"windows of {FLAGS.clip_frames} frames"
    )


def _steps(done, left, batch_size):
    after = f", after {done:,} that are done" if done else ""
    return f"{left:,} of {batch_size} clips{after}"


def _skipped(skipped):
    """How many clips, for which reasons."""
    kinds = collections.Counter(
        "too short" if "are needed" in reason else "unreadable"
        for reason in skipped.values()
    )
    return ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())


def _classes(dataset):
    count = dataset.num_classes if FLAGS.num_classes is None else FLAGS.num_classes
    names = dataset.class_names
    if not count or not names:
        return str(count or "none")
    shown = ", ".join(names[:_MOST_CLASSES])
    more = ", ..." if len(names) > _MOST_CLASSES else ""
    return f"{count}: {shown}{more}"


def _model(model, recipe):
    parts = [type(model).__name__, f"recipe {recipe.name}", model.dtype_policy.name]
    changes = recipe.compile.get("augmentation")
    if changes:
        parts.append(f"augmented by {' and '.join(changes)}")
    return ", ".join(parts)


def _networks(model):
    networks = [network for phase in model.phases for network in phase.networks]
    # Without those of a pretrained network.
    sizes = [
        (
            n.name.replace("_", " "),
            sum(math.prod(v.shape) for v in learnable_variables([n])),
        )
        for n in networks
    ]
    return ", ".join(f"{name} {_weights(count)}" for name, count in sizes)


def _weights(count):
    return f"{count / 1e6:.1f} M" if count >= 1e5 else f"{count / 1e3:.1f} k"


def _time(seconds, steps_left):
    if seconds is None:
        return "told after the first steps"
    return f"{clock.step(seconds)} a step as measured; {ending(seconds, steps_left)}"
