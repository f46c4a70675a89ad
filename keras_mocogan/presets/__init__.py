"""Trained models that come with the package, and how they are stored."""

from keras_mocogan.presets.loading import about, class_name, load, names, save
