"""Lists the trained models that come with the package, tells about one, or shares it.

    keras-mocogan presets
    keras-mocogan presets --preset=hf://user/repo
    keras-mocogan presets --preset=mine --upload=user/repo

A preset is one of the package's, a folder that `export --format=preset` wrote, or its
URL. Uploading needs `pip install "keras-mocogan[hub]"` and a token: `hf auth login`.
"""

from absl import app, flags

import keras_mocogan as km
from keras_mocogan import presets
from keras_mocogan.utils.image_sizes import to_text

FIRST_FLAGS = "preset upload private"

flags.DEFINE_string("preset", None, "Tell about this one: a name, a folder, or a URL.")
flags.DEFINE_string("upload", None, "Upload it to the hub, as USER/REPO.")
flags.DEFINE_bool("private", False, "A repository that is made for it is private.")
FLAGS = flags.FLAGS


def describe(source):
    """A line about a preset."""
    model = km.load_model(source)
    weights = sum(network.count_params() for network in model.generating_networks())
    classes = f"{model.num_classes} classes" if model.num_classes else "no classes"
    return (
        f"{source:<12}{type(model).__name__}, {to_text(model.image_size)} pixels, "
        f"{model.clip_frames} frames, {classes}, {weights / 1e6:.1f} million weights"
    )


def tell(source):
    """All that is known about a preset, line by line."""
    print(describe(source))
    for title, value in presets.about(source).items():
        print(f"{title}:")
        if isinstance(value, dict):
            value = [f"{name} {told}" for name, told in value.items()]
        for line in value if isinstance(value, list) else str(value).splitlines():
            print(f"  {line}")


def main(_):
    """Lists presets, or uploads one."""
    if FLAGS.private and FLAGS.upload is None:
        raise app.UsageError("--private is for --upload. Leave it out.")
    if FLAGS.upload is not None:
        if FLAGS.preset is None:
            raise app.UsageError("Give --preset=FOLDER, which shall be uploaded.")
        url = presets.upload_to_hub(FLAGS.preset, FLAGS.upload, FLAGS.private)
        print(f"Uploaded. Use it: keras-mocogan generate --preset={url} --grid")
    elif FLAGS.preset is not None:
        tell(FLAGS.preset)
    else:
        for name in presets.names():
            print(describe(name))
        print("Use one: keras-mocogan generate --preset=NAME --grid")
