"""Reads real clips from `.npz` files: see keras_mocogan/cli/clip_arrays.py."""

from keras_mocogan.cli.clip_arrays import Clips, read  # noqa: F401
