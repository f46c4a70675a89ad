"""What importing the package loads, and that JAX and PyTorch need no TensorFlow."""

import pytest
from processes import BACKENDS

pytestmark = pytest.mark.once

HEAVY = {"tensorflow", "matplotlib", "PIL", "av"}

# Keras loads some of them by itself, where they are installed.
LOADED_BY_THE_PACKAGE = """
    import sys
    import keras

    before = set(sys.modules)
    import keras_mocogan

    print(*{name.partition(".")[0] for name in set(sys.modules) - before})
"""

# Stronger, for Keras would hide an import of what it has loaded already.
IMPORT_WITHOUT = """
    import sys

    for name in sys.argv[1:]:
        sys.modules[name] = None
    import keras_mocogan

    print(keras_mocogan.MoCoGAN.__name__)
"""

TRAIN_AND_GENERATE_WITHOUT_TENSORFLOW = """
    import sys

    sys.modules["tensorflow"] = None
    import numpy as np
    import keras_mocogan as km

    model = km.MoCoGAN(
        image_size=32,
        clip_frames=4,
        image_generator={"filters": 4},
        image_discriminator={"filters": 4},
        video_discriminator={"filters": 4},
        content_dim=4,
        motion_dim=2,
    )
    model.compile()
    videos = np.zeros((4, 4, 32, 32, 3), "uint8")
    model.fit(videos, batch_size=2, verbose=0)
    print(model.generate(1).shape)
"""


def unwanted(backend):
    return HEAVY - {"tensorflow"} if backend == "tensorflow" else HEAVY


@pytest.mark.parametrize("backend", BACKENDS)
def test_import_loads_nothing_heavy(run_backend, backend):
    loaded = set(run_backend(backend, LOADED_BY_THE_PACKAGE).split())
    assert "keras_mocogan" in loaded
    assert not loaded & unwanted(backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_import_works_where_nothing_heavy_is_installed(run_backend, backend):
    output = run_backend(backend, IMPORT_WITHOUT, *sorted(unwanted(backend)))
    assert output.splitlines()[-1] == "MoCoGAN"


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_models_train_and_generate_without_tensorflow(run_backend, backend):
    output = run_backend(backend, TRAIN_AND_GENERATE_WITHOUT_TENSORFLOW)
    assert output.splitlines()[-1] == "(1, 4, 32, 32, 3)"


# On a processor with AVX-512 TensorFlow has oneDNN on by itself: 0 stands for one
# without, since only what the variable said while TensorFlow was loaded counts.
IMPORT_KERAS_FIRST = """
    import os
    import sys
    import warnings

    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
    import keras

    del os.environ["TF_ENABLE_ONEDNN_OPTS"]
    warnings.simplefilter("always")
    with warnings.catch_warnings(record=True) as caught:
        import keras_mocogan
    found = [w for w in caught if "TF_ENABLE_ONEDNN_OPTS=1" in str(w.message)]
    print(len(found), os.environ["TF_ENABLE_ONEDNN_OPTS"])
"""


@pytest.mark.parametrize("backend, warnings", [("tensorflow", 1), ("torch", 0)])
def test_import_after_tensorflow_without_onednn_warns(run_backend, backend, warnings):
    assert run_backend(backend, IMPORT_KERAS_FIRST).split() == [str(warnings), "1"]


def test_import_switches_onednn_on_before_tensorflow_is_loaded(run_backend):
    code = """
        import os

        del os.environ["TF_ENABLE_ONEDNN_OPTS"]
        import keras_mocogan
        from tensorflow.python.util import _pywrap_util_port

        print(_pywrap_util_port.IsMklEnabled())
    """
    assert run_backend("tensorflow", code).strip() == "True"
