"""Writes small clips of every kind whose frames tell their own number."""

import av
import numpy as np
from PIL import Image

# Frame k has the gray value STEP * k: lossy codecs blur it by less than half a step.
STEP = 6


def numbered_frames(num_frames, height=32, width=32, channels=3):
    """Array of shape `(num_frames, height, width, channels)`; at most 42 frames."""
    values = STEP * np.arange(num_frames, dtype=np.uint8)[:, None, None, None]
    return np.broadcast_to(values, (num_frames, height, width, channels)).copy()


def frame_numbers(clip):
    """The numbers that the frames of a clip tell, as a list."""
    return np.rint(clip.mean(axis=(1, 2, 3)) / STEP).astype(int).tolist()


def write_strip(path, num_frames, side=32, vertical=False, image_format="PNG"):
    frames = numbered_frames(num_frames, side, side)
    strip = np.concatenate(frames, axis=0 if vertical else 1)
    Image.fromarray(strip).save(path, format=image_format)


def write_frames(folder, names, height=32, width=32):
    """Writes frame k under the k-th name."""
    folder.mkdir(parents=True)
    frames = numbered_frames(len(names), height, width)
    for name, frame in zip(names, frames, strict=True):
        Image.fromarray(frame).save(folder / name)


def write_animation(path, num_frames):
    first, *others = [Image.fromarray(frame) for frame in numbered_frames(num_frames)]
    # Frames that look alike would be merged into one.
    first.save(path, save_all=True, append_images=others, lossless=True, duration=40)


def write_video(path, frames, codec, pix_fmt="yuv420p", rotation=None):
    """Encodes an array of shape `(frames, height, width, 3)`."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = pix_fmt
        stream.bit_rate = 2_000_000
        if rotation is not None:
            stream.set_display_rotation(rotation)
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def write_audio(path):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16")
        samples.sample_rate = 8000
        container.mux(stream.encode(samples))


def truncate(path, part):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])


def write_every_layout(folder):
    """Four clips of 12 frames as `videos/` (two classes), `strips/` and `frames/`."""
    frames = numbered_frames(12)
    for label in ("run", "walk"):
        (folder / "videos" / label).mkdir(parents=True)
        for i in range(2):
            path = folder / "videos" / label / f"clip {i}.mp4"
            write_video(path, frames, "libx264")
    (folder / "strips").mkdir()
    for i in range(4):
        write_strip(folder / "strips" / f"{i}.png", 12)
        names = [f"{number:02d}.png" for number in range(12)]
        write_frames(folder / "frames" / f"clip{i}", names)
