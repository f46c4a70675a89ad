"""TFRecord shards of clips: their index, their frames, and writing them."""
