"""Kills a training at random moments, continues it, and compares it with a whole one.

    python tools/kill_test.py                            20 kills, about three minutes
    python tools/kill_test.py --kills=2 --terminations=1 --seconds=2

examples/train_mocogan.py trains the smallest model on moving shapes. Each life of the
process ends by SIGKILL within --seconds of its start or of its first step; the first
ones, as many as --terminations says, end by SIGTERM instead. The next life goes on from
what is left. At the end the steps lost by each kill are printed, and three things are
checked: no life lost more than a checkpoint interval and one step, the history has
every epoch once with the values of a run that was never killed, and the weights are
that run's.
"""

import csv
import io
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import h5py
import numpy as np
from absl import app, flags

flags.DEFINE_integer("kills", 20, "Times that the run is killed.", lower_bound=0)
flags.DEFINE_integer("terminations", 0, "Times that it first gets SIGTERM.", 0)
flags.DEFINE_integer("checkpoint_steps", 5, "Steps between checkpoints.", 1)
flags.DEFINE_integer("steps_per_epoch", 12, "Steps of an epoch.", lower_bound=1)
flags.DEFINE_float("seconds", 3.0, "Longest life, from its first step on.", 0.0)
flags.DEFINE_integer("seed", 0, "Seed of the moments.")
FLAGS = flags.FLAGS

CHILD = Path(__file__).with_name("counted_training.py")
SMALLEST = (
    "--dataset=shapes --image_size=32 --clip_frames=4 --content_dim=3 --motion_dim=2 "
    "--generator_filters=2 --discriminator_filters=2 --video_discriminator_levels=3 "
    "--batch_size=2 --preview_every=1000000"
).split()


class Life:
    """One process of a run."""

    def __init__(self, run_dir, *arguments):
        self.counter = run_dir.with_suffix(".steps")
        self.counter.unlink(missing_ok=True)
        self.log = run_dir.with_suffix(".log")
        command = [sys.executable, str(CHILD), str(self.counter), *arguments]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def steps(self):
        """Steps of the run, once this process has made one; None before that."""
        return int(self.counter.read_text() or 0) if self.counter.exists() else None

    def end(self, how, moment):
        """Sends a signal `moment` seconds after the first step, or after the start."""
        while moment >= 0 and self.steps() is None and self.process.poll() is None:
            time.sleep(0.01)
        time.sleep(abs(moment))
        alive = self.process.poll() is None
        self.process.send_signal(how)
        status = self.process.wait(timeout=120)
        expected = 0 if how == signal.SIGTERM else -signal.SIGKILL
        check(alive and status == expected, f"status {status}:\n{self.log.read_text()}")

    def finish(self):
        check(self.process.wait(timeout=600) == 0, self.log.read_text())


def check(holds, complaint):
    if not holds:
        sys.exit(f"FAILED: {complaint}")


def newest_step(run_dir):
    """The step of the newest checkpoint, by name, or 0."""
    names = sorted(path.stem for path in run_dir.glob("checkpoints/step_*.keras"))
    return int(names[-1].removeprefix("step_")) if names else 0


def flags_of(run_dir, steps):
    return [
        *SMALLEST,
        f"--run_dir={run_dir}",
        f"--steps={steps}",
        f"--steps_per_epoch={FLAGS.steps_per_epoch}",
        f"--checkpoint_steps={FLAGS.checkpoint_steps}",
    ]


def kill_often(run_dir):
    """Ends life after life; returns the steps that each had made and had saved."""
    moments = random.Random(FLAGS.seed)
    arguments, told = [*flags_of(run_dir, 10**6), "--resume"], []
    for number in range(FLAGS.terminations + FLAGS.kills):
        how = signal.SIGTERM if number < FLAGS.terminations else signal.SIGKILL
        # Every fifth kill comes while the process starts, before its first step.
        starting = how == signal.SIGKILL and number % 5 == 4
        life = Life(run_dir, *arguments)
        life.end(how, FLAGS.seconds * moments.random() * (-1 if starting else 1))
        if how == signal.SIGTERM:
            arguments = told_arguments(life.log)
        made, saved = life.steps(), newest_step(run_dir)
        made = saved if made is None else made
        told.append((made, saved))
        lost = made - saved
        print(f"{how.name}: {made} steps made, {saved} saved", flush=True)
        # If the counter was not written yet, `saved` may be a step further.
        most = 0 if how == signal.SIGTERM else FLAGS.checkpoint_steps
        check(lost <= most, f"{lost} steps lost")
        check(saved >= (told[-2][1] if number else 0), "a checkpoint is gone")
    return told


def told_arguments(log):
    """The flags of the command that a script prints after SIGTERM."""
    command = log.read_text().split("Go on with:\n")[1].splitlines()[0]
    return [word for word in shlex.split(command) if word.startswith("--")]


def history(run_dir):
    with (run_dir / "history.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def arrays_of(path):
    """All variables in a model's file, including the optimizers'."""
    with zipfile.ZipFile(path) as archive:
        weights = io.BytesIO(archive.read("model.weights.h5"))
    found = {}
    with h5py.File(weights) as file:
        file.visititems(
            lambda name, item: (
                found.update({name: item[()]})
                if isinstance(item, h5py.Dataset)
                else None
            )
        )
    return found


def compare(killed, whole, steps):
    rows, wanted = history(killed), history(whole)
    epochs = [float(row["epoch"]) for row in rows]
    check(epochs == list(range(1, len(rows) + 1)), f"the history has epochs {epochs}")
    check(len(rows) == len(wanted), f"{len(rows)} epochs of {len(wanted)}")
    differing = [row["epoch"] for row, w in zip(rows, wanted, strict=True) if row != w]
    check(not differing, f"other values in epochs {differing}")
    name = f"checkpoints/step_{steps:08d}.keras"
    one, other = arrays_of(killed / name), arrays_of(whole / name)
    check(one.keys() == other.keys() and len(one) > 50, "other variables")
    differing = [name for name in one if not np.array_equal(one[name], other[name])]
    check(not differing, f"other values of {differing}")
    left = [str(path) for path in killed.rglob(".*")]
    check(not left, f"left behind: {left}")


def main(_):
    with tempfile.TemporaryDirectory() as folder:
        killed, whole = Path(folder) / "killed", Path(folder) / "whole"
        told = kill_often(killed)
        epochs = -(-told[-1][1] // FLAGS.steps_per_epoch) + 1
        steps = epochs * FLAGS.steps_per_epoch
        Life(killed, *flags_of(killed, steps), "--resume").finish()
        Life(whole, *flags_of(whole, steps)).finish()
        compare(killed, whole, steps)
    lost = [made - saved for made, saved in told]
    print(
        f"{len(lost)} times ended, at most {max(lost)} steps lost, a checkpoint every "
        f"{FLAGS.checkpoint_steps}; {steps} steps, {epochs} epochs and the last "
        "weights are those of a run that was never killed."
    )


if __name__ == "__main__":
    app.run(main)
