"""What `compare_learning.py` is made of."""
