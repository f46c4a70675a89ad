"""Files, processes, backends, finite numbers: nothing about videos or models."""
