"""The child process of a contestant: one task a line in, its numbers in one line out.

The tasks are `["step", n]`, seconds of n training steps; `["sample", videos, frames,
n]`, videos a second in n calls; `["arithmetic"]`, useful operations of a step;
`["memory"]`, the most memory that the process has held so far, in MiB; `["cost", n]`,
wall and processor seconds of n steps; `["train", batch, n]`, processor seconds of n
steps of a recipe and the memory; and for the ceiling `["ceiling", n]`.
"""

import json
import os
import resource
import sys
import time

import numpy as np


def seconds_of(call, times):
    found = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        found.append(time.perf_counter() - start)
    return found


class Worker:
    """Answers tasks; a subclass defines `step` and `sample`, which wait for results."""

    def answer(self, task, *arguments):
        return getattr(self, f"answer_{task}")(*arguments)

    def answer_step(self, times):
        return seconds_of(self.step, times)

    def answer_sample(self, videos, frames, times):
        seconds = seconds_of(lambda: self.sample(videos, frames), times)
        return [videos / each for each in seconds]

    def answer_memory(self):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class ModelWorker(Worker):
    def __init__(self, settings):
        import keras_mocogan as km

        size, frames = settings["image_size"], settings["clip_frames"]
        filters = {"filters": settings["filters"]}
        judge = {**filters, "instance_noise": settings["instance_noise"]}
        self.model = km.MoCoGAN(
            image_size=size,
            clip_frames=frames,
            image_generator=filters,
            image_discriminator=judge,
            video_discriminator=judge,
            dtype=settings["policy"],
            seed=0,
        )
        self.model.compile()
        shape = (settings["batch"], frames, size, size, 3)
        self.videos = np.random.default_rng(0).integers(0, 256, shape, "uint8")

    def step(self):
        self.model.train_on_batch(self.videos)  # its logs are numbers

    def sample(self, videos, frames):
        self.model.generate(videos, num_frames=frames)

    def answer_arithmetic(self):
        from benchmarks.arithmetic import of_step

        return of_step(self.model, len(self.videos))


class ProcessWorker(ModelWorker):
    """PyTorch on one core, perhaps as one of two processes that share the batch."""

    def __init__(self, settings):
        os.sched_setaffinity(0, {settings["core"]})
        import torch

        torch.set_num_threads(1)
        super().__init__(settings)
        if "coordinator" in settings:
            from keras_mocogan.backend import torch_processes

            torch_processes.start(settings["coordinator"], 2, settings["index"])
            self.videos = self.videos[settings["index"] :: 2]

    def answer_cost(self, times):
        """Wall seconds and processor seconds of steps, pairs."""
        found = []
        for _ in range(times):
            start = time.perf_counter(), time.process_time()
            self.step()
            end = time.perf_counter(), time.process_time()
            found.append([b - a for a, b in zip(start, end, strict=True)])
        return found


class RecipeWorker(Worker):
    """A recipe's own networks, losses and penalties."""

    def __init__(self, settings):
        import keras_mocogan as km

        sizes = {name: settings[name] for name in ("image_size", "clip_frames")}
        recipe = km.recipes.get("MoCoGAN", settings["recipe"]).with_changes(
            arguments=sizes | {"dtype": settings["policy"], "seed": 0},
            compile={"accumulate": settings["accumulate"]},
        )
        self.model = km.MoCoGAN.by_recipe(recipe)

    def answer_train(self, batch, times):
        size, frames = self.model.image_size, self.model.clip_frames
        videos = np.zeros((batch, frames, size, size, 3), "uint8")
        seconds = []
        for _ in range(1 + times):  # the first compiles
            start = time.process_time()
            self.model.train_on_batch(videos)
            seconds.append(time.process_time() - start)
        return {"processor": seconds[1:], "memory": self.answer_memory()}


class PeerWorker(Worker):
    def __init__(self, settings):
        import torch
        from peer_torch import Peer

        size, frames = settings["image_size"], settings["clip_frames"]
        self.peer = Peer(
            size,
            settings["filters"],
            settings["instance_noise"],
            bfloat16=settings["policy"] != "float32",
        )
        self.videos = torch.rand(settings["batch"], 3, frames, size, size) * 2 - 1

    def step(self):
        self.peer.step(self.videos)

    def sample(self, videos, frames):
        self.peer.sample(videos, frames)


class CeilingWorker(Worker):
    """The fastest convolutions of TensorFlow, in operations a second."""

    # Batch, sizes, window and channels, with stride 1: these suit oneDNN best.
    SHAPES = (
        ((8, 12, 18, 18), (4, 3, 3), 128),
        ((8, 10, 34, 34), (3, 3, 3), 64),
        ((16, 34, 34), (3, 3), 256),
    )

    def __init__(self, settings):
        import tensorflow as tf

        dtype = "float32" if settings["policy"] == "float32" else "bfloat16"
        self.contests = []
        for (batch, *sizes), window, channels in self.SHAPES:
            x = tf.cast(tf.random.normal((batch, *sizes, channels)), dtype)
            kernel = tf.cast(tf.random.normal((*window, channels, channels)), dtype)
            places = [n - k + 1 for n, k in zip(sizes, window, strict=True)]
            work = 2 * np.prod([batch, *places, *window]) * channels**2
            convolve = tf.function(tf.nn.convolution)
            self.contests.append((float(work), convolve, x, kernel))

    def answer_ceiling(self, times):
        found = []
        for work, convolve, x, kernel in self.contests:
            seconds = seconds_of(
                lambda f=convolve, x=x, k=kernel: f(x, k).numpy(), times + 1
            )
            found.append([work / each for each in seconds[1:]])
        return [max(round) for round in zip(*found, strict=True)]


WORKERS = {
    "model": ModelWorker,
    "process": ProcessWorker,
    "recipe": RecipeWorker,
    "peer": PeerWorker,
    "ceiling": CeilingWorker,
}

if __name__ == "__main__":
    kind, settings = sys.argv[1:]
    worker = WORKERS[kind](json.loads(settings))
    for line in sys.stdin:
        print(json.dumps(worker.answer(*json.loads(line))), flush=True)
