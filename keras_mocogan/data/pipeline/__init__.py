"""The order of clips, their windows, and the engines that make batches of them."""
