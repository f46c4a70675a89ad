"""The tf.data pipeline: the order of clips, their windows, and batches."""
