"""ONNX graphs, written from the layers and weights of the networks."""
