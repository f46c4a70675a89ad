"""The flags that a run began with: kept in its directory, and taken when it goes on."""

import itertools

from absl import app, flags

from keras_mocogan.cli import devices, fine_tuning, help_pages, settings, systems
from keras_mocogan.utils.files import replacing
from keras_mocogan.utils.image_sizes import sides, to_text

FLAGS = flags.FLAGS

_FILE = "flags.txt"
# What a run that goes on may change.
_FREE = "steps hours batch_size".split()
_OF_CLIPS = "image_size channels clip_frames num_classes".split()
# Of which only one is given.
_EITHER = {"data_dir", "dataset"}, {"steps", "hours"}


def as_text():
    """The flags of this run for --resume, one a line: all but those of its devices."""
    of_the_start = _of_the_start()
    lines = [
        flag.serialize()
        for flag in help_pages.own_flags()
        if flag.value is not None and flag.name not in of_the_start
    ]
    return "\n".join(lines)


def take(run_dir):
    """Gives flags that are not given the values that the run began with.

    Args:
        run_dir: `Path` of the run directory.
    """
    kept = run_dir / _FILE
    if not kept.exists():
        return
    given = {name for name in FLAGS if not FLAGS[name].using_default_value}
    given |= _of_the_start() | {"run_dir"}  # a run may have been moved
    for pair in _EITHER:
        if given & pair:
            given |= pair
    for line in kept.read_text().splitlines():
        name, has_value, value = line.removeprefix("--").partition("=")
        if not has_value:  # --name or --noname
            value = str(name in FLAGS)
            name = name if name in FLAGS else name.removeprefix("no")
        # Flags of another version, or of another script, are not there.
        if name in FLAGS and name not in given:
            FLAGS[name].value = _parse(name, value, kept)


def _parse(name, text, kept):
    try:
        return FLAGS[name].parser.parse(text)
    except ValueError as error:
        raise app.UsageError(
            f"--{name} in {kept} is not one of this version. Received: {text} "
            f"({error}). Change that line, or give --{name}."
        ) from None


def _of_the_start():
    """Names of the flags that say how a process starts, and not what it trains."""
    found = FLAGS.flags_by_module_dict()[devices.__name__]
    return {"resume", *(flag.name for flag in found)}


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
        another = "begin another --run_dir"
        if flag.name not in fine_tuning.KEPT:
            another += ", with --init_from for the weights of this one"
        raise app.UsageError(
            f"--{flag.name} must be as in {kept}: networks, losses and rates are the "
            f"checkpoint's. Received: {flag.serialize()}. Leave it out; or {another}."
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


def keep(run_dir, text):
    """Writes `as_text()` into the run directory, which is made if it is missing."""
    # In one piece: a run that goes on writes over the flags that it was started by.
    with replacing(run_dir / _FILE) as part:
        part.write_text(text)
