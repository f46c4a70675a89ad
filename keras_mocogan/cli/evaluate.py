"""Scores a saved model, a preset, or a folder of generated videos, against real ones.

    keras-mocogan evaluate --model=runs/shapes/model.keras --dataset=shapes \\
        --classifier=classifier.keras
    keras-mocogan evaluate --preset=shapes --dataset=shapes
    keras-mocogan evaluate --model=model.keras --data_dir=clips --i3d=i3d.pt \\
        --protocol=styleganv_fvd2048_16f --real_features=real.npz

Prints the ACD of a shape's color; with a classifier from `keras-mocogan classifier`
also MCS, inception score, Fréchet and kernel distances; with I3D's weights these
distances in its features. The scores of real videos are printed beside them. With the
protocol of a paper it prints that paper's score only. A JSON file keeps the scores and
all settings.
"""

import itertools
import json

import keras
import numpy as np
from absl import app, flags

import keras_mocogan as km
from keras_mocogan.cli import protocol_scores, resizing, sizes, stored
from keras_mocogan.cli.protocol_scores import UNSEEN
from keras_mocogan.metrics import report
from keras_mocogan.sampling.decoding import with_time
from keras_mocogan.sampling.first_frames import contents_like
from keras_mocogan.utils.files import replacing

FIRST_FLAGS = (
    "model preset videos data_dir dataset classifier i3d protocol real_features count "
    "colors output"
)
# Numbers of videos: the paper's for ACD, and the usual one for FVD.
PROTOCOLS = {"paper": 256, "fvd2048": 2048}
_SIZES = "image_size", "clip_frames", "channels"

flags.DEFINE_string("videos", None, "Or a folder of generated videos.")
flags.DEFINE_string("data_dir", None, "Real videos: folder, strips or records.")
flags.DEFINE_enum("dataset", None, ["shapes"], "Synthetic videos instead of a folder.")
flags.DEFINE_integer("frame_stride", 1, "Take every n-th frame of the real videos.")
sizes.define(__name__, 64, "Side of frames, or height x width, of --videos.")
flags.DEFINE_integer("clip_frames", 16, "Frames of a clip, of --videos.")
flags.DEFINE_integer("channels", 3, "Channels of a frame, of --videos.")
flags.DEFINE_string("classifier", None, "From `keras-mocogan classifier`.")
flags.DEFINE_string("i3d", None, "I3D's weights: TorchScript file or SavedModel.")
flags.DEFINE_enum(
    "protocol",
    "paper",
    [*PROTOCOLS, *protocol_scores.names()],
    "A table for 256 videos or 2,048, or FVD or inception score as in a paper.",
)
flags.DEFINE_integer("count", None, "Videos; default: the protocol's.", lower_bound=2)
flags.DEFINE_bool("colors", True, "Measure ACD of the color of one bright shape.")
flags.DEFINE_integer("seed", 0, "Seed of the generated videos and of all draws.")
flags.DEFINE_string("output", "scores.json", "Where scores and settings go.")
flags.adopt_module_key_flags(protocol_scores)
flags.adopt_module_key_flags(resizing)
flags.adopt_module_key_flags(stored)
FLAGS = flags.FLAGS


def read(source, count, classes, **size):
    """At most `count` clips of a source, uint8, and their labels or None."""
    dataset = km.data.video_dataset(
        source, batch_size=1, seed=FLAGS.seed, **resizing.arguments(), **size
    )
    if None not in (classes, dataset.class_names) and classes != dataset.class_names:
        raise ValueError(
            f"The classes of {source} must be those of the classifier, {classes}. "
            f"Received: {dataset.class_names}. Train a classifier on these clips."
        )
    parts = list(itertools.islice(dataset, count))
    print(f"{len(parts)} of {dataset.num_clips} clips of {source}")
    if dataset.num_classes:
        return tuple(map(np.concatenate, zip(*parts, strict=True)))
    return np.concatenate(parts), None


