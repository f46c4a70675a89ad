"""The parts of `compare_learning.py`."""
