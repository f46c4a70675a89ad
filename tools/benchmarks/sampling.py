"""The `sample` part of benchmark.py: videos a second."""

from benchmarks.contestants import alternate, models, print_table, spread

# Videos in a call, and their frames; None is the clip's length.
CALLS = ((1, None), (16, None), (256, None), (1, 1024))


def measure(options):
    contestants = models(options)
    results = {}
    for videos, frames in CALLS:
        frames = frames or options["clip_frames"]
        alternate(contestants, 1, "sample", videos, frames, 1)  # compiles
        calls = options["steps"] if videos * frames < 4096 else 1
        found = alternate(
            contestants, options["rounds"], "sample", videos, frames, calls
        )
        results[f"{videos} of {frames}"] = found
    memory = {c.name: c.ask("memory") for c in contestants}
    for contestant in contestants:
        contestant.end()
    print_results(results, memory)
    return {"videos_per_second": results, "memory_mib": memory}


def print_results(results, memory):
    rows = []
    for name in memory:
        row = [name]
        for found in results.values():
            median, least, most = spread(found[name])
            peer = spread(found.get("peer float32", []))[0]
            row.append(f"{median:.1f} ({least:.1f} to {most:.1f}; {median / peer:.2f})")
        rows.append([*row, f"{memory[name] or float('nan'):.0f}"])
    print("Videos a second: the median (least to most; times the peer's in float32).\n")
    print_table(["videos in a call", *results, "MiB"], rows)
