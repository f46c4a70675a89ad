"""A preset's model card: `README.md` with a picture, as model hubs show it."""

import re
from pathlib import Path
from typing import Any

import keras

from keras_mocogan.utils.image_sizes import to_text
from keras_mocogan.version import __version__
from keras_mocogan.video.gif import write_gif

CARD, PICTURE = "README.md", "preview.gif"
# What `with_address` replaces.
_CALL = re.compile(r'from_preset\("[^"]*"\)')

_COLUMNS, _MOST_ROWS = 4, 4
_HEADER = """\
---
library_name: keras-mocogan
tags:
- keras
- video-generation
{license}---

# {name}

A trained {kind} that generates videos, for
[keras_mocogan](https://pypi.org/project/keras-mocogan/) on TensorFlow, JAX or PyTorch.

![Generated videos]({picture})

```python
import keras_mocogan as km

model = {call}.from_preset("{address}")
videos = model.generate(16, seed=0)
```

| | |
|---|---|
| frames | {size} pixels, {channels} channels |
| clips | {frames} frames |
| classes | {classes} |
| weights | {weights} |
| written by | keras_mocogan {version}, Keras {keras} |
"""


def write_card(
    model: keras.Model, folder: Path, address: str, about: dict[str, Any]
) -> None:
    """Writes the card and its picture.

    Args:
        model: The model.
        folder: `Path` of the preset.
        address: The preset's name or URL, for the call that loads it.
        about: As for `save_to_preset`.
    """
    rows = min(model.clip_spec.num_classes or _MOST_ROWS, _MOST_ROWS)
    videos = model.preview_videos(_COLUMNS, rows, seed=0)
    write_gif(folder / PICTURE, videos, fps=8, columns=_COLUMNS)
    parts = [_header(model, address, about)]
    if about.get("scores"):
        parts.append(_scores(about["scores"]))
    for title in ("command", "credits"):
        if about.get(title):
            parts.append(f"## {title.capitalize()}\n\n{about[title]}\n")
    (folder / CARD).write_text("\n".join(parts), "utf-8")


def with_address(text: str, address: str) -> str:
    """A card's text, with another address in the call that loads the preset."""
    return _CALL.sub(f'from_preset("{address}")', text)


def _header(model, address, about):
    spec = model.clip_spec
    named = f"license: {about['license']}\n" if about.get("license") else ""
    names = ", ".join(map(str, about.get("class_names") or ()))
    counts = (
        f"{network.name} {network.count_params():,}" for network in model.networks()
    )
    kind = type(model).__name__
    is_own = keras.saving.get_registered_object(f"keras_mocogan>{kind}") is type(model)
    return _HEADER.format(
        license=named,
        name=address.rpartition("/")[2],
        kind=kind,
        call=f"km.{kind}" if is_own else kind,
        picture=PICTURE,
        address=address,
        size=to_text(spec.image_size),
        channels=spec.channels,
        frames=spec.clip_frames,
        classes=f"{spec.num_classes}: {names}" if names else spec.num_classes or "none",
        weights=", ".join(counts),
        version=__version__,
        keras=keras.__version__,
    )


def _scores(scores):
    """A table; a score is a number, or a dictionary of `value` and `real` clips'."""
    lines = ["## Scores", "", "| measure | generated | real |", "|---|---|---|"]
    for name, score in scores.items():
        both = score if isinstance(score, dict) else {"value": score}
        lines.append(f"| {name} | {both.get('value')} | {both.get('real', '')} |")
    return "\n".join(lines) + "\n"
