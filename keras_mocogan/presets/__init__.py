"""Trained generators that come with the package, and how they are kept."""

from keras_mocogan.presets.loading import load, names, save
