"""The tutorials: their files are small and complete, and their cells run."""

import json
import sys
import types
from types import SimpleNamespace

import pytest
from processes import ROOT

pytestmark = pytest.mark.once

NOTEBOOKS = sorted((ROOT / "docs" / "tutorials").glob("*.ipynb"))
MOST_BYTES = 300_000


def code_cells(path):
    """`(source, outputs, tags)` of each cell of code."""
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "code":
            source, tags = "".join(cell["source"]), cell["metadata"].get("tags", ())
            yield SimpleNamespace(source=source, outputs=cell["outputs"], tags=tags)


def tiny_sizes(path):
    return json.loads(path.read_text())["metadata"]["tiny"]


def test_files_are_small_and_show_no_errors():
    assert len(NOTEBOOKS) == 4
    for path in NOTEBOOKS:
        assert path.stat().st_size < MOST_BYTES, path.name
        kinds = {out["output_type"] for c in code_cells(path) for out in c.outputs}
        assert "error" not in kinds, path.name


def test_every_tiny_size_stands_for_one_that_readers_see():
    for path in NOTEBOOKS:
        [cell] = [cell for cell in code_cells(path) if "sizes" in cell.tags]
        shown = {}
        exec(cell.source, shown)
        assert all(shown[name] > tiny for name, tiny in tiny_sizes(path).items())


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_cells_of_a_notebook_run(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    display = types.ModuleType("IPython.display")
    display.Image = lambda name: (tmp_path / name).read_bytes()  # what it shows exists
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    names = {}
    for cell in code_cells(path):
        exec(cell.source, names)
        if "sizes" in cell.tags:
            names |= tiny_sizes(path)
