"""One training at a time in a run directory."""

import contextlib
import os
import sys

import keras_mocogan as km
from keras_mocogan.utils.remote.remote_path import is_url

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None


@contextlib.contextmanager
def held(run_dir):
    """Locks a run directory, which is made if it is missing, or ends the program.

    The system opens the lock when the process ends, however it ends. Folders that
    cannot be locked (URLs, some network file systems, Windows) are not protected.

    Args:
        run_dir: `Path` of the run directory.
    """
    if fcntl is None or is_url(run_dir) or not km.processes.is_primary():
        yield
        return
    run_dir.mkdir(parents=True, exist_ok=True)
    folder = os.open(run_dir, os.O_RDONLY)
    try:
        _lock(folder, run_dir)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # there are files in it
                run_dir.rmdir()
    finally:
        os.close(folder)


def _lock(folder, run_dir):
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(
            f"Another training is running in {run_dir}. Choose another --run_dir, or "
            "wait until it ends."
        )
    except OSError:  # this file system has no locks
        pass
