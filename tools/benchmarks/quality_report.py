"""The table and the picture of the `quality` part of benchmark.py."""

import itertools
import math

from benchmarks.contestants import print_table, spread

_NEVER = float("inf")


def minutes_to(mark, rows):
    """Minutes at the first of a training's measures that reaches the mark, or None."""
    reached = (row["minutes"] for row in rows if row["distance"] <= mark)
    return None if mark is None else next(reached, None)


def print_results(results):
    """A row for each recipe, backend and policy: the median of the seeds."""
    mark = results["mark"]
    table = []
    for title, seeds in results["measures"].items():
        distance, least, most = spread([rows[-1]["distance"] for rows in seeds])
        table.append(
            [
                title,
                ", ".join(f"{rows[-1]['step']:,}" for rows in seeds),
                ", ".join(f"{rows[-1]['minutes']:.1f}" for rows in seeds),
                f"{distance:.5f} ({least:.5f} to {most:.5f})",
                _times(mark, seeds),
            ]
        )
    told = "none" if mark is None else f"{mark:.5f}"
    print(
        f"The mark is a kernel distance of {told}; black clips have "
        f"{results['black']:.5f}.\n"
    )
    print_table(["", "steps", "minutes", "distance", "minutes to the mark"], table)
    print(f"\nLoad average: {', '.join(f'{each:.1f}' for each in results['load'])}.")


def _times(mark, seeds):
    """The median, and of several seeds the least and the most."""
    found = [minutes_to(mark, rows) for rows in seeds]
    found = [_NEVER if each is None else each for each in found]
    median, *ends = ("never" if math.isinf(n) else f"{n:.1f}" for n in spread(found))
    return median if len(found) == 1 else f"{median} ({ends[0]} to {ends[1]})"


def draw(path, results):
    """Draws the distances over time: one color for a title, one line for a seed."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axes = figure.subplots()
    colors = itertools.cycle(f"C{number}" for number in range(10))
    for (title, seeds), color in zip(results["measures"].items(), colors, strict=False):
        for number, rows in enumerate(seeds):
            minutes = [row["minutes"] for row in rows]
            distances = [row["distance"] for row in rows]
            label = None if number else title
            axes.plot(minutes, distances, color=color, label=label, marker=".")
    if results["mark"] is not None:
        axes.axhline(results["mark"], color="black", linestyle=":", label="the mark")
    axes.axhline(results["black"], color="gray", linestyle="--", label="black clips")
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="minutes of training",
        ylabel="kernel distance to held-out clips",
    )
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    FigureCanvasAgg(figure).print_figure(path, dpi=110)
