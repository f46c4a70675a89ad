"""The Python of the pages runs.

The blocks of a page run in order, in one namespace and a temporary directory. Five
things stand in for what a reader has: `my_videos`, a folder of a few tiny clips, `LPC`,
a folder of tiny layers of characters, `i3d_torchscript.pt`, a tiny network, trackers
that record what they are told, and a `fit` that stops after one step and is not
compiled. Everything else is as on the page.

A block that needs what the tests do not install follows a comment in the page's source,
`<!-- needs NAME -->`, and runs where that module is there.
"""

import importlib.util
import re
import shutil
import sys
import types
from pathlib import Path

import keras
import pytest
import tensorflow as tf
from detector_files import write_detector
from layer_files import write_layers
from processes import ROOT

import keras_mocogan as km

pytestmark = pytest.mark.once

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NO_PYTHON = [
    *(ROOT / name for name in ("BUILD_NOTES.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs" / "reference").glob("*.md")),
]
BLOCK = re.compile(r"^(?:<!-- ([^\n]*) -->\n)?```python\n(.*?)^```", re.DOTALL | re.M)
FENCE = re.compile(r"^ *```(.*)\n(?:.*\n)*? *```$", re.M)
NEEDS = {"other_libraries.md": ["grain", "webdataset", "datasets"]}
# Over ten seconds each.
SLOW = {
    "README.md",
    "data.md",
    "evaluation.md",
    "fine_tuning.md",
    "image_to_video.md",
    "page.md",
    "projection.md",
    "tracking.md",
}


def python_blocks(page):
    """`(what it needs or "", code)` of each block."""
    return [(needs, code) for needs, code in BLOCK.findall(page.read_text())]


def with_python():
    for page in filter(python_blocks, PAGES):
        marks = [pytest.mark.slow] if page.name in SLOW else []
        yield pytest.param(page, id=page.name, marks=marks)


@pytest.fixture(scope="module")
def my_videos(tmp_path_factory):
    """A folder of two class folders, with clips long enough for every page."""
    folder = tmp_path_factory.mktemp("reader") / "my_videos"
    clips, labels = km.data.shape_motion(16, num_frames=32, image_size=64)
    for number, (clip, label) in enumerate(zip(clips, labels, strict=True)):
        path = folder / f"class_{label}" / f"{number}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        km.video.write_mp4(path, clip)
    return folder


@pytest.fixture
def reader(my_videos, tmp_path, monkeypatch):
    """A directory with `my_videos` and `LPC` in it, and the patience for one step."""
    shutil.copytree(my_videos, tmp_path / "my_videos")
    write_layers(tmp_path / "LPC")
    monkeypatch.chdir(tmp_path)
    fit, short = keras.Model.fit, {"epochs": 1, "steps_per_epoch": 1}
    monkeypatch.setattr(
        keras.Model, "fit", lambda *given, **more: fit(*given, **more | short)
    )
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


class Recorder(types.ModuleType):
    """A module whose functions record their names and arguments."""

    def __init__(self, name):
        super().__init__(name)
        self.calls = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *given, **named: self._record(name, given, named)

    def _record(self, name, given, named):
        call = Call(name, given, named)
        self.calls.append(call)
        return call


class Call:
    """What a recorder was asked for; it may stand for a run in a `with` block."""

    def __init__(self, name, given, named):
        self.name, self.given, self.named = name, given, named

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


@pytest.fixture
def trackers(monkeypatch):
    """Stand-ins for trackers by name."""
    found = {name: Recorder(name) for name in ("wandb", "mlflow", "trackio")}
    for name, module in found.items():
        monkeypatch.setitem(sys.modules, name, module)
    return found


class Epochs:
    """A model whose `fit` makes three epochs of 10 steps, and a preview in the first.

    The others leave it out, as with `PreviewGrid(every=3)`.
    """

    def __init__(self, previews):
        self.previews, self.global_step = previews, 0

    def fit(self, *_, callbacks, **__):
        for epoch in range(3):
            self.global_step += 10
            if epoch == 0:
                self.previews.written.append((self.global_step, Path("first.gif")))
            for callback in callbacks:
                callback.set_model(self)
                callback.on_epoch_end(epoch, {"loss": 1.0 + epoch})


@pytest.fixture
def calls(trackers):
    """`calls(name)`: what that tracker's block tells it, as tuples."""

    def run(name):
        previews = keras.callbacks.Callback()
        previews.written = []  # None is sent that an earlier `fit` wrote.
        names = {"previews": previews, "model": Epochs(previews)}
        names |= {"videos": None, "labels": None}
        [code] = [
            code
            for _, code in python_blocks(ROOT / "docs" / "tracking.md")
            if f"import {name}\n" in code
        ]
        exec(code, names)
        return [(call.name, call.given, call.named) for call in trackers[name].calls]

    return run


@pytest.mark.parametrize("name", ["wandb", "trackio"])
def test_trackers_get_logs_and_previews(name, calls):
    told = calls(name)
    settings = {"recipe": "short", "batch_size": 8}
    assert told[0] == ("init", (), {"project": "mocogan", "config": settings})
    assert told[1] == ("Video", ("first.gif",), {})
    # The video that the line before asked for.
    (preview,) = told[2][1][0].values()
    assert told[2][0] == "log" and told[2][2] == {"step": 10}
    assert (preview.name, preview.given) == told[1][:2]
    losses = [("log", ({"loss": 1.0 + i},), {"step": 10 * i + 10}) for i in range(3)]
    assert told[3:] == [*losses, ("finish", (), {})]


def test_mlflow_gets_logs_and_previews(calls):
    losses = [
        ("log_metrics", ({"loss": 1.0 + i},), {"step": 10 * i + 10}) for i in range(3)
    ]
    assert calls("mlflow") == [
        ("start_run", (), {}),
        ("log_params", ({"recipe": "short", "batch_size": 8},), {}),
        ("log_artifact", ("first.gif", "previews"), {}),
        *losses,
    ]


@pytest.mark.parametrize("page", with_python())
def test_the_python_of_a_page_runs(page, reader, trackers):
    names = {}
    if "i3d_torchscript.pt" in page.read_text():
        write_detector("i3d_torchscript.pt")
    for needs, code in python_blocks(page):
        if not needs or importlib.util.find_spec(needs.removeprefix("needs ")):
            exec(code, names)


def test_no_python_is_left_out():
    # Any other mark after the three ticks would hide a block from the test above.
    for page in [*PAGES, *NO_PYTHON]:
        marks = FENCE.findall(page.read_text())
        assert set(marks) <= {"python", "bash", "{toctree}", "{eval-rst}"}, page
        assert marks.count("python") == len(python_blocks(page))
    assert not any(map(python_blocks, NO_PYTHON))
    assert sum(len(python_blocks(page)) for page in PAGES) > 20
    needs = {page.name: [n for n, _ in python_blocks(page) if n] for page in PAGES}
    wanted = {
        page: [f"needs {name}" for name in names] for page, names in NEEDS.items()
    }
    assert {page: names for page, names in needs.items() if names} == wanted
