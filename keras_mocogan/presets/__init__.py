"""Trained models in folders: those of the package, others' anywhere, and one's own."""

from keras_mocogan.presets.hub import upload_to_hub
from keras_mocogan.presets.loading import about, class_name, load
from keras_mocogan.presets.locations import names
from keras_mocogan.presets.saving import save
