"""Compares windows of video files with a plain decode of each file from its start:

    python tools/check_reader.py FOLDER

Reads every window of every video file in the folder and below it, as `video_dataset`
does, and compares each frame with the one that FFmpeg gives when it decodes the file
from start to end. Prints a line for each file that differs, for each that cannot be
read, and for each with frames that cannot be decoded; then the number of windows. Exits
with 1 if a file differs. A clip of 100 frames of 240x320 pixels takes about five
seconds.
"""

import hashlib
import logging
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import av
import numpy as np
from absl import app, flags
from PIL import UnidentifiedImageError

from keras_mocogan.data.frames.images import open_picture
from keras_mocogan.data.frames.lost_frames import LostFramesError, read_remaining
from keras_mocogan.data.readers.suffixes import is_video
from keras_mocogan.data.video_files import reading as videos

flags.DEFINE_integer("clip_frames", 16, "Frames of a window.", 1)
flags.DEFINE_integer("frame_stride", 1, "Distance of two frames of a window.", 1)
FLAGS = flags.FLAGS


class DifferentError(Exception):
    """The reader and the plain decode gave different frames."""


def check(path, clip_frames, frame_stride=1):
    """Compares one file.

    Returns:
        The numbers of windows that were read, of frames that can be decoded, and of
        frames that were counted.

    Raises:
        DifferentError: If a frame differs.
    """
    path = os.fspath(path)
    num_frames = videos.count_frames(path)
    whole = read_remaining(lambda numbers: _read(path, numbers), num_frames)
    plain = _decode_plainly(path)
    if len(whole) == num_frames and len(plain) != num_frames:
        raise DifferentError(f"{num_frames} frames are counted, {len(plain)} exist")
    rest = iter(plain)  # some may be lost, but the others keep their order
    for number, digest in whole.items():
        if digest not in rest:
            raise DifferentError(f"frame {number} is not what a plain decode gives")
    num_windows = 0
    span = (clip_frames - 1) * frame_stride + 1
    for start in range(num_frames - span + 1):
        try:
            window = _read(path, range(start, start + span, frame_stride))
        except LostFramesError:
            continue
        num_windows += 1
        for number, digest in window.items():
            if digest != whole[number]:
                raise DifferentError(f"frame {number} differs in the window at {start}")
    return num_windows, len(whole), num_frames


def _decode_plainly(path):
    """Digests of all frames, in decoding order; damaged packets are skipped."""
    digests = []
    with av.open(f"file:{path}") as container:
        stream = container.streams.video[0]
        # With more threads, damage is not always reported.
        stream.codec_context.thread_count = 1
        for packet in container.demux(stream):
            try:
                pictures = packet.decode()
            except av.error.FFmpegError:
                continue
            for picture in pictures:
                array = picture.to_ndarray(format="rgb24")
                digests.append(_digest(np.rot90(array, round(picture.rotation / 90))))
    return digests


def _read(path, numbers):
    """Digests by number."""
    frames = videos.read_frames(path, numbers, channels=3)
    return {n: _digest(frame) for n, frame in zip(numbers, frames, strict=True)}


def _digest(array):
    content = np.ascontiguousarray(array)
    return hashlib.blake2b(content, digest_size=16).digest(), array.shape


def _find_videos(folder):
    """The files that FFmpeg reads; animated pictures are not among them."""
    for path in sorted(Path(folder).rglob("*")):
        if is_video(str(path)) and path.is_file():
            try:
                open_picture(str(path)).close()
            except UnidentifiedImageError:
                yield path
            except Exception:  # a broken picture, which is not a video either
                continue


def main(arguments):
    if len(arguments) != 2:
        raise app.UsageError("Name one folder.")
    num_files = num_windows = num_different = 0
    for path in _find_videos(arguments[1]):
        num_files += 1
        try:
            windows, remaining, counted = check(
                path, FLAGS.clip_frames, FLAGS.frame_stride
            )
        except DifferentError as error:
            num_different += 1
            print(f"{path}: DIFFERS: {error}")
        except Exception as error:  # whatever the decoder raises
            print(f"{path}: cannot be read: {error}")
        else:
            num_windows += windows
            if remaining < counted:
                print(f"{path}: {remaining} of {counted} frames can be decoded")
    print(f"{num_files} files, {num_windows} windows; {num_different} files differ")
    sys.exit(1 if num_different else 0)


if __name__ == "__main__":
    # This script reports by itself what remains of a damaged file.
    logging.getLogger("keras_mocogan").setLevel(logging.ERROR)
    app.run(main)
