"""The `processes` part of benchmark.py: two PyTorch processes against one."""

import os
import socket

from benchmarks.contestants import Contestant, print_table, spread

KINDS = ("wall", "processor")


def measure(options):
    """Steps on the same batch: one process on one core, two with a core each."""
    if options["batch"] % 2:
        raise ValueError(
            "`--batch` must be even: two processes share it. Received: "
            f"--batch={options['batch']}."
        )
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        raise ValueError("`processes` needs two cores. Received: one.")
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        where = f"localhost:{listener.getsockname()[1]}"
    settings = {**options, "policy": "float32"}
    one = [_contestant("one process", settings, cores[0])]
    two = [
        _contestant(
            f"process {index} of two",
            {**settings, "coordinator": where, "index": index},
            cores[index],
        )
        for index in range(2)
    ]
    for group in one, two:
        _ask(group, "memory")  # waits until it is ready: first steps run alone
        _ask(group, "cost", 1)
    found = {"one": [], "two": []}
    for _ in range(options["rounds"]):
        for name, group in ("one", one), ("two", two):
            answers = _ask(group, "cost", options["steps"])
            # A step is over when the last process is done with it.
            found[name] += [
                [max(costs) for costs in zip(*steps, strict=True)]
                for steps in zip(*answers, strict=True)
            ]
    for contestant in (*one, *two):
        contestant.end()
    results = {"costs": found, "load": os.getloadavg()}
    print_results(results, options["batch"])
    return results


def _contestant(name, settings, core):
    return Contestant(name, "process", "torch", {**settings, "core": core})


def _ask(group, task, *arguments):
    """The answers of all, who need each other to give them."""
    for contestant in group:
        contestant.tell(task, *arguments)
    return [contestant.answer() for contestant in group]


def print_results(results, batch):
    rows, rates = [], {}
    for name, costs in results["costs"].items():
        row = [name]
        for kind, seconds in zip(KINDS, zip(*costs, strict=True), strict=True):
            median, least, most = spread(seconds)
            rates[name, kind] = batch / median
            row.append(f"{median:.3f} ({least:.3f} to {most:.3f})")
            row.append(f"{batch / median:.2f}")
        rows.append(row)
    print_table(["processes", "wall s", "clips/s", "processor s", "clips/s"], rows)
    for kind in KINDS:
        gain = rates["two", kind] / rates["one", kind]
        print(f"Two processes are {gain:.2f} times as fast, by {kind} time.")
    print(f"Load average: {', '.join(f'{each:.1f}' for each in results['load'])}.")
