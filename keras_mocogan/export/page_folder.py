"""A web page that generates videos in the browser."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import keras

from keras_mocogan.checks import check_integer
from keras_mocogan.export.onnx_folder import write_graphs
from keras_mocogan.export.page_directions import content_directions
from keras_mocogan.utils.remote.remote_path import as_path

_SOURCES = Path(__file__).with_name("page")
# The release that the page was tested with, and what it loads of it.
_RUNTIME = "https://cdn.jsdelivr.net/npm/onnxruntime-web@1.30.0/dist/"
_RUNTIME_FILES = (
    "ort.wasm.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
)
_MOST_ROWS = 8
_LOOKS = 4  # sliders of the content


def export_page(
    model: keras.Model,
    folder: str | os.PathLike[str],
    class_names: Sequence[str] | None = None,
    title: str = "Generated videos",
    runtime: str | os.PathLike[str] = "cdn",
    contents: int = 6,
    motions: int | None = None,
    fps: int = 8,
    credits: str | None = None,
) -> os.PathLike[str]:
    """Writes a static web page that generates videos with a MoCoGAN.

    The page shows a grid that plays: a column is a content, a row a motion, and the
    rows take the classes in turn. One of the videos is shown large; its content can be
    changed along four directions or mixed with another, and it can be saved as a GIF or
    as a strip of frames. Seed, length, speed, class and all of that are in the page's
    address, so a link shows the same again. The seed draws other videos than in
    `generate`; `km.export.page_latents` draws the same.

    Any web server will do, for all paths are relative, and nothing is sent to it. The
    graphs of `export_onnx` lie in the folder too.

    Args:
        model: A `MoCoGAN`, trained on any backend.
        folder: Folder to write, or its URL. It is made; files of the page's names are
            replaced, and other graphs of `export_onnx` removed.
        class_names: Names of the classes, in the order of the labels; None numbers
            them from 0.
        title: Title of the page.
        runtime: Where the page finds onnxruntime-web: `"cdn"`, jsDelivr's; or the
            folder `dist` of its npm package, of which three files are copied beside the
            page (14 MB).
        contents: Columns of the grid, 1 to 26.
        motions: Rows of the grid, 1 to 26; None means the number of classes, but at
            least 4 and at most 8.
        fps: Frames a second at first, 1 to 30.
        credits: Text below the videos, such as whose clips the model was trained on;
            None for none. `presets.about` has those of a preset.

    Returns:
        Path of `index.html`, or its URL.

    Raises:
        ValueError: As `export_onnx`; or if a number or `runtime` does not fit.
        ImportError: If the package onnx is missing.

    Example:

    ```python
    model = km.MoCoGAN.from_preset("shapes")
    km.export_page(model, "site", class_names=["right", "down"])
    # Then: python -m http.server --directory site
    ```
    """
    contents = check_integer("contents", contents, 1, 26)
    fps = check_integer("fps", fps, 1, 30)
    if motions is not None:
        motions = check_integer("motions", motions, 1, 26)
    runtime = None if runtime == "cdn" else _runtime_files(as_path(runtime))
    folder = as_path(folder)
    about = write_graphs(model, folder, class_names, score=False, encoder=False)
    page = {
        "title": title,
        "runtime": "runtime/" if runtime else _RUNTIME,
        "contents": contents,
        "motions": motions or min(max(4, model.num_classes), _MOST_ROWS),
        "fps": fps,
        "credits": credits,
        "most_frames": max(64, 2 * about["num_frames"]),
        "directions": content_directions(model, min(_LOOKS, model.content_dim)),
    }
    page["directions"] = [[round(float(x), 6) for x in d] for d in page["directions"]]
    text = json.dumps(page, ensure_ascii=False) + "\n"
    (folder / "page.json").write_text(text, "utf-8")
    for source in _SOURCES.iterdir():
        (folder / source.name).write_bytes(source.read_bytes())
    for source in runtime or ():
        (folder / "runtime").mkdir(exist_ok=True)
        (folder / "runtime" / source.name).write_bytes(source.read_bytes())
    return folder / "index.html"


def _runtime_files(runtime):
    files = [runtime / name for name in _RUNTIME_FILES]
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise ValueError(
            "`runtime` must be 'cdn', or the folder `dist` of the npm package "
            f"onnxruntime-web. Received: {runtime}, which lacks {', '.join(missing)}. "
            "`npm pack onnxruntime-web` brings it."
        )
    return files
