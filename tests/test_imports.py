"""What importing the package loads, and that JAX and PyTorch need no TensorFlow."""

import pytest
from processes import BACKENDS

pytestmark = pytest.mark.once

HEAVY = {"tensorflow", "matplotlib", "PIL", "av"}

# None of it is there. Once Keras is, all that is asked for is noted, though an `except`
# hide the import; but PyTorch looks for what it must not compile.
IMPORT_WITHOUT = """
    import sys

    import without_modules

    asked = without_modules.hide(*sys.argv[1:])
    import keras

    before = set(sys.modules)
    asked.clear()
    import keras_mocogan

    loaded = set(sys.modules) - before
    others = sorted(a for a in asked if not a[0].startswith("torch."))
    print(keras_mocogan.MoCoGAN.__name__, others)
    print(sorted(n for n in loaded if n.startswith(("absl", "keras_mocogan.cli"))))
"""

# Video files, strips and records: read, trained on, shown, classified and scored.
USE_CLIPS_WITHOUT_TENSORFLOW = """
    import sys
    from pathlib import Path

    import no_tensorflow
    import keras_mocogan as km
    import keras
    import numpy as np
    import video_files
    from testing import tiny_model

    folder = Path(sys.argv[1])
    for label in ("run", "walk"):
        for kind in ("strips", "videos"):
            (folder / kind / label).mkdir(parents=True)
        for number in range(2):
            video_files.write_strip(folder / "strips" / label / f"{number}.png", 6)
            frames = video_files.numbered_frames(6)
            path = folder / "videos" / label / f"{number}.mp4"
            video_files.write_video(path, frames, "libx264")
    for image_format in ("jpeg", "raw"):
        km.data.write_records(
            folder / "strips",
            folder / image_format,
            image_size=32,
            image_format=image_format,
        )

    def clips(kind, **arguments):
        size = {"image_size": 32, "clip_frames": 4, "batch_size": 2}
        return km.data.video_dataset(folder / kind, **size, **arguments)

    model = tiny_model()
    model.compile(run_eagerly=keras.backend.backend() == "torch")
    callbacks = [
        km.callbacks.HistoryLogger(folder / "run"),
        km.callbacks.PreviewGrid(folder / "previews", every=1),
    ]
    callbacks.append(km.callbacks.TensorBoard(folder / "board", callbacks[-1]))
    for kind in ("strips", "videos", "jpeg", "raw"):
        found = clips(kind, shuffle=False)
        assert found.class_names == ["run", "walk"] and not found.skipped
        videos, labels = next(iter(found))
        assert video_files.frame_numbers(videos[0]) == [1, 2, 3, 4], kind
        model.fit(found, validation_data=found, callbacks=callbacks, verbose=0)
    model.fit(videos, labels, verbose=0)
    assert model.global_step == 9

    classifier = km.metrics.VideoClassifier(2, 32, 3, 4, filters=2)
    classifier.compile("adam", {"logits": keras.losses.SparseCategoricalCrossentropy()})
    batches = clips("videos", repeat=True)
    pairs = ((videos, {"logits": labels}) for videos, labels in batches)
    classifier.fit(pairs, steps_per_epoch=2, verbose=0)
    real = np.concatenate([videos for videos, _ in clips("strips")])
    made = model.generate(4, labels=[0, 1, 0, 1], seed=0)
    features, probabilities = classifier.classify(made)
    assert km.metrics.inception_score(probabilities, splits=1)
    distance = km.metrics.frechet_distance(features, classifier.classify(real)[0])
    files = sorted(path.name for path in folder.glob("*/*.gif"))
    print(np.isfinite(distance), files[-1], "tensorflow" in sys.modules)
"""


def unwanted(backend):
    return HEAVY - {"tensorflow"} if backend == "tensorflow" else HEAVY


@pytest.mark.parametrize("backend", BACKENDS)
def test_import_asks_for_nothing_heavy_and_loads_no_command(run_backend, backend):
    output = run_backend(backend, IMPORT_WITHOUT, *sorted(unwanted(backend)))
    asked, loaded = output.splitlines()[-2:]
    assert asked == "MoCoGAN []"
    assert loaded == "[]"


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_clips_are_used_without_tensorflow(run_backend, backend, tmp_path):
    output = run_backend(backend, USE_CLIPS_WITHOUT_TENSORFLOW, tmp_path)
    assert output.splitlines()[-1] == "True epoch_0001.gif False"


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
