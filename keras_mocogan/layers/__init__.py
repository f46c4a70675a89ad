"""Keras layers that the networks are built from, each usable on its own."""
