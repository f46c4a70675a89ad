"""Measures speed, one part at a time:

    python tools/benchmark.py step --peer=torch     the training step
    python tools/benchmark.py sample --peer=torch   videos a second
    python tools/benchmark.py scale                 the step over batch, frames, pixels
    python tools/benchmark.py input                 the reading of clips
    python tools/benchmark.py remote                records from object storage
    python tools/benchmark.py import                what importing adds to Keras
    python tools/benchmark.py serve                 an exported model and Keras' own
    python tools/benchmark.py processes --batch=4   two PyTorch processes against one
    python tools/benchmark.py quality               minutes until clips are good enough
    python tools/benchmark.py memory --batch=8      memory of recipes by size of frames

`quality` trains recipes for an hour each (benchmarks/quality.py). It and `memory` take
the recipes' own networks; what follows is about the other parts.

With the defaults a step has the paper's size: 3 clips of 16 frames of 64 pixels, 64
filters, instance noise 0.1. Each backend and dtype policy runs in a separate process.
The rounds of all contestants alternate, so that a machine that slows down slows all of
them. `--peer=torch` adds a plain PyTorch MoCoGAN (peer_torch.py), and compares every
contestant with it in float32. A table is printed; `--json=FILE` keeps all results.

The efficiency of a step is its useful arithmetic a second, counted from the layers'
shapes, as a share of the fastest convolution measured in the same run in that dtype.
"""

import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

from absl import app, flags
from benchmarks import (
    imports,
    memory,
    processes,
    quality,
    sampling,
    scaling,
    serving,
    steps,
)

flags.DEFINE_list("backends", ["tensorflow", "torch", "jax"], "Keras backends.")
flags.DEFINE_list("policies", ["float32", "mixed_bfloat16"], "dtype policies.")
flags.DEFINE_enum("peer", "none", ["none", "torch"], "What to compare with.")
flags.DEFINE_integer("image_size", 64, "Side of a frame.")
flags.DEFINE_integer("clip_frames", 16, "Frames of a clip.")
flags.DEFINE_integer("filters", 64, "Channels of the networks' first levels.")
flags.DEFINE_integer("batch", 3, "Clips in a step.", 1)
flags.DEFINE_float("instance_noise", 0.1, "Noise before the discriminators' layers.")
flags.DEFINE_float("seconds", 5.0, "Time of a round of `input`.", lower_bound=0.1)
flags.DEFINE_integer("steps", 3, "Steps, or calls, in a round.", 1)
flags.DEFINE_integer("rounds", 5, "Rounds.", 1)
flags.DEFINE_list(
    "recipes",
    None,
    "Recipes of MoCoGAN; for `quality` also peer and small_peer, the published one in "
    "plain PyTorch. Default of `quality`: peer,small_peer,published,short,modern; of "
    "`memory`: paper,modern.",
)
flags.DEFINE_list("sizes", ["64", "128", "256"], "For `memory`: sides of frames.")
flags.DEFINE_float("memory", 8.0, "For `memory`: GiB that a batch shall fit into.", 0.1)
flags.DEFINE_integer("accumulate", 1, "For `memory`: parts of each batch.", 1)
flags.DEFINE_float("minutes", 60.0, "Time of a training of `quality`.", 0.01)
flags.DEFINE_integer("seeds", 1, "Trainings of each row of `quality`.", 1)
flags.DEFINE_float("mark", None, "Distance to reach; default: the peer's at its end.")
flags.DEFINE_integer(
    "threads", len(os.sched_getaffinity(0)), "Of a training of `quality`.", 1
)
flags.DEFINE_string("output_dir", "runs/quality", "For what `quality` leaves.")
flags.DEFINE_alias("size", "image_size")
flags.DEFINE_alias("precisions", "policies")
flags.DEFINE_string("json", None, "File for the results.")
FLAGS = flags.FLAGS


def measure_input(options):
    from benchmarks import input  # needs both PyTorch and TensorFlow

    return input.run(options["rounds"], options["seconds"], options["steps"])


def measure_remote(options):
    from benchmarks import remote  # needs a server that takes the place of S3

    return remote.run(options["rounds"])


PARTS = {
    "step": steps.measure,
    "sample": sampling.measure,
    "scale": scaling.measure,
    "input": measure_input,
    "remote": measure_remote,
    "import": imports.measure,
    "serve": serving.measure,
    "processes": processes.measure,
    "quality": quality.measure,
    "memory": memory.measure,
}


def main(arguments):
    part = "".join(arguments[1:])
    if part not in PARTS:
        raise app.UsageError(f"Say what to measure: {', '.join(PARTS)}.")
    own = FLAGS.get_key_flags_for_module(__name__)
    options = {flag.name: flag.value for flag in own}
    results = PARTS[part](options)
    if FLAGS.json:
        text = json.dumps({"part": part, "options": options, "results": results})
        Path(FLAGS.json).write_text(text)


if __name__ == "__main__":
    app.run(main)
