"""Trains the classifier that judges; a child process of `compare_learning.py`.

    python -m learning.judge SETTINGS_JSON

Writes `classifier.keras`, and `real_pixels.npy` of 512 real clips, to the folder.
Moving shapes are other ones than those of the trainings. Of a folder of clips, which
may be small, they are the clips that all variants learn from, at random windows.
"""

import itertools
import json
import sys
from pathlib import Path

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import keras
import numpy as np

from learning.clips import make_dataset
from learning.measures import coarse_pixels, held_out_shapes

STEPS, REAL_CLIPS = 400, 512


def real_clips(data):
    """`(videos, labels)`, and what to call them."""
    if data["source"] == "shapes":
        return *held_out_shapes(data), "held-out shapes"
    batches = make_dataset(data, batch_size=32, seed=1)
    parts = itertools.islice(batches, REAL_CLIPS // 32)
    return *map(np.concatenate, zip(*parts, strict=True)), "the clips learned from"


def main(settings):
    folder, data = Path(settings["folder"]), settings["data"]
    keras.utils.set_random_seed(0)
    model = km.metrics.VideoClassifier(
        len(data["directions"]), data["image_size"], 3, data["clip_frames"], 16
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    decay = keras.optimizers.schedules.CosineDecay(2e-3, STEPS)
    model.compile(keras.optimizers.Adam(decay), {"logits": loss})
    batches = make_dataset(data, batch_size=16, repeat=True)
    clips = ((videos, {"logits": labels}) for videos, labels in batches)
    model.fit(clips, steps_per_epoch=STEPS, verbose=0)
    model.save(folder / "classifier.keras")
    videos, labels, which = real_clips(data)
    _, probabilities = model.classify(videos)
    hits = np.mean(probabilities.argmax(axis=1) == labels)
    pixels = coarse_pixels(videos)
    half = len(pixels) // 2
    floor = km.metrics.kernel_distance(pixels[:half], pixels[half:])
    print(f"{hits:.1%} of {which} right; kernel distance of halves {floor:.6f}")
    np.save(folder / "real_pixels.npy", pixels)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
