"""The `step` part of benchmark.py: seconds of a training step."""

from benchmarks.contestants import Contestant, alternate, models, print_table, spread


def measure(options):
    contestants = models(options)
    ceilings = {
        policy: Contestant(policy, "ceiling", "tensorflow", {"policy": policy})
        for policy in options["policies"]
    }
    for contestant in (*contestants, *ceilings.values()):
        contestant.ask("memory")  # waits until it is ready: first steps run alone
    first = {c.name: (c.ask("step", 1) or [float("nan")])[0] for c in contestants}
    models_alone = [c for c in contestants if not c.name.startswith("peer")]
    work = next((w for c in models_alone if (w := c.ask("arithmetic"))), 0)
    rounds, steps = options["rounds"], options["steps"]
    seconds = alternate(contestants, rounds, "step", steps)
    fastest = alternate(list(ceilings.values()), rounds, "ceiling", 3)
    results = {
        "useful_operations": work,
        "ceilings": {policy: spread(found)[2] for policy, found in fastest.items()},
        "first_step_seconds": first,
        "step_seconds": seconds,
        "memory_mib": {c.name: c.ask("memory") for c in contestants},
    }
    print_results(results)
    for contestant in (*contestants, *ceilings.values()):
        contestant.end()
    return results


def print_results(results):
    work, ceilings = results["useful_operations"], results["ceilings"]
    told = [f"{policy} {each / 1e9:.0f}" for policy, each in ceilings.items()]
    print(f"Useful arithmetic of a step: {work / 1e9:.1f} billion operations.")
    print(f"The fastest convolution, billions a second: {', '.join(told)}.\n")
    seconds = results["step_seconds"]
    peer = spread(seconds.get("peer float32", []))[0]
    rows = []
    for name, found in seconds.items():
        median, least, most = spread(found)
        share = work / median / ceilings[name.split()[-1]]
        rows.append(
            [
                name,
                *(f"{each:.3f}" for each in (median, least, most)),
                f"{results['first_step_seconds'][name]:.1f}",
                f"{peer / median:.2f}",
                f"{work / median / 1e9:.0f}",
                f"{share:.0%}",
                f"{results['memory_mib'][name] or float('nan'):.0f}",
            ]
        )
    head = "seconds a step|median|least|most|first|times the peer's speed|"
    print_table(f"{head}GFLOP/s|efficiency|MiB".split("|"), rows)
