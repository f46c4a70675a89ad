"""Trains the classifier that judges; a child process of `compare_learning.py`.

    python -m learning.judge SETTINGS_JSON

Writes `classifier.keras`, and `real_pixels.npy` of 512 real clips, to the folder.
"""

import itertools
import json
import sys
from pathlib import Path

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import keras
import numpy as np

from learning.clips import make_dataset
from learning.measures import coarse_pixels

STEPS, REAL_CLIPS = 400, 512


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
    batches = make_dataset(data, batch_size=32, seed=1)
    real = itertools.islice(batches, REAL_CLIPS // 32)
    videos, labels = map(np.concatenate, zip(*real, strict=True))
    _, probabilities = model.classify(videos)
    hits = np.mean(probabilities.argmax(axis=1) == labels)
    pixels = coarse_pixels(videos)
    half = len(pixels) // 2
    floor = km.metrics.kernel_distance(pixels[:half], pixels[half:])
    print(f"{hits:.1%} of real clips right; kernel distance of halves {floor:.6f}")
    np.save(folder / "real_pixels.npy", pixels)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
