"""Files, processes and finite numbers: nothing about videos or models."""
