"""How this program was started, for the commands that it prints."""

import os
import sys
from pathlib import Path

_command = None


def is_command(name):
    """Notes that the subcommand `name` of `keras-mocogan` runs, and not a script."""
    global _command
    _command = name


def words():
    """The words that start this program again, without its flags."""
    own = [sys.argv[0]] if _command is None else ["-m", "keras_mocogan.cli", _command]
    if is_under_torchrun():
        return [*_torchrun(), *own]
    if _command is not None and Path(sys.argv[0]).stem == "keras-mocogan":
        return ["keras-mocogan", _command]
    return [sys.executable, *own]


def is_under_torchrun():
    """Whether `torchrun` started this process, perhaps beside others."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def is_one_of_several():
    """Whether `torchrun` started others beside it."""
    return is_under_torchrun() and os.environ["WORLD_SIZE"] != "1"


def _torchrun():
    """The words that start this host's processes."""
    told = os.environ
    words = ["torchrun", f"--nproc_per_node={told['LOCAL_WORLD_SIZE']}"]
    if told["GROUP_WORLD_SIZE"] == "1":
        return words
    return [
        *words,
        f"--nnodes={told['GROUP_WORLD_SIZE']}",
        f"--node_rank={told['GROUP_RANK']}",
        f"--master_addr={told['MASTER_ADDR']}",
        f"--master_port={told['MASTER_PORT']}",
    ]
