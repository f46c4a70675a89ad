"""A server of generated videos over HTTP: requests, batches, answers."""
