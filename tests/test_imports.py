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
