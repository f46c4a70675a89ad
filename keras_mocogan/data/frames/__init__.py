"""Frames as arrays: decoding one picture, resizing, and lost frames."""
