"""Sampling: latents drawn on the host, and videos made from them in slices."""
