"""Measures speed: `step`, the training step, or `input`, the reading of clips.

    python tools/benchmark.py step                             the paper's size
    python tools/benchmark.py step --backends=torch --instance_noise=0 --image_size=32
    python tools/benchmark.py input

`step` runs each backend and dtype policy in a process of its own. It prints the median
and the spread of a step's seconds, and the seconds that the first step takes,
compilation included. `input` prints the clips a second of every kind of source, and of
the loops that it is measured against. Rounds of all contestants alternate, so that a
machine that slows down slows all of them.
"""

import json
import os
import statistics
import subprocess
import sys
import time

from absl import app, flags

flags.DEFINE_list("backends", ["tensorflow", "torch", "jax"], "Keras backends.")
flags.DEFINE_list("policies", ["float32", "mixed_bfloat16"], "dtype policies.")
flags.DEFINE_integer("image_size", 64, "Side of a frame.")
flags.DEFINE_integer("clip_frames", 16, "Frames of a clip.")
flags.DEFINE_integer("filters", 64, "Channels of the networks' first levels.")
flags.DEFINE_integer("batch_size", 3, "Clips in a step.")
flags.DEFINE_float("instance_noise", 0.1, "Noise before the discriminators' layers.")
flags.DEFINE_float("seconds", 5.0, "Of each round of `input`.", lower_bound=0.1)
flags.DEFINE_integer("steps", 3, "Steps in a round.", lower_bound=1)
flags.DEFINE_integer("rounds", 3, "Rounds.", lower_bound=1)
FLAGS = flags.FLAGS


def serve_rounds(settings):
    """Child process: a round of steps for every line on standard input."""
    import keras_mocogan as km  # isort: skip  (first: it readies TensorFlow)
    import numpy as np

    size, frames, batch = (settings[k] for k in ("image_size", "clip_frames", "batch"))
    model = km.MoCoGAN(
        image_size=size,
        clip_frames=frames,
        generator_filters=settings["filters"],
        discriminator_filters=settings["filters"],
        instance_noise=settings["instance_noise"],
        dtype=settings["policy"],
        seed=0,
    )
    model.compile()
    shape = (batch, frames, size, size, 3)
    videos = np.random.default_rng(0).integers(0, 256, shape, "uint8")
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            start = time.perf_counter()
            model.train_on_batch(videos)  # returns logs as numbers: the step is done
            seconds.append(time.perf_counter() - start)
        print(json.dumps(seconds), flush=True)


class Contestant:
    """One backend and policy in a process that waits for its rounds."""

    def __init__(self, backend, policy):
        self.name = f"{backend} {policy}"
        self.times = []
        settings = {
            "policy": policy,
            "batch": FLAGS.batch_size,
            **{
                name: FLAGS[name].value
                for name in ("image_size", "clip_frames", "filters", "instance_noise")
            },
        }
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--child", json.dumps(settings)],
            env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.first, *_ = self.round(1) or [None]

    def round(self, steps):
        """Seconds of each step; none where it has failed, and said why above."""
        if self.process.poll() is None:
            print(steps, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline() or "[]")

    def row(self):
        if not self.times:
            return f"{self.name:<28}{'failed':>9}"
        low, high = min(self.times), max(self.times)
        median = statistics.median(self.times)
        return f"{self.name:<28}{median:>9.3f}{low:>9.3f}{high:>9.3f}{self.first:>9.1f}"


def main(arguments):
    part = "".join(arguments[1:])
    if part == "step":
        measure_steps()
    elif part == "input":
        import benchmark_input

        benchmark_input.run(FLAGS.rounds, FLAGS.seconds, FLAGS.steps)
    else:
        raise app.UsageError("Say what to measure: step or input.")


def measure_steps():
    contestants = [
        Contestant(backend, policy)
        for backend in FLAGS.backends
        for policy in FLAGS.policies
    ]
    for _ in range(FLAGS.rounds):
        for contestant in contestants:
            if contestant.first is not None:
                contestant.times += contestant.round(FLAGS.steps)
    print(f"{'seconds a step':<28}{'median':>9}{'least':>9}{'most':>9}{'first':>9}")
    for contestant in contestants:
        print(contestant.row())
        contestant.process.stdin.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        serve_rounds(json.loads(sys.argv[2]))
    else:
        app.run(main)
