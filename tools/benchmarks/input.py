"""The `input` part of benchmark.py: clips a second of every kind of source.

Makes clips of 240x320 pixels in a temporary folder and reads windows of 16 frames of
64x64 pixels from them, in turns with `video_dataset`, by each of its engines, and with
the loops that it is compared with. Then it trains at the paper's size and prints the
share of a step that is spent waiting for the next batch, once the batches are used up
that were read while the step was compiled.
"""

import statistics
import tempfile
import time
from pathlib import Path

import keras_mocogan as km  # isort: skip  (first: it readies TensorFlow)
import av
import numpy as np
import tensorflow as tf
import torch
from PIL import Image

SIZE, FRAMES, BATCH = 64, 16, 16
PAPER_BATCH = 3
# They use up what is read ahead while the first of them is compiled.
UNCOUNTED_STEPS = 20
CLIPS, LENGTH, HEIGHT, WIDTH = 64, 150, 240, 320
ENGINES = ("tf", "python")


def make_clips(folder):
    """H.264 files with a keyframe every second, and other sources made from them."""
    random = np.random.default_rng(0)
    videos, _ = km.data.shape_motion(CLIPS, num_frames=LENGTH, image_size=HEIGHT)
    (folder / "h264").mkdir()
    for i, video in enumerate(videos):
        grain = random.integers(0, 24, (HEIGHT, WIDTH, 3), np.uint8)
        with av.open(str(folder / "h264" / f"{i:03d}.mp4"), "w") as container:
            stream = container.add_stream("libx264", rate=25, options={"g": "25"})
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            for frame in video:
                picture = grain.copy()
                picture[:, :HEIGHT] += frame // 2
                picture = av.VideoFrame.from_ndarray(picture, format="rgb24")
                container.mux(stream.encode(picture))
            container.mux(stream.encode())
        frames = [Image.fromarray(frame).resize((SIZE, SIZE)) for frame in video[::5]]
        save_images(folder, i, frames)
    for image_format in ("jpeg", "raw"):
        # The clips are as long as a window, so whole records are decoded.
        km.data.write_records(
            np.stack(list(short_clips(videos))),
            folder / f"records_{image_format}",
            image_size=SIZE,
            image_format=image_format,
        )


def save_images(folder, i, frames):
    strip = np.concatenate([np.asarray(frame) for frame in frames], axis=1)
    (folder / "strips").mkdir(exist_ok=True)
    Image.fromarray(strip).save(folder / "strips" / f"{i:03d}.png")
    numbered = folder / "frames" / f"{i:03d}"
    numbered.mkdir(parents=True)
    for number, frame in enumerate(frames):
        frame.save(numbered / f"{number:03d}.jpg", quality=95)


def short_clips(videos):
    """1,024 clips of 16 frames of 64x64 pixels."""
    step = HEIGHT // SIZE
    small = videos[:, :, : SIZE * step : step, : SIZE * step : step]
    for start in range(CLIPS):
        yield from small[:, start : start + FRAMES][:16]


def ours(folder, engine, batch_size=BATCH):
    return km.data.video_dataset(
        str(folder),
        image_size=SIZE,
        clip_frames=FRAMES,
        batch_size=batch_size,
        repeat=True,
        engine=engine,
    )


def bare_records(folder, is_jpeg):
    """A data set that only reads and decodes the same records, in their order."""
    features = {
        "frames": tf.io.FixedLenSequenceFeature([], tf.string, allow_missing=True)
    }

    def decode(record):
        frames = tf.io.parse_single_example(record, features)["frames"]
        if is_jpeg:
            frames = [tf.io.decode_jpeg(frames[i], 3) for i in range(FRAMES)]
            return tf.ensure_shape(tf.stack(frames), (FRAMES, SIZE, SIZE, 3))
        return tf.reshape(tf.io.decode_raw(frames, tf.uint8), (FRAMES, SIZE, SIZE, 3))

    files = sorted(str(path) for path in folder.glob("*.tfrecord"))
    dataset = tf.data.TFRecordDataset(files).repeat()
    dataset = dataset.map(decode, num_parallel_calls=tf.data.AUTOTUNE)
    return dataset.batch(BATCH).prefetch(tf.data.AUTOTUNE)


class PlainVideos(torch.utils.data.Dataset):
    """The usual data set: decodes a file, takes a random window, crops and resizes."""

    def __init__(self, folder):
        self.paths = sorted(folder.glob("*.mp4"))

    def __len__(self):
        return 10**6

    def __getitem__(self, index):
        with av.open(str(self.paths[index % len(self.paths)])) as container:
            frames = [
                frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)
            ]
        start = np.random.randint(len(frames) - FRAMES + 1)
        left = (WIDTH - HEIGHT) // 2
        window = [
            Image.fromarray(frame[:, left : left + HEIGHT]).resize((SIZE, SIZE))
            for frame in frames[start : start + FRAMES]
        ]
        return torch.from_numpy(np.stack([np.asarray(frame) for frame in window]))


def plain_loader(folder, workers):
    return torch.utils.data.DataLoader(
        PlainVideos(folder), BATCH, shuffle=False, num_workers=workers
    )


def contestants(folder):
    loops = {
        f"{kind}, engine {engine!r}": ours(folder / kind, engine)
        for kind in ("strips", "frames", "h264", "records_jpeg", "records_raw")
        for engine in ENGINES
    }
    for workers in (0, 2):
        name = f"h264, PyTorch DataLoader and PyAV, {workers} workers"
        loops[name] = plain_loader(folder / "h264", workers)
    for kind in ("jpeg", "raw"):
        path = folder / f"records_{kind}"
        loops[f"records_{kind}, bare tf.data"] = bare_records(path, kind == "jpeg")
    return loops


def rate(iterator, seconds):
    """Clips a second, once the buffers filled during the last pause are used up."""
    for _ in range(4):
        next(iterator)
    start, clips = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        next(iterator)
        clips += BATCH
    return clips / (time.perf_counter() - start)


def share_waited(dataset, steps):
    """Share of the time of training steps spent waiting for the batch.

    Args:
        dataset: Batches as the paper's steps take them.
        steps: How many are counted, after those that use up what is buffered.
    """
    noise = {"instance_noise": 0.1}
    model = km.MoCoGAN(image_discriminator=noise, video_discriminator=noise, seed=0)
    model.compile()
    iterator = iter(dataset)
    for _ in range(UNCOUNTED_STEPS):
        model.train_on_batch(next(iterator))
    waited, start = 0.0, time.perf_counter()
    for _ in range(steps):
        before = time.perf_counter()
        videos = next(iterator)
        waited += time.perf_counter() - before
        model.train_on_batch(videos)
    return waited / (time.perf_counter() - start)


def run(rounds, seconds, steps):
    """Prints the table; each loop is timed by itself, in turns with the others.

    Returns:
        A dictionary of `"rates"`, clips a second by name, and `"share_waited"`.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_clips(folder)
        rates = {}
        for _ in range(rounds):
            for name, loop in contestants(folder).items():
                rates.setdefault(name, []).append(rate(iter(loop), seconds))
        print(f"{'clips a second':<50}{'median':>9}{'least':>9}{'most':>9}")
        for name, found in rates.items():
            print(
                f"{name:<50}{statistics.median(found):>9.0f}{min(found):>9.0f}"
                f"{max(found):>9.0f}"
            )
        records = ours(folder / "records_jpeg", "tf", PAPER_BATCH)
        share = share_waited(records, steps)
        print(
            f"Waiting takes {share:.2%} of {steps} full-size training steps (JPEG "
            "records)."
        )
    return {"rates": rates, "share_waited": share}
