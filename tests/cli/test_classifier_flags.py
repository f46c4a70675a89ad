"""Flags of `keras-mocogan classifier`: what will not do is told before the training."""

import numpy as np
import pytest
from console import run_commands

import keras_mocogan as km

pytestmark = pytest.mark.once

TRAIN = "--image_size=48 --clip_frames=4 --steps=1 --filters=2 --batch_size=2".split()


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results of commands by name, and the folder of their files."""
    folder = tmp_path_factory.mktemp("classifiers")
    videos, labels = km.data.shape_motion(8, num_frames=4, image_size=32)
    np.savez(folder / "clips.npz", videos=videos, labels=labels)
    (folder / "text.npz").write_text("no arrays")
    model = km.MoCoGAN(32, clip_frames=4, image_generator={"filters": 2})
    model.save(folder / "model.keras")
    start = ["classifier", f"--arrays={folder / 'clips.npz'}", *TRAIN]
    commands = {
        "new folder": [*start, f"--output={folder / 'new' / 'judge.keras'}"],
        "sizes of a model": [
            *start[:2],
            *TRAIN[2:],
            f"--model={folder / 'model.keras'}",
            f"--output={folder / 'small.keras'}",
        ],
        "no suffix": [*start, f"--output={folder / 'judge'}"],
        "hdf5": [*start, f"--output={folder / 'judge.h5'}"],
        "no steps": [*start, "--steps=0"],
        "no group": [*start, "--group_size=0"],
        "missing": ["classifier", f"--arrays={folder / 'missing.npz'}"],
        "text": ["classifier", f"--arrays={folder / 'text.npz'}"],
    }
    found = run_commands("tensorflow", *commands.values())
    return dict(zip(commands, found, strict=True)), folder


def test_the_folder_of_a_classifier_is_made(results):
    found, folder = results
    assert found["new folder"].status == 0, found["new folder"]
    judge = km.metrics.load_classifier(folder / "new" / "judge.keras")
    assert judge.held_out["clips"] > 0


def test_sizes_of_a_model_are_taken(results):
    found, folder = results
    assert found["sizes of a model"].status == 0, found["sizes of a model"]
    sizes = {"new/judge": (48, 4), "small": (32, 4)}
    for name, wanted in sizes.items():
        judge = km.metrics.load_classifier(folder / f"{name}.keras").get_config()
        assert (judge["image_size"], judge["clip_frames"]) == wanted


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no suffix", "a file that ends in .keras. Received: "),
        ("hdf5", "a file that ends in .keras. Received: "),
        ("no steps", "--steps"),
        ("no group", "--group_size"),
        ("missing", "There must be an `.npz` file. Received: "),
        ("text", "There must be an `.npz` file. Received: "),
    ],
)
def test_mistakes_are_told_before_the_training(results, name, said):
    result = results[0][name]
    assert result.status == 1 and "fold" not in result.out, result
    assert result.error.startswith("error: ") and said in result.error
    assert "Traceback" not in result.error
