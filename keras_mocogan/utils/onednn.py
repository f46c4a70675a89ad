"""oneDNN under TensorFlow, which leaves it off on processors without AVX-512."""

import importlib
import os
import sys
import warnings

_VARIABLE = "TF_ENABLE_ONEDNN_OPTS"


def switch_on() -> None:
    """Switches oneDNN on for a TensorFlow that is loaded later, unless told otherwise.

    Without it TensorFlow's gradient of a 3D convolution is up to 45 times slower. The
    variable is read while TensorFlow is loaded, so where that has happened, as by
    `import keras` before `import keras_mocogan`, only a warning is left.
    """
    if _VARIABLE in os.environ:
        return
    os.environ[_VARIABLE] = "1"
    if _is_loaded_without():
        warnings.warn(
            "`keras_mocogan` must be imported before `keras` and `tensorflow` on this "
            "processor. Received: a TensorFlow that was loaded without oneDNN, which "
            "makes training several times slower. Import keras_mocogan first, or set "
            f"the environment variable {_VARIABLE}=1.",
            stacklevel=3,
        )


def _is_loaded_without():
    keras = sys.modules.get("keras")
    if keras is None or keras.config.backend() != "tensorflow":
        return False
    try:
        port = importlib.import_module("tensorflow.python.util._pywrap_util_port")
        return not port.IsMklEnabled()
    except (ImportError, AttributeError):  # private: another version may lack it
        return False
