"""Where files lie: local folders and URLs, read in the same way."""
