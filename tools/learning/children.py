"""Child processes that train, all with the same number of threads."""

import json
import os
import subprocess
import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent


def thread_settings(count):
    """Environment variables that give TensorFlow, JAX and PyTorch so many threads."""
    names = (
        "OMP_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
        "NPROC",
    )
    return dict.fromkeys(names, str(count))


def run(module, settings, log, threads=1, **environment):
    """Runs a module of the tools with its settings as JSON, and waits for its end.

    Args:
        module: Such as `"learning.worker"`.
        settings: Dictionary of plain values, the child's only argument.
        log: File that gets what the child prints, after what is there.
        threads: Of the child.
        **environment: More variables for it.

    Returns:
        Its exit status.
    """
    with open(log, "a") as file:
        child = subprocess.run(
            [sys.executable, "-m", module, json.dumps(settings)],
            cwd=TOOLS,
            env=os.environ | thread_settings(threads) | environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    return child.returncode
