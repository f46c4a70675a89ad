"""The `serve` part of benchmark.py: an exported model and the Keras model.

Each round is a fresh process. It measures the time to the first video, with imports and
loading, and then videos a second.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.contestants import print_table, spread

COUNTS = (1, 16)
KERAS = """
import keras_mocogan, keras
model = keras.models.load_model({path!r})
generate = lambda n: model.generate(n, seed=0)
"""
# With TensorFlow alone, like a server.
EXPORTED = """
import sys
sys.modules["keras"] = sys.modules["keras_mocogan"] = None
import tensorflow as tf
signature = tf.saved_model.load({path!r}).signatures["serving_default"]
def generate(n):
    return signature(seed=tf.constant(0, tf.int64), count=tf.constant(n),
                     num_frames=tf.constant(0), label=tf.constant(-1))["videos"].numpy()
"""
MEASURE = """
import json, time
generate(1)
print(json.dumps(0), flush=True)
for n in {counts}:
    generate(n)
    start = time.perf_counter()
    for _ in range({calls}):
        generate(n)
    print(json.dumps({calls} * n / (time.perf_counter() - start)), flush=True)
"""


def measure(options):
    programs = {}
    with tempfile.TemporaryDirectory() as folder:
        for policy in options["policies"]:
            paths = save(Path(folder) / policy, policy, options)
            for name, program in (("Keras", KERAS), ("exported", EXPORTED)):
                programs[f"{name} {policy}"] = program.format(
                    path=paths[name]
                ) + MEASURE.format(counts=COUNTS, calls=options["steps"])
        results = {name: [] for name in programs}
        for _ in range(options["rounds"]):
            for name, code in programs.items():
                results[name].append(run(code))
    rows = [
        [name, *(f"{spread(numbers)[0]:.1f}" for numbers in zip(*rounds, strict=True))]
        for name, rounds in results.items()
    ]
    rates = [f"videos a second, {count} a call" for count in COUNTS]
    print_table(["", "seconds to the first video", *rates], rows)
    return results


def save(folder, policy, options):
    """The paths of one model in both formats."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras_mocogan as km

    filters = {"filters": options["filters"]}
    model = km.MoCoGAN(
        image_size=options["image_size"],
        clip_frames=options["clip_frames"],
        image_generator=filters,
        image_discriminator=filters,
        video_discriminator=filters,
        dtype=policy,
        seed=0,
    )
    folder.mkdir()
    paths = {"Keras": str(folder / "model.keras"), "exported": str(folder / "exported")}
    model.save(paths["Keras"])
    km.export_saved_model(model, paths["exported"])
    return paths


def run(code):
    """Seconds to the first video, and the rates that the process prints."""
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"KERAS_BACKEND": "tensorflow"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with child.stdout as lines:
        lines.readline()
        first = time.perf_counter() - start
        rates = [json.loads(line) for line in lines]
    if child.wait():
        raise SystemExit("A process failed; it says why above.")
    return [first, *rates]
