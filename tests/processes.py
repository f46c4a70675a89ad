"""Runs Python in child processes: one process holds one Keras backend."""

import contextlib
import os
import re
import runpy
import socket
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from absl import flags

ROOT = Path(__file__).resolve().parent.parent
BACKENDS = ("tensorflow", "jax", "torch")


def run_backend(backend, code, *arguments, timeout=240, env=None, status=0):
    """Runs Python code in a child process under one backend.

    Args:
        backend: `"tensorflow"`, `"jax"` or `"torch"`.
        code: the source of a program as a string (indented as a whole or not), or
            the `Path` of a script.
        *arguments: the program's command line, converted with `str`.
        timeout: seconds until the child is ended and the test fails.
        env: environment variables to add, a dict of strings.
        status: the exit status that is right.

    Returns:
        What the child wrote to its standard output, as a string.

    The test fails, showing both outputs, where the child's exit status is another.
    """
    program = [code] if isinstance(code, Path) else ["-c", textwrap.dedent(code)]
    try:
        child = subprocess.run(
            [sys.executable, *map(str, program), *map(str, arguments)],
            env=_child_environment(backend) | (env or {}),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as error:
        _fail(backend, f"took more than {timeout} s", error.stdout, error.stderr)
    if child.returncode != status:
        ended = f"ended with status {child.returncode}"
        _fail(backend, ended, child.stdout, child.stderr)
    return child.stdout


def run_together(backend, code, command_lines, statuses=None, **options):
    """`run_backend` for several children at once, one for each command line.

    Args:
        statuses: Their exit statuses, if not all are 0.

    Returns:
        List of what they wrote to their standard outputs.
    """
    statuses = statuses or [0] * len(command_lines)
    with ThreadPoolExecutor(len(command_lines)) as pool:
        children = [
            pool.submit(run_backend, backend, code, *line, status=status, **options)
            for line, status in zip(command_lines, statuses, strict=True)
        ]
        return [child.result() for child in children]


def free_port():
    """A port of this machine that no one listens on."""
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return listener.getsockname()[1]


def _child_environment(backend):
    environment = dict(os.environ)
    # Written for the parent's backend, not the child's.
    environment.pop("XLA_FLAGS", None)
    search_path = [str(ROOT), str(ROOT / "tests"), environment.get("PYTHONPATH")]
    environment.update(
        KERAS_BACKEND=backend,
        PYTHONPATH=os.pathsep.join(filter(None, search_path)),
        TF_CPP_MIN_LOG_LEVEL="2",
    )
    return environment


def _fail(backend, what, stdout, stderr):
    pytest.fail(
        f"The child process under {backend} {what}.\n"
        f"--- standard output\n{_text(stdout)}\n"
        f"--- standard error\n{_text(stderr)}",
        pytrace=False,
    )


def _text(output):
    # A child that ran out of time hands its output over undecoded.
    return output.decode(errors="replace") if isinstance(output, bytes) else output


@contextlib.contextmanager
def loaded_script(path):
    """What a script defines, without running it.

    Flags of the same names, which tests of the command line have defined, step aside
    for as long as the context lasts.
    """
    names = re.findall(r'flags\.DEFINE_\w+\(\s*"(\w+)"', path.read_text())
    aside = {name: flags.FLAGS[name] for name in names if name in flags.FLAGS}
    flags.FLAGS.remove_flag_values(list(aside))
    try:
        yield runpy.run_path(str(path))
    finally:
        flags.FLAGS.remove_flag_values([n for n in names if n in flags.FLAGS])
        for name, flag in aside.items():
            flags.FLAGS[name] = flag
