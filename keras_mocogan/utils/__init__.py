"""Files, processes, backends, finite numbers, sizes of frames: nothing about models."""
