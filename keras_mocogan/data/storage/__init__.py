"""Local folders and URLs, which are read in the same way."""
