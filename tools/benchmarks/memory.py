"""The `memory` part of benchmark.py: what steps of recipes need, by size of frames.

One process for each row trains `--steps` steps of `--batch` clips, and then of twice as
many. From the two peaks follows what a further clip takes, and how many fit.
"""

import os

from benchmarks.contestants import Contestant, print_table, spread

RECIPES = ("paper", "modern")


def measure(options):
    """Measures all rows, prints the table and returns the results."""
    rows = []
    for recipe in options["recipes"] or RECIPES:
        for size in map(int, options["sizes"]):
            for backend in options["backends"]:
                for policy in options["policies"]:
                    settings = {"recipe": recipe, "image_size": size, "policy": policy}
                    found = _measure(backend, options | settings)
                    rows.append({"backend": backend, **settings, "found": found})
    results = {"rows": rows, "load": os.getloadavg()}
    print_results(results, options["batch"], options["memory"])
    return results


def _measure(backend, settings):
    """What the two batches took; None for one that failed."""
    # One row at a time, because large frames take gigabytes.
    contestant = Contestant("", "recipe", backend, settings)
    batches = settings["batch"], 2 * settings["batch"]
    found = [contestant.ask("train", batch, settings["steps"]) for batch in batches]
    contestant.end()
    return found


def largest_batch(limit, batch, once, twice):
    """Clips of which a step fits into a limit, or None if the peaks do not tell.

    Args:
        limit: Memory that there is.
        batch: Clips of the first measurement; the second had twice as many.
        once, twice: Their peaks, in the limit's unit.
    """
    if twice <= once:  # the difference is lost in what the process takes anyhow
        return None
    return max(0, batch + int((limit - once) * batch / (twice - once)))


def print_results(results, batch, limit):
    head = [
        "",
        *("pixels", f"MiB, {batch} clips", f"MiB, {2 * batch} clips"),
        f"largest batch in {limit:g} GiB",
        *(f"processor s a step, {n} clips" for n in (batch, 2 * batch)),
    ]
    table = []
    for row in results["rows"]:
        peaks = [each and each["memory"] for each in row["found"]]
        fits = None
        if all(peaks):
            fits = largest_batch(1024 * limit, batch, *peaks)
        table.append(
            [
                f"{row['recipe']} {row['backend']} {row['policy']}",
                str(row["image_size"]),
                *("failed" if peak is None else f"{peak:,.0f}" for peak in peaks),
                "-" if fits is None else str(fits),
                *(
                    "failed" if each is None else f"{spread(each['processor'])[0]:.2f}"
                    for each in row["found"]
                ),
            ]
        )
    print_table(head, table)
    print(f"Load average: {', '.join(f'{each:.1f}' for each in results['load'])}.")
