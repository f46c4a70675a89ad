"""Layers of pixel-art characters: which there are, whom they dress, how they stack."""
