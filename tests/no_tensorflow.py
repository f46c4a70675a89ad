"""Importing this makes TensorFlow one that is not installed, in a child process."""

from without_modules import hide

hide("tensorflow")
