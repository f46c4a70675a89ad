"""Measures a model trained on moving shapes: one shape, one color, the right way?

    python tools/measure_shapes.py --model=runs/shapes/model.keras

For 256 generated clips, and for as many synthetic ones, it prints the share of a
frame's brightness in its largest object, the part of the frame that is bright, the
distance between the object's colors in two frames of a clip, the share of clips that
move as their class says, and the share whose object is square.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import keras
import numpy as np
from absl import app, flags

from keras_mocogan.metrics.coverage import SQUARE

flags.DEFINE_string("model", None, "A saved model, `.keras`.", required=True)
flags.DEFINE_integer("count", 256, "Number of clips.", lower_bound=2)
flags.DEFINE_integer("seed", 0, "Seed of the clips.")
flags.DEFINE_list(
    "directions",
    ["right", "down"],
    "The way each class moves; in the published clips up,left.",
)
FLAGS = flags.FLAGS


def measure(videos, labels):
    metrics = km.metrics
    wanted = np.array(FLAGS.directions)[labels]
    distances = metrics.content_distances(metrics.shape_colors(videos))
    return (
        np.median(metrics.object_share(videos)),
        np.median(metrics.bright_area(videos)),
        np.median(distances),
        distances.mean(),
        np.mean(np.array(metrics.path_directions(videos)) == wanted),
        np.mean(metrics.squareness(videos) > SQUARE),
    )


def main(_):
    model = keras.models.load_model(FLAGS.model)
    labels = np.arange(FLAGS.count) % len(FLAGS.directions)
    generated = model.generate(FLAGS.count, labels=labels, seed=FLAGS.seed)
    turns = {"right": "left_to_right", "left": "right_to_left"}
    turns |= {"down": "top_to_bottom", "up": "bottom_to_top"}
    real, real_labels = km.data.shape_motion(
        FLAGS.count,
        generated.shape[1],
        model.image_size,
        directions=[turns[way] for way in FLAGS.directions],
    )
    print(f"{FLAGS.count} clips{'generated':>35}{'synthetic':>12}")
    rows = (
        ("brightness in the largest object, median", "{:.1%}"),
        ("the frame's part that is bright, median", "{:.1%}"),
        ("distance of a clip's colors, median", "{:.1f}"),
        ("the same, mean: ACD, of 255", "{:.1f}"),
        ("clips that move as their class says", "{:.1%}"),
        ("squares", "{:.1%}"),
    )
    scores = zip(measure(generated, labels), measure(real, real_labels), strict=True)
    for (name, form), pair in zip(rows, scores, strict=True):
        print(f"{name:<42}" + "".join(f"{form.format(v):>10}" for v in pair))


if __name__ == "__main__":
    app.run(main)
