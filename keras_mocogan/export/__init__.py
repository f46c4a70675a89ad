"""Export of trained models: SavedModels, ONNX graphs, and a page for the browser."""

from keras_mocogan.export.page_random import page_latents
