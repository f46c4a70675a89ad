"""`finished.txt`, which says that a run has made all its steps.

A run that is stopped leaves `model.keras` too, and ends with status 0. Queues look at
this file to see whether the run has to go on.
"""

import keras_mocogan as km
from keras_mocogan.utils.files import replacing

_FILE = "finished.txt"


def is_finished(run_dir):
    """Whether the run in this `Path` has made all its steps."""
    return (run_dir / _FILE).exists()


def note(run_dir, steps):
    """Says that a run has ended after so many steps."""
    if km.processes.is_primary():
        with replacing(run_dir / _FILE) as part:
            part.write_text(f"{steps} steps\n")


def forget(run_dir):
    """Removes what an earlier, shorter training of the run has noted."""
    if km.processes.is_primary() and is_finished(run_dir):
        (run_dir / _FILE).unlink()
