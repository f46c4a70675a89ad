"""How this program was started, for the commands that it prints."""

import sys
from pathlib import Path

_command = None


def is_command(name):
    """Notes that the subcommand `name` of `keras-mocogan` runs, and not a script."""
    global _command
    _command = name


def words():
    """The words that start this program again, without its flags."""
    if _command is None:
        return [sys.executable, sys.argv[0]]
    if Path(sys.argv[0]).stem == "keras-mocogan":
        return ["keras-mocogan", _command]
    return [sys.executable, "-m", "keras_mocogan.cli", _command]
