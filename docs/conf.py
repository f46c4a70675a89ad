"""Settings of the documentation site, which `bash tools/docs.sh` builds."""

import os
import re
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras_mocogan  # noqa: E402

project = "keras_mocogan"
author = "The keras_mocogan authors"
copyright = "The keras_mocogan authors"
version = release = keras_mocogan.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
# The outputs that lie in the notebooks: tools/notebooks.sh makes them.
nb_execution_mode = "off"
# Single backticks in docstrings are code.
default_role = "code"
autodoc_typehints = "description"
autodoc_member_order = "bysource"
exclude_patterns = ["jupyter_execute", "_build"]
# Every type that a signature names is on a page. Those of other projects are not
# linked, because their inventories would have to be downloaded for each build.
nitpicky = True
nitpick_ignore_regex = [
    ("py:class", r"(collections|keras|numpy|os|pathlib|tf)\..*"),
    ("py:class", r"PythonDataset|.*\.Kind"),  # an iterable; a type variable
    ("py:class", r".*\.RemotePath"),  # a path at a URL, which users write as text
]

html_theme = "furo"
html_title = f"keras_mocogan {version}"

_FENCE = re.compile(r"^```(\w*)$")


def _fences_as_directives(app, what, name, obj, options, lines):
    """Turns the fenced examples of a docstring into what reStructuredText has."""
    inside, found = False, []
    for line in lines:
        opening = _FENCE.match(line.strip())
        if not inside and opening:
            indent = line[: len(line) - len(line.lstrip())]
            found += [f"{indent}.. code-block:: {opening[1] or 'python'}", ""]
            inside = True
        elif inside and line.strip() == "```":
            found.append("")
            inside = False
        else:
            found.append(f"    {line}" if inside and line.strip() else line)
    lines[:] = found


def setup(app):
    # Before napoleon, which reads the sections.
    app.connect("autodoc-process-docstring", _fences_as_directives, priority=100)
