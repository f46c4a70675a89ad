"""Writes clips of pixel-art characters to a folder that `video_dataset` reads.

    python tools/make_sprites.py --layers_dir=LPC --output_dir=sprites \\
        --num_videos=6000 --split=training

`LPC` is a clone of https://github.com/ElizaWy/LPC, or part of one. 6,000 clips of 8
frames take half a minute and 50 MB. The output also holds `attributes.csv`, which says
what each character wears (a record's name ends in the table's `clip`), and the layers'
credits: publish them with the clips.

`video_dataset` numbers the classes in alphabetical order.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import contextlib
import csv
import shutil
import tempfile
from pathlib import Path

from absl import app, flags
from PIL import Image

flags.DEFINE_string("layers_dir", None, "Folder with `Characters`.", required=True)
flags.DEFINE_string("output_dir", None, "A new folder.", required=True)
flags.DEFINE_integer("num_videos", 6000, "Number of clips.", lower_bound=1)
# A strip of two square frames is taken for a picture.
flags.DEFINE_integer("num_frames", 8, "Frames of a clip.", lower_bound=3)
flags.DEFINE_integer("seed", 0, "Seed of characters and starts.", lower_bound=0)
flags.DEFINE_list("actions", list(km.data.SPRITE_ACTIONS), "What they do.")
flags.DEFINE_list("directions", list(km.data.SPRITE_DIRECTIONS), "Where they face.")
flags.DEFINE_enum("background", "black", ["black", "color"], "Black, or one per clip.")
flags.DEFINE_enum("split", "all", ["all", "training", "held_out"], "Which characters.")
flags.DEFINE_enum("format", "strips", ["strips", "records"], "PNG files, or shards.")
FLAGS = flags.FLAGS

_ARGUMENTS = "layers_dir num_videos num_frames seed actions directions background split"


def main(_):
    output = Path(FLAGS.output_dir).expanduser()
    if output.exists() and any(output.iterdir()):
        raise app.UsageError(f"--output_dir must be new or empty. Received: {output}.")
    clips = km.data.sprites(**{name: FLAGS[name].value for name in _ARGUMENTS.split()})
    output.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        folder = output
        if FLAGS.format == "records":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        write_strips(folder, clips)
        if FLAGS.format == "records":
            km.data.write_records(folder, output, layout="files", image_format="raw")
    write_attributes(output / "attributes.csv", clips)
    copy_credits(Path(FLAGS.layers_dir).expanduser(), output)
    print(f"Wrote {len(clips.videos)} clips to {output}.")


def write_strips(folder, clips):
    """Writes each clip as a row of frames, in a folder of its class."""
    for name in clips.class_names:
        (folder / name).mkdir()
    for i, video in enumerate(clips.videos):
        frames, height, width, channels = video.shape
        strip = video.swapaxes(0, 1).reshape(height, frames * width, channels)
        Image.fromarray(strip).save(folder / clip_name(clips, i))


def write_attributes(path, clips):
    """Writes a table with a row for each clip, and with names instead of numbers."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["clip", "class", *clips.attributes])
        for i, label in enumerate(clips.labels):
            values = [
                clips.attribute_names[name][numbers[i]]
                for name, numbers in clips.attributes.items()
            ]
            table.writerow([clip_name(clips, i), clips.class_names[label], *values])


def clip_name(clips, i):
    return f"{clips.class_names[clips.labels[i]]}/{i:06d}.png"


def copy_credits(layers_dir, output):
    """Copies the credits, because the layers' license requires the artists' names."""
    targets = {
        path: output / "credits" / path.relative_to(layers_dir)
        for path in layers_dir.rglob("Credits.txt")
    }
    if (layers_dir / "ATTRIBUTION.md").is_file():
        targets[layers_dir / "ATTRIBUTION.md"] = output / "ATTRIBUTION.md"
    for path, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


if __name__ == "__main__":
    app.run(main)
