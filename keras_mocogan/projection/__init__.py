"""Projection: the content and the motion that a model needs to draw a real clip."""
