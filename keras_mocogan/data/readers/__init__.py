"""Sources of clips: which clips a folder or an array holds, and their frames."""
