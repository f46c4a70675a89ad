"""The `import` part of benchmark.py: what importing the package adds to Keras."""

import os
import subprocess
import sys
import time

from benchmarks.contestants import print_table, spread

STATEMENTS = ("import keras", "import keras_mocogan")


def measure(options):
    results = {
        backend: {statement: [] for statement in STATEMENTS}
        for backend in options["backends"]
    }
    for _ in range(options["rounds"] + 1):  # the first warms the file cache
        for backend, found in results.items():
            for statement in STATEMENTS:
                found[statement].append(seconds_of(statement, backend))
    rows = []
    for backend, found in results.items():
        medians = [spread(seconds[1:])[0] for seconds in found.values()]
        times = [f"{median:.2f}" for median in medians]
        rows.append([backend, *times, f"{medians[1] - medians[0]:.2f}"])
    print_table(["seconds", *STATEMENTS, "difference"], rows)
    return results


def seconds_of(statement, backend):
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", statement],
        env=os.environ | {"KERAS_BACKEND": backend},
        check=True,
    )
    return time.perf_counter() - start
