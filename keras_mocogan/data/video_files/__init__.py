"""Video files: finding, counting and decoding exactly the frames asked for."""
