"""The examples in docstrings run as they stand."""

import ast
import inspect
import re

import numpy as np
import pytest
from layer_files import write_layers
from processes import ROOT
from testing import labels_for, random_clips

import keras_mocogan as km

pytestmark = [pytest.mark.once, pytest.mark.slow]

PACKAGE = ROOT / "keras_mocogan"


def examples():
    """`(name, code)` of every fenced example in the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.Module):
                continue
            text = ast.get_docstring(node) or ""
            for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
                name = getattr(node, "name", "module")
                yield pytest.param(code, id=f"{path.stem}-{name}")


@pytest.mark.parametrize("code", list(examples()))
def test_an_example_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    videos = random_clips(2, 16, 64)
    images = videos[:, 0]
    names = {"km": km, "np": np, "videos": videos, "images": images}
    if '"LPC"' in code:
        write_layers(tmp_path / "LPC")
    exec(code, names | {"labels": labels_for(videos)})


def test_public_classes_and_functions_have_one():
    found = {example.id.split("-")[1] for example in examples()}
    public = {
        name
        for name in km.__all__
        if inspect.isclass(getattr(km, name)) or inspect.isfunction(getattr(km, name))
    }
    assert public - found <= {"Adam", "OptimizerGroup"}
