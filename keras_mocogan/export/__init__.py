"""Export of trained models as TensorFlow SavedModels."""