def load(count, classes, size):
    """Generated and real videos, `count` of each, both with labels or None."""
    if FLAGS.videos is None:
        model = stored.load()
        size |= {name: getattr(model, name) for name in size}
        labels = np.arange(count) % model.num_classes if model.num_classes else None
        real = _real(count, classes, size)
        like = contents_like(model, real[0], count)
        frames = model.clip_frames
        videos = model.generate(count, frames, labels, seed=FLAGS.seed, **like)
        return (with_time(videos), labels), real
    generated = read(FLAGS.videos, count, classes, **size)
    return generated, _real(count, classes, size)


def _real(count, classes, size):
    if FLAGS.dataset == "shapes":
        frames, side = size["clip_frames"], size["image_size"]
        return km.data.shape_motion(count, frames, side, seed=UNSEEN)
    size["frame_stride"] = FLAGS.frame_stride
    return read(FLAGS.data_dir, count, classes, **size)


def table(size):
    """Prints scores of all that the flags give; returns what the JSON file keeps."""
    usual = PROTOCOLS[FLAGS.protocol]
    count = FLAGS.count or usual
    judge = km.metrics.load_classifier(FLAGS.classifier) if FLAGS.classifier else None
    i3d = km.metrics.i3d(FLAGS.i3d) if FLAGS.i3d else None
    # Twice the count, because distances compare two halves.
    sets = load(2 * count, judge and judge.class_names, size)
    scores = report.evaluate_videos(*sets, judge, i3d, FLAGS.colors, FLAGS.seed, count)
    there = [len(videos) for videos, _ in sets]
    used = min(count, *there)
    changed = "" if used == usual else f" changed to {used:,} videos"
    print(
        f"Protocol {FLAGS.protocol}{changed}: {sets[0][0].shape[1]} frames, "
        f"{report.about_counts(count, *there)}"
    )
    print(report.to_table(scores))
    if judge:
        print(f"The classifier's score on held-out clips: {judge.held_out}")
    return {
        "scores": [score._asdict() for score in scores],
        "classifier": judge and judge.held_out,
        "videos": {"generated": sets[0][0].shape, "real": sets[1][0].shape},
        "settings": size | {"count": count},
    }


def _refuse_sizes():
    """Refuses sizes beside a model, which has its own."""
    given = [f"--{name}" for name in _SIZES if FLAGS[name].present]
    if given and FLAGS.videos is None:
        raise app.UsageError(
            f"{', '.join(given)}: sizes are the model's, unless --videos is given. "
            "Leave them out."
        )


def main(_):
    """Scores the videos that the flags name."""
    if [FLAGS.model, FLAGS.preset, FLAGS.videos].count(None) != 2:
        raise app.UsageError(
            "Give one of --model=FILE, --preset=NAME and --videos=FOLDER. "
            "`keras-mocogan presets` lists the names."
        )
    _refuse_sizes()
    measure = protocol_scores.measure()
    if (FLAGS.real_features or FLAGS.extrapolate) and measure != "fvd":
        raise app.UsageError(
            "--real_features and --extrapolate are for FVD by the --protocol of a "
            "paper, such as styleganv_fvd2048_16f."
        )
    has_real = (FLAGS.data_dir is None) != (FLAGS.dataset is None)
    if not has_real and measure != "inception_score":
        raise app.UsageError("Give either --data_dir=FOLDER or --dataset=shapes.")
    if not (FLAGS.colors or FLAGS.classifier or FLAGS.i3d):
        raise app.UsageError("Nothing to measure: give --classifier or --i3d.")
    size = {name: FLAGS[name].value for name in _SIZES}
    results = protocol_scores.show(size) if measure else table(size)
    own = {f.name: f.value for f in FLAGS.get_key_flags_for_module(__name__)}
    results["settings"] = own | results["settings"]
    results["versions"] = {"keras_mocogan": km.__version__, "keras": keras.__version__}
    with replacing(FLAGS.output) as part:
        part.write_text(json.dumps(results, indent=2) + "\n")
