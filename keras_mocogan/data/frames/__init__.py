"""Frames as arrays: decoding one picture, resizing, and frames that are lost."""
