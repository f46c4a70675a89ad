"""Video files: finding, counting and decoding exactly the frames that are needed."""
