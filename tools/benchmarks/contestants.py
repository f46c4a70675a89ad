"""Contestants, each in a separate process that waits for its rounds."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path


class Contestant:
    """A child process that carries out tasks; see `worker`.

    Args:
        name: Its name in the tables.
        kind: `"model"`, `"process"`, `"peer"` or `"ceiling"`.
        backend: Keras' backend, for a model.
        settings: Dictionary from which the worker makes it.
    """

    def __init__(self, name, kind, backend, settings):
        self.name, self.settings = name, settings
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", kind, json.dumps(settings)],
            env=os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
            cwd=Path(__file__).resolve().parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, task, *arguments):
        """The child's answer; None if it failed, and said why on its stderr."""
        self.tell(task, *arguments)
        return self.answer()

    def tell(self, task, *arguments):
        """Gives the child a task."""
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps([task, *arguments]), file=self.process.stdin, flush=True)

    def answer(self):
        """What the child answers to the next task; None if it failed."""
        return json.loads(self.process.stdout.readline() or "null")

    def end(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()


def models(options, **changed):
    """A contestant for each backend and policy, and the peers if they are wanted."""
    found = [
        Contestant(
            f"{backend} {policy}",
            "model",
            backend,
            {**options, **changed, "policy": policy},
        )
        for backend in options["backends"]
        for policy in options["policies"]
    ]
    if options["peer"] == "torch":
        found = [
            Contestant(
                f"peer {policy}",
                "peer",
                "torch",
                {**options, **changed, "policy": policy},
            )
            for policy in options["policies"]
        ] + found
    return found


def alternate(contestants, rounds, task, *arguments):
    """Answers of all rounds, joined: `{name: [numbers]}`; empty if one failed."""
    found = {contestant.name: [] for contestant in contestants}
    for _ in range(rounds):
        for contestant in contestants:
            found[contestant.name] += contestant.ask(task, *arguments) or []
    return found


def spread(numbers):
    """Median, least and most; NaN if there are no numbers."""
    if not numbers:
        return (float("nan"),) * 3
    return statistics.median(numbers), min(numbers), max(numbers)


def print_table(head, rows):
    """A Markdown table of strings."""
    for row in (head, ["---"] * len(head), *rows):
        print(f"| {' | '.join(row)} |")
