"""Exports a model: a SavedModel, graphs, a page for the browser, or a preset.

    keras-mocogan export --model=m.keras --output=exported --device=cpu
    keras-mocogan export --model=m.keras --output=graphs --format=onnx
    keras-mocogan export --model=m.keras --output=graphs --format=litert
    keras-mocogan export --preset=shapes --output=site --format=page
    keras-mocogan export --model=m.keras --output=mine --format=preset

Any backend may have trained it. A SavedModel needs only TensorFlow to be served; see
`keras_mocogan.export_saved_model` for its signatures, and `export_onnx`,
`export_litert` and `export_page` for the others. A page is opened through a web server,
`python -m http.server --directory site`. A preset is a folder that all commands take,
as --preset=mine.
"""

import json

from absl import app, flags

import keras_mocogan as km
from keras_mocogan.cli import stored
from keras_mocogan.utils.remote.remote_path import as_path

FIRST_FLAGS = "model preset output format class_names about title runtime device"

flags.DEFINE_string("output", None, "A new folder.", required=True)
flags.DEFINE_enum(
    "format",
    "saved_model",
    ["saved_model", "onnx", "litert", "page", "preset"],
    "Kind.",
)
flags.DEFINE_list(
    "class_names",
    None,
    "Names of the classes, for all but a SavedModel; default: a preset's.",
)
flags.DEFINE_string(
    "about",
    None,
    "JSON file: what is known of a preset, any of scores, credits, command, license.",
)
flags.DEFINE_enum(
    "dtype",
    "float32",
    ["float32", "float16"],
    "Of a preset's weights; float16 makes half of the bytes.",
)
flags.DEFINE_string("title", "Generated videos", "Title of the page.")
flags.DEFINE_string(
    "runtime",
    "cdn",
    "Where the page finds onnxruntime-web: cdn, or the folder dist of its npm package.",
)
flags.DEFINE_enum(
    "device", None, ["cpu", "gpu"], "Where a SavedModel runs; default: as here."
)
flags.adopt_module_key_flags(stored)
FLAGS = flags.FLAGS
# Flags that only some formats have a use for.
_OF_FORMATS = {
    "device": ("saved_model",),
    "class_names": ("onnx", "litert", "page", "preset"),
    "about": ("preset",),
    "dtype": ("preset",),
    "title": ("page",),
    "runtime": ("page",),
}


def main(_):
    for name, formats in _OF_FORMATS.items():
        if FLAGS[name].present and FLAGS.format not in formats:
            raise app.UsageError(
                f"--{name} is for --format={' or '.join(formats)}. Received: "
                f"--format={FLAGS.format}. Leave it out."
            )
    print(_WRITERS[FLAGS.format](stored.load()))


def _write_saved_model(model):
    device = km.export_saved_model(model, FLAGS.output, FLAGS.device)
    return (
        f"Saved {FLAGS.output}, for a {device.upper()}. Serve it: keras-mocogan serve "
        f"--model={FLAGS.output}"
    )


def _write_onnx(model):
    about = km.export_onnx(model, FLAGS.output, _class_names())
    return f"Saved {FLAGS.output}: {_graphs(about, 'onnx')}score.onnx, model.json."


def _write_litert(model):
    about = km.export_litert(model, FLAGS.output, _class_names())
    return f"Saved {FLAGS.output}: {_graphs(about, 'tflite')}model.json."


def _graphs(about, form):
    names = ["motion_start"] * about["motion_start"]
    names += ["motion_step", "image_generator"]
    names += ["image_encoder"] * about["image_encoder"]
    return "".join(f"{name}.{form}, " for name in names)


def _write_page(model):
    credits = stored.about().get("credits")
    km.export_page(
        model, FLAGS.output, _class_names(), FLAGS.title, FLAGS.runtime, credits=credits
    )
    return (
        f"Saved {FLAGS.output}. Open it: python -m http.server --directory "
        f"{FLAGS.output}"
    )


def _write_preset(model):
    about = km.presets.about(FLAGS.preset) if FLAGS.preset else {}
    if FLAGS.about:
        about |= _read_about()
    if FLAGS.class_names:
        about["class_names"] = FLAGS.class_names
    model.save_to_preset(FLAGS.output, about, FLAGS.dtype)
    return (
        f"Saved {FLAGS.output}. Use it: keras-mocogan generate --preset={FLAGS.output}"
    )


def _read_about():
    try:
        read = json.loads(as_path(FLAGS.about).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise app.UsageError(f"--about must be a JSON file. {error}") from None
    if not isinstance(read, dict):
        raise app.UsageError(
            f"--about must hold a dictionary. Received: a {type(read).__name__}."
        )
    return read


def _class_names():
    return FLAGS.class_names or stored.class_names()


_WRITERS = {
    "saved_model": _write_saved_model,
    "onnx": _write_onnx,
    "litert": _write_litert,
    "page": _write_page,
    "preset": _write_preset,
}
