"""Trained models in other forms: TensorFlow's SavedModel."""
