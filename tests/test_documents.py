"""The pages: their Python runs, their commands name what exists, with its flags.

A page's blocks run in order, in one namespace and a temporary directory. Three
things stand in for what a reader has: `my_videos`, a folder of a few tiny clips, `LPC`,
a folder of tiny layers of characters, and a `fit` that stops after one step. Everything
else is as on the page.
"""

import ast
import functools
import importlib.util
import json
import re
import shutil

import keras
import pytest
from layer_files import write_layers
from processes import ROOT, run_backend

import keras_mocogan as km
from keras_mocogan.cli import main as console

pytestmark = pytest.mark.once

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NOTES = ROOT / "BUILD_NOTES.md"
SCRIPTS = sorted(
    path
    for folder in ("examples", "tools", "keras_mocogan/cli")
    for path in (ROOT / folder).rglob("*.py")
)
SHELL_SCRIPTS = sorted((ROOT / "tools").glob("*.sh"))
# "bash tools/quickstart.sh" hands its flags on to this script.
HANDS_ON = {"tools/quickstart.sh": "examples/train_mocogan.py"}
CONTINUATION = re.compile(r"\s*\\\n\s*")
COMMAND = re.compile(
    r"(?:^(?=\S+ )|\b(?:python|bash) )((?:examples|tools)/\w+\.(?:py|sh))(.*)"
)
CONSOLE = re.compile(r"\bkeras-mocogan ([a-z]+)\b((?: --[^`]*)?)")
# A wide gap, a comment or a pipe ends a command.
WHAT_FOLLOWS = re.compile(r"\s{3,}(?![\s-])|\s#|\s\|")
# The blocks that import them run where they are installed.
OPTIONAL = {"grain", "webdataset", "datasets"}
# Flags that the notes name, of TensorFlow's `saved_model_cli` and of every command.
FOREIGN_FLAGS = {"all", "inputs", "input_exprs", "help", "helpfull"}


def python_blocks(page):
    return re.findall(r"^```python\n(.*?)^```", page.read_text(), re.DOTALL | re.M)


def missing(code):
    """Those of the `OPTIONAL` libraries that a block imports and that are not there."""
    imports = [node for node in ast.walk(ast.parse(code)) if type(node) is ast.Import]
    names = {alias.name for node in imports for alias in node.names}
    return [name for name in names & OPTIONAL if not importlib.util.find_spec(name)]


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


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", list(filter(python_blocks, PAGES)), ids=lambda page: page.name
)
def test_the_python_of_a_page_runs(page, reader):
    names = {}
    for code in python_blocks(page):
        if not missing(code):
            exec(code, names)


def test_no_python_is_left_out():
    # Any other mark after the three ticks would hide a block from the test above.
    for page in [*PAGES, NOTES]:
        marks = re.findall(r"^ *```(.*)\n(?:.*\n)*? *```$", page.read_text(), re.M)
        assert set(marks) <= {"python", "bash", "{toctree}"}, page
        assert marks.count("python") == len(python_blocks(page))
    assert not python_blocks(NOTES)
    assert sum(len(python_blocks(page)) for page in PAGES) > 5


# === Commands ===


def spans(page):
    """Shell blocks and inline code of a page, each on one line."""
    text = page.read_text()
    for block in re.findall(r"^```bash\n(.*?)^```", text, re.DOTALL | re.M):
        yield from CONTINUATION.sub(" ", block).splitlines()
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.M)
    for span in re.findall(r"`([^`]+)`", text):
        yield " ".join(span.split())


def header(path):
    """The lines of a script's docstring, or of a shell script's first comment."""
    text = path.read_text()
    if path.suffix == ".py":
        text = ast.get_docstring(ast.parse(text)) or ""
    else:
        lines = [line for line in text.splitlines() if line.startswith("#")]
        text = "\n".join(line[1:] for line in lines)
    return CONTINUATION.sub(" ", text).splitlines()


