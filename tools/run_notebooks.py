"""Runs the tutorials of docs/tutorials, each in a kernel and a folder of its own:

    python tools/run_notebooks.py --only=serving
    KERAS_MOCOGAN_TINY=1 python tools/run_notebooks.py

The first line keeps what the cells print and show in the notebook's file. With
KERAS_MOCOGAN_TINY set, models are tiny and nothing is written: that only tests whether
the cells run. A cell with the tag "sizes" holds a notebook's numbers; "tiny" in its
metadata has those that replace them. Packages: the extra `docs`.
"""

import copy
import os
import tempfile
from pathlib import Path

from absl import app, flags

flags.DEFINE_list("only", None, "Names of notebooks. Default: all.")
FLAGS = flags.FLAGS

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "tutorials"


def with_tiny_sizes(notebook):
    """A copy of a notebook in which the tiny numbers follow those of the sizes cell."""
    notebook = copy.deepcopy(notebook)
    [cell] = [c for c in notebook.cells if "sizes" in c.metadata.get("tags", ())]
    tiny = notebook.metadata["tiny"]
    missing = [name for name in tiny if f"{name} = " not in cell.source]
    if missing:
        raise ValueError(
            'The cell tagged "sizes" must set the names of "tiny" in the notebook\'s '
            f"metadata. Received: a cell without {', '.join(missing)}."
        )
    lines = [f"{name} = {value!r}" for name, value in tiny.items()]
    cell.source = "\n".join([cell.source, *lines])
    return notebook


def execute(notebook):
    """Runs the cells, which get their outputs; an error of a cell is raised."""
    from nbclient import NotebookClient

    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=None, resources=resources).execute()


def without_traces(notebook):
    """Removes times, logs and the kernel's version, which differ at every run."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if not _is_log(out)]
    notebook.metadata.pop("language_info", None)
    return notebook


def _is_log(output):
    # In a notebook TensorFlow logs to the standard output.
    text = output.get("text", "")
    return output.get("name") == "stderr" or text.startswith("INFO:tensorflow")


def main(_):
    import nbformat  # here, so that flags can be read where it is not installed

    paths = sorted(FOLDER.glob("*.ipynb"))
    known = [path.stem for path in paths]
    if not set(FLAGS.only or []) <= set(known):
        raise app.UsageError(
            f"--only must name some of {', '.join(known)}. Received: {FLAGS.only}."
        )
    for path in paths:
        if FLAGS.only and path.stem not in FLAGS.only:
            continue
        notebook = nbformat.read(path, nbformat.NO_CONVERT)
        print(f"{path.name} ...", flush=True)
        if os.environ.get("KERAS_MOCOGAN_TINY"):
            execute(with_tiny_sizes(notebook))
        else:
            execute(notebook)
            nbformat.write(without_traces(notebook), path)


if __name__ == "__main__":
    app.run(main)
