"""Layers of pixel-art characters: what exists, whom it fits, and how it is stacked."""
