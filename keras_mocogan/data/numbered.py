"""Folders of numbered frames: each folder is a clip, each image in it a frame."""

import os
import re

from keras_mocogan.data.images import open_picture, to_array
from keras_mocogan.data.suffixes import is_image


def count_frames(path):
    """Number of image files in the folder `path`."""
    return len(_frame_files(path))


def read_frames(path, numbers, channels):
    """Yields the frames of these numbers, each `(height, width, channels)`."""
    files = _frame_files(path)
    for number in numbers:
        with open_picture(os.path.join(path, files[number])) as picture:
            yield to_array(picture, channels)


def _frame_files(folder):
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if is_image(entry.name)]
    return sorted(names, key=_by_number)


def _by_number(name):
    """Sorts `frame_2.png` before `frame_10.png`."""
    # Text and numbers take turns in the split, so like is compared with like.
    parts = re.split(r"([0-9]+)", name)
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], name
