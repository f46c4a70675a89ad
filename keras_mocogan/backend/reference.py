"""The switch between the fast forms and the plain ones that they replace."""

import os


def is_reference():
    """Whether everything is computed the plain way, by Keras' own operations.

    With the environment variable `KERAS_MOCOGAN_REFERENCE=1` convolutions, batch
    normalization, noise and Adam are the library's, and real and generated samples
    are judged in separate calls. This is slower; results differ only by rounding and in
    the random numbers of the noise.
    """
    return os.environ.get("KERAS_MOCOGAN_REFERENCE", "0") not in ("", "0")
