"""How frames of another aspect are brought to the wanted size."""

from absl import flags

from keras_mocogan.data.resize_modes import RESIZES

flags.DEFINE_enum(
    "resize",
    "crop",
    list(RESIZES),
    "Take the middle, change the aspect, or keep the whole frame between borders.",
)
flags.DEFINE_integer(
    "fill_value", 0, "Borders of --resize=pad: 0 is black, 255 white.", 0, 255
)
FLAGS = flags.FLAGS


def arguments():
    """The arguments of `video_dataset` and `write_records` that the flags give."""
    return {"resize": FLAGS.resize, "fill_value": FLAGS.fill_value}
