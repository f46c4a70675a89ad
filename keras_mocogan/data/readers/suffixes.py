"""Which files may hold a clip or a frame, by name; the content decides what it is."""

import os

IMAGE_SUFFIXES = frozenset(
    [".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm"]
)
VIDEO_SUFFIXES = frozenset(
    [".mp4", ".m4v", ".mov", ".3gp", ".mkv", ".webm", ".avi", ".gif", ".apng"]
    + [".mpg", ".mpeg", ".ts", ".m2ts", ".mts", ".vob", ".wmv", ".asf", ".flv"]
    + [".f4v", ".ogv", ".ogg", ".mjpeg", ".mjpg", ".y4m", ".h264", ".hevc"]
)
_ARRAY_SUFFIXES = frozenset([".npy", ".npz", ".pt", ".pth", ".pkl", ".pickle"])
_ARRAY_SUFFIXES |= frozenset([".h5", ".hdf5", ".mat"])


def is_image(path):
    return _suffix(path) in IMAGE_SUFFIXES


def is_video(path):
    return _suffix(path) in VIDEO_SUFFIXES


def is_array(path):
    return _suffix(path) in _ARRAY_SUFFIXES


def _suffix(path):
    return os.path.splitext(path)[1].lower()
