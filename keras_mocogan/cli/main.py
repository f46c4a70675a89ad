"""Finds the subcommand, shows its help, parses its flags and runs it."""

import difflib
import importlib
import math
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from absl import app, flags

from keras_mocogan.cli import flag_files, help_pages, program
from keras_mocogan.version import __version__

COMMANDS = {
    "train": "train on a folder of clips",
    "generate": "generate videos with a trained model",
    "animate": "make videos that begin with given images",
    "project": "find the content and the motion of real clips, and swap them",
    "evaluate": "score a model, or a folder of generated videos",
    "records": "decode clips once, into records that are read faster",
    "classifier": "train the classifier that scores need",
    "export": "write a SavedModel, ONNX graphs, a page for the browser, or a preset",
    "serve": "generate videos over HTTP, or for lines of JSON",
    "presets": "list trained models, tell about one, or upload it to a hub",
    "doctor": "say what works on this machine, and what is missing",
}
_HELP = ("--help", "-help", "-h", "--helpshort", "-?")
_HELP_FULL = ("--helpfull", "-helpfull")
_INTERRUPTED = 130  # as shells have it
# What an extra of the package brings.
_EXTRAS = {"tensorflow": "tensorflow", "torch": "torch", "tensorflow_io": "io"}
_PACKAGE = str(Path(__file__).resolve().parents[1])


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs `keras-mocogan ARGUMENTS`.

    Args:
        arguments: Words of the command line after the program's name; None takes them
            from `sys.argv`.

    Returns:
        The exit status: 0, 1 after an error that was told in a line, or 130 after
        Ctrl-C.

    Example:

    ```python
    from keras_mocogan.cli.main import main

    status = main(["presets"])
    ```
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in (*_HELP, *_HELP_FULL, "help"):
        print(help_pages.overview(COMMANDS))
        return 0
    if words[0] == "--version":
        print(f"keras-mocogan {__version__}")
        return 0
    name, *rest = words
    if name not in COMMANDS:
        return _fail(_unknown(name))
    program.is_command(name)
    module = importlib.import_module(f"keras_mocogan.cli.{name}")
    if set(rest) & set(_HELP_FULL):
        print(help_pages.full(name, module))
        return 0
    if set(rest) & set(_HELP):
        print(help_pages.short(name, module))
        return 0
    return _run(name, module, rest)


def _run(name, module, words):
    try:
        left = flags.FLAGS([f"keras-mocogan {name}", *flag_files.expanded(words)])
        if len(left) > 1:
            raise app.UsageError(f"Flags begin with --. Received: {left[1]}.")
        _check_numbers()
        module.main(left)
    except (flags.Error, app.UsageError) as error:
        return _fail(f"{error}\nSee: keras-mocogan {name} --help")
    except (ValueError, ImportError, OSError) as error:
        if getattr(error, "filename", None) is not None:
            return _fail(_about_file(error))
        if not _is_ours(error):
            raise
        return _fail(f"{error}{_hint(error)}")
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _check_numbers():
    """Refuses --hours=nan and the like, which no bound of a flag refuses."""
    for name in flags.FLAGS:
        value = flags.FLAGS[name].value
        if isinstance(value, float) and not math.isfinite(value):
            raise app.UsageError(
                f"--{name} must be a finite number. Received: --{name}={value}."
            )


def _about_file(error):
    """What the system says of a file or a folder."""
    # With two names, the first is that of an unfinished file.
    place = error.filename if error.filename2 is None else error.filename2
    return f"{error.strerror}: {place}. Check the names that the flags give."


def _is_ours(error):
    """Whether this package raised an error: then its message says all there is."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return frame.filename.startswith(_PACKAGE)


def _hint(error):
    """How to install what an import did not find."""
    name = getattr(error, "name", None)
    if not isinstance(error, ModuleNotFoundError) or name not in _EXTRAS:
        return ""
    return f'\nInstall it: pip install "keras-mocogan[{_EXTRAS[name]}]"'


def _unknown(name):
    near = difflib.get_close_matches(name, COMMANDS, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"The command must be one of {', '.join(COMMANDS)}. Received: {name}.{hint}"


def _fail(message):
    print(f"error: {message}", file=sys.stderr)
    return 1
