"""Decodes and resizes clips once, and writes TFRecord shards, which are read faster.

    keras-mocogan records --source=my_videos --output_dir=my_records \\
        --image_size=64 --workers=2

The other commands read them with `--data_dir=my_records`. An interrupted run goes on
when you start it again with the same flags, and ends with the same bytes.
"""

import keras
from absl import flags

import keras_mocogan as km
from keras_mocogan.cli import resizing, sizes

FIRST_FLAGS = (
    "source output_dir image_size channels resize fps image_format quality workers "
    "on_error"
)

flags.DEFINE_string("source", None, "Folder, file or URL of clips.", required=True)
flags.DEFINE_string(
    "output_dir", None, "Folder for the shards, or its URL.", required=True
)
sizes.define(__name__, 64, "Side of square frames, or height x width, in pixels.")
flags.DEFINE_integer("channels", 3, "1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.")
flags.DEFINE_float("fps", None, "Frames a second of the records; default: as they are.")
flags.DEFINE_enum("layout", "auto", ["auto", "files", "frames"], "What a clip is.")
flags.DEFINE_enum("image_format", "jpeg", ["jpeg", "raw"], "Small, or exact.")
flags.DEFINE_integer("quality", 95, "JPEG quality, 1 to 95.")
flags.DEFINE_integer("clips_per_shard", 256, "Clips in a shard.")
flags.DEFINE_integer("seed", 0, "Seed of the order of the clips.")
flags.DEFINE_integer("workers", 1, "Processes in parallel.")
flags.DEFINE_enum("on_error", "skip", ["skip", "raise"], "What to do at a broken clip.")
flags.adopt_module_key_flags(resizing)
FLAGS = flags.FLAGS

_ARGUMENTS = (
    "image_size channels fps layout image_format quality clips_per_shard seed "
    "workers on_error"
)


def main(_):
    """Converts clips to records."""
    bar = keras.utils.Progbar(None, unit_name="shard")

    def show(done, of):
        bar.target = of
        bar.update(done)

    num_clips = km.data.write_records(
        FLAGS.source,
        FLAGS.output_dir,
        on_progress=show,
        **resizing.arguments(),
        **{name: FLAGS[name].value for name in _ARGUMENTS.split()},
    )
    print(f"Wrote {num_clips} clips to {FLAGS.output_dir}.")
