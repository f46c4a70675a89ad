"""The pages: their commands and links name what exists."""

import ast
import functools
import json
import re
import urllib.parse

import pytest
from processes import ROOT, run_backend

from keras_mocogan.cli import main as console

pytestmark = pytest.mark.once

PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *(
        path
        for path in sorted((ROOT / "docs").rglob("*.md"))
        if "_build" not in str(path)
    ),
]
NOTES = ROOT / "BUILD_NOTES.md"
SCRIPTS = sorted(
    path
    for folder in ("examples", "tools", "keras_mocogan/cli")
    for path in (ROOT / folder).rglob("*.py")
)
SHELL_SCRIPTS = sorted((ROOT / "tools").glob("*.sh"))
# These scripts hand their flags on to others.
HANDS_ON = {
    "tools/quickstart.sh": "examples/train_mocogan.py",
    "tools/notebooks.sh": "tools/run_notebooks.py",
}
CONTINUATION = re.compile(r"\s*\\\n\s*")
COMMAND = re.compile(
    r"(?:^(?=\S+ )|\b(?:python|bash) )((?:examples|tools)/\w+\.(?:py|sh))(.*)"
)
CONSOLE = re.compile(r"\bkeras-mocogan ([a-z]+)\b((?: --[^`]*)?)")
# A wide gap, a comment or a pipe ends a command.
WHAT_FOLLOWS = re.compile(r"\s{3,}(?![\s-])|\s#|\s\|")
# Flags that the notes name, of TensorFlow's `saved_model_cli`, of `torchrun`, and of
# every command.
FOREIGN_FLAGS = {
    "all",
    "help",
    "helpfull",
    "input_exprs",
    "inputs",
    "shutdown_timeout",
}


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
            lines.setdefault(script, []).append(arguments)
    out = run_backend("tensorflow", PARSER, json.dumps(lines))
    answer = json.loads(out.splitlines()[-1])
    assert not answer["complaints"]
    loose = {name for page in [*PAGES, NOTES] for name in loose_flags(spans(page))}
    known = {prefix + name for name in answer["flags"] for prefix in ("", "no")}
    assert loose and loose - FOREIGN_FLAGS <= known


# === Links ===

HEADING = re.compile(r"^(#+) (.+)$", re.M)
LINK = re.compile(r"\]\(([^)\s]+)\)")
BARE = re.compile(r"<(\w+:[^>\s]+)>|(?<![(<\w])(https?://[^\s`)>]+)")
FILE = re.compile(r"\w[\w/]*/\w+\.(?:py|sh|md|json)")
DEEPEST_ANCHOR = 3  # as in docs/conf.py


def prose(page):
    """A page's text without its blocks and its inline code."""
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.DOTALL | re.M)
    return re.sub(r"`[^`]+`", "", text)


def anchors(page):
    """The names that a page's headings get on GitHub and in the built pages."""
    blocks = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.M)
    for marks, title in HEADING.findall(blocks.sub("", page.read_text())):
        if len(marks) <= DEEPEST_ANCHOR:
            words = re.sub(r"[^\w\s-]", "", title.lower())
            yield re.sub(r"\s", "-", words.strip())


def broken(page, link):
    """Whether a link leads nowhere, seen from its page; other sites are not asked."""
    if ":" in link:
        found = urllib.parse.urlsplit(link)
        return found.scheme != "https" or "." not in found.netloc
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return not target.exists() or bool(anchor and anchor not in anchors(target))


def test_links_lead_somewhere():
    links = [
        (page, link) for page in [*PAGES, NOTES] for link in LINK.findall(prose(page))
    ]
    addresses = [
        (page, one or other)
        for page in [*PAGES, NOTES]
        for one, other in BARE.findall(prose(page))
    ]
    assert len(links) > 20 and addresses
    assert [(p.name, link) for p, link in links + addresses if broken(p, link)] == []


def test_broken_links_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One title\n\n### `Code`, and more\n\n#### Too deep\n")
    good = "page.md", "#one-title", "page.md#code-and-more", "https://keras.io/api"
    assert not any(broken(page, link) for link in good)
    bad = "no.md", "#two", "page.md#too-deep", "http://keras.io", "https://keras"
    assert all(broken(page, link) for link in bad)


def test_tables_of_contents_name_every_page():
    index = ROOT / "docs" / "index.md"
    blocks = re.findall(
        r"^```{toctree}\n(.*?)^```", index.read_text(), re.DOTALL | re.M
    )
    listed = [
        line
        for block in blocks
        for line in block.splitlines()
        if line and not line.startswith(":")
    ]
    docs = ROOT / "docs"
    files = [*PAGES, *docs.glob("tutorials/*.ipynb")]
    pages = {page.relative_to(docs) for page in files if page.is_relative_to(docs)}
    pages = {str(page.with_suffix("")) for page in pages} - {"index"}
    assert sorted(listed) == sorted(pages)


def test_files_that_pages_name_exist():
    folders = (ROOT, ROOT / "keras_mocogan", ROOT / "tools", ROOT / "docs")
    named = [
        (page.name, name)
        for page in [*PAGES, NOTES]
        for name in spans(page)
        if FILE.fullmatch(name)
    ]
    assert len(named) > 20
    assert [n for n in named if not any((f / n[1]).exists() for f in folders)] == []
