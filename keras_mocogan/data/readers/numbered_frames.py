"""Folders of numbered frames: each folder is a clip, and each image in it a frame."""

import os
import re

from keras_mocogan.data.frames.images import open_picture, to_array
from keras_mocogan.data.frames.lost_frames import raise_lost
from keras_mocogan.data.readers.suffixes import is_image
from keras_mocogan.data.storage import storage


def count_frames(path):
    """Number of image files in the folder `path`.

    Raises:
        ValueError: If there is none.
    """
    num_frames = len(_frame_files(path))
    if not num_frames:
        raise ValueError("the folder holds no image")
    return num_frames


def read_frames(path, numbers, channels):
    """Yields the frames of these numbers, each `(height, width, channels)`.

    Raises:
        LostFramesError: If one of them cannot be decoded, but others can.
    """
    files = _frame_files(path)
    for number in numbers:
        try:
            frame = _read(files[number], channels)
        except ConnectionError:  # not the file's fault
            raise
        except Exception as error:  # whatever the decoder raises
            clip = path, len(files)
            raise_lost(error, clip, lambda: _find_whole(files), len(files))
        yield frame


def _find_whole(files):
    """Numbers of the files that can be decoded."""
    whole = []
    for number, file in enumerate(files):
        try:
            _read(file, channels=3)
        except ConnectionError:
            raise
        except Exception:
            continue
        whole.append(number)
    return whole


def _read(path, channels):
    with open_picture(path) as picture:
        return to_array(picture, channels)


def _frame_files(folder):
    files = [path for path in storage.list_folder(folder).files if is_image(path)]
    return sorted(files, key=_by_number)


def _by_number(path):
    """Sorts `frame_2.png` before `frame_10.png`."""
    name = os.path.basename(path)
    # The parts alternate between text and numbers, so like is compared with like.
    parts = re.split(r"([0-9]+)", name)
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], name
