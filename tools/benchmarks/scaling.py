"""The `scale` part of benchmark.py: a step's seconds over three sizes of each."""

from absl import app

from benchmarks.contestants import alternate, models, print_table, spread

SIZES = {"batch": (3, 6, 12), "clip_frames": (16, 32, 64), "image_size": (32, 64, 128)}


def measure(options):
    if options["peer"] != "none":
        raise app.UsageError("--peer is not for `scale`. Leave it out.")
    results = {}
    for name, sizes in SIZES.items():
        for size in sizes:
            # One size at a time, because large ones take gigabytes.
            contestants = models(options, **{name: size})
            alternate(contestants, 1, "step", 1)  # compiles
            found = alternate(contestants, options["rounds"], "step", options["steps"])
            for contestant in contestants:
                contestant.end()
            results[f"{name}={size}"] = found
    names = list(next(iter(results.values())))
    rows = [
        [size, *(f"{spread(found[name])[0]:.3f}" for name in names)]
        for size, found in results.items()
    ]
    print_table(["seconds a step", *names], rows)
    return results
