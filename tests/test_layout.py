"""The folders of the package: imports run downward, and files stay small."""

import ast
from pathlib import Path

import pytest
from processes import ROOT

pytestmark = pytest.mark.once

PACKAGE = ROOT / "keras_mocogan"
FILES = sorted(PACKAGE.rglob("*.py"))
# From the bottom up: a folder may import those in lines above its own, and itself.
LINES = (
    ("version", "utils"),
    ("checks",),
    ("backend",),
    ("layers", "video", "recipes"),
    ("networks", "data", "metrics", "presets"),
    ("sampling", "training"),
    ("models", "callbacks", "export", "projection"),
    ("serving",),
    ("__init__",),
    ("cli",),
)
# The same inside of `data`, whose own files are on top.
LINES_OF_DATA = (
    ("storage", "resize_modes"),
    ("frames",),
    ("video_files",),
    ("readers", "sprite_layers", "figure_drawing"),
    ("records",),
    ("pipeline",),
    ("opening", "shapes", "sprites", "figures"),
    ("video_dataset", "write_records"),
    ("__init__",),
)
MOST_LINES, MOST_LINES_OF_A_CLASS = 300, 250
# Where TensorFlow may be imported.
TENSORFLOW_FOLDERS = ("data", "export", "backend")


def modules(tree):
    """Full names of what a file imports; of `from x import y` both x and x.y."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part(path, folder):
    """The first part of a file's path below a folder."""
    return path.relative_to(folder).with_suffix("").parts[0]


def imported_parts(path, folder):
    prefix = ".".join(("keras_mocogan", *folder.relative_to(PACKAGE).parts))
    own = {file.name.removesuffix(".py") for file in folder.iterdir()}
    for module in modules(ast.parse(path.read_text())):
        if module.startswith(prefix + "."):
            name = module.removeprefix(prefix + ".").split(".")[0]
            if name in own:
                yield name


def rank(name, lines):
    return next(i for i, line in enumerate(lines) if name in line)


@pytest.mark.parametrize(
    ("folder", "lines"), [(PACKAGE, LINES), (PACKAGE / "data", LINES_OF_DATA)]
)
def test_imports_run_downward(folder, lines):
    upward, seen = [], 0
    for path in sorted(folder.rglob("*.py")):
        own = part(path, folder)
        for name in set(imported_parts(path, folder)) - {own}:
            seen += 1
            if rank(name, lines) >= rank(own, lines):
                upward.append(f"{path.relative_to(folder)} imports {name}")
    assert seen > 10 and not upward


def test_files_and_classes_are_small():
    large = []
    for path in FILES:
        text = path.read_text()
        if text.count("\n") > MOST_LINES:
            large.append(path.name)
        large += [
            node.name
            for node in ast.parse(text).body
            if isinstance(node, ast.ClassDef)
            and node.end_lineno - node.lineno >= MOST_LINES_OF_A_CLASS
        ]
    assert not large


def test_tensorflow_is_imported_in_few_places():
    found = {
        part(path, PACKAGE)
        for path in FILES
        if "tensorflow" in set(modules(ast.parse(path.read_text())))
    }
    assert found == set(TENSORFLOW_FOLDERS)


def test_absl_is_imported_in_one_folder():
    found = {
        part(path, PACKAGE)
        for path in FILES
        if any(m.split(".")[0] == "absl" for m in modules(ast.parse(path.read_text())))
    }
    assert found == {"cli"}


def test_examples_are_short():
    examples = list((ROOT / "examples").glob("*.py"))
    assert len(examples) > 5
    assert [p.name for p in examples if p.read_text().count("\n") >= 60] == []


def test_every_folder_says_what_it_holds():
    for folder in {path.parent for path in FILES}:
        text = Path(folder / "__init__.py").read_text()
        assert ast.get_docstring(ast.parse(text)), folder
