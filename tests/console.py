"""Runs commands of `keras-mocogan` in a child process, several one after another."""

import json
from typing import NamedTuple

from processes import run_backend

# Flags are one registry for all commands of a process: each command gets a new one.
_CHILD = """
import contextlib, io, json, sys, traceback

import keras_mocogan
from absl import flags

own = set(flags.FLAGS)
for words in json.loads(sys.argv[1]):
    out, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        from keras_mocogan.cli.main import main

        try:
            status = main(words)
        except SystemExit as ended:
            status = ended.code
        except BaseException:
            status, _ = "raised", traceback.print_exc()
    print(json.dumps([status, out.getvalue(), error.getvalue()]))
    for name in set(flags.FLAGS) - own:
        delattr(flags.FLAGS, name)
    for name in [n for n in sys.modules if n.startswith("keras_mocogan.cli")]:
        del sys.modules[name]
"""


class Result(NamedTuple):
    """What a command did.

    Attributes:
        status: Exit status, or the text of an exit; `"raised"` after an exception.
        out, error: What it wrote.
    """

    status: object
    out: str
    error: str


def run_commands(backend, *commands, **options):
    """Runs command lines, each a list of words or one text; returns `Result`s.

    Args:
        backend: As for `processes.run_backend`.
        *commands: Words after `keras-mocogan`.
        **options: As for `processes.run_backend`.
    """
    words = [c.split() if isinstance(c, str) else [str(w) for w in c] for c in commands]
    out = run_backend(backend, _CHILD, json.dumps(words), **options)
    lines = [line for line in out.splitlines() if line.startswith("[")]
    assert len(lines) == len(commands), out
    return [Result(*json.loads(line)) for line in lines]
