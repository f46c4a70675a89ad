"""TFRecord shards of clips: their index, their frames, and how they are written."""