def commands(lines):
    """`(script, arguments)` of each line that runs a script or `keras-mocogan`."""
    for line in lines:
        if found := COMMAND.search(line):
            yield found[1], WHAT_FOLLOWS.split(found[2])[0].split()
        elif found := CONSOLE.search(line):
            arguments = WHAT_FOLLOWS.split(found[2])[0].split()
            yield f"keras-mocogan {found[1]}", arguments


def loose_flags(lines):
    """Names of the flags in lines that name no script."""
    for line in lines:
        if line.startswith("--"):
            yield from re.findall(r"(?<!\S)--(\w+)", line)


@functools.cache
def told():
    """`(where, script, arguments)` of every command in the prose."""
    sources = {page: list(spans(page)) for page in [*PAGES, NOTES]}
    sources |= {path: header(path) for path in [*SCRIPTS, *SHELL_SCRIPTS]}
    return [
        (path.name, script, arguments)
        for path, lines in sources.items()
        for script, arguments in commands(lines)
    ]


# Parses each command line with the flags that its script or command defines, in one
# process:
# `{script: [arguments, ...]}` in, `{"complaints": [...], "flags": [...]}` out.
PARSER = """
import importlib, json, runpy, sys
from pathlib import Path
from absl import flags

own, complaints, known = set(flags.FLAGS), [], set()
own_folders = "examples", "tools", "keras_mocogan/cli"
for script, lines in json.loads(sys.argv[1]).items():
    modules, path = set(sys.modules), list(sys.path)
    if script.startswith("keras-mocogan "):
        importlib.import_module(f"keras_mocogan.cli.{script.split()[1]}")
    else:
        sys.path.insert(0, str(Path(script).parent))
        runpy.run_path(script)
    for line in lines:
        try:
            flags.FLAGS([script, *line])
        except flags.Error as error:
            complaints.append(f"{script} {' '.join(line)}: {error}")
        flags.FLAGS.unparse_flags()
    defined = set(flags.FLAGS) - own
    known |= defined
    flags.FLAGS.remove_flag_values(defined)
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        file = getattr(sys.modules[name], "__file__", None) or ""
        # Not the whole directory: the environment lies in it, and NumPy loads once.
        if any(Path(file).is_relative_to(Path(of).resolve()) for of in own_folders):
            del sys.modules[name]
print(json.dumps({"complaints": complaints, "flags": sorted(known)}))
"""


def exists(script):
    if script.startswith("keras-mocogan "):
        return script.split()[1] in console.COMMANDS
    return (ROOT / script).exists()


def test_commands_name_scripts_that_exist():
    missing = {(where, script) for where, script, _ in told() if not exists(script)}
    assert not missing and len(told()) > 40
    named = {script.split()[1] for _, script, _ in told() if " " in script}
    assert named == set(console.COMMANDS)


@pytest.mark.slow
def test_commands_name_flags_that_exist():
    lines = {}
    for _, script, arguments in told():
        script = HANDS_ON.get(script, script)
        # What --help needs is added by absl's `app.run`.
        helps = {"--help", "--helpfull"} & set(arguments)
        is_script = script.endswith(".py") and script.count("/") == 1
        # Without flags a command may be named only.
        is_command = " " in script and arguments
        if (is_script or is_command) and not helps:
            # A flag file is of an earlier run.
            given = [a for a in arguments if not a.startswith("--flagfile")]
            lines.setdefault(script, []).append(given)
    out = run_backend("tensorflow", PARSER, json.dumps(lines))
    answer = json.loads(out.splitlines()[-1])
    assert not answer["complaints"]
    loose = {name for page in [*PAGES, NOTES] for name in loose_flags(spans(page))}
    known = {prefix + name for name in answer["flags"] for prefix in ("", "no")}
    assert loose and loose - FOREIGN_FLAGS <= known


def test_files_that_pages_name_exist():
    folders = (ROOT, ROOT / "keras_mocogan", ROOT / "tools", ROOT / "docs")
    missing = []
    for page in [*PAGES, NOTES]:
        links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        named = [s for s in spans(page) if re.fullmatch(r"\w[\w/]*/\w+\.(py|sh)", s)]
        for name in [*links, *named]:
            if not any((folder / name).exists() for folder in folders):
                missing.append((page.name, name))
    assert not missing
