"""`keras-mocogan train --init_from`: from a trained model to other clips."""

import json

import numpy as np
import pytest
from console import run_commands
from testing import both_discriminators, tiny_model

import keras_mocogan as km

pytestmark = [pytest.mark.once, pytest.mark.slow]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results of commands by name, the folder of their files, and what they began with.

    The model has two classes, 32 pixels and 4 frames; the clips have three, 40 and 6.
    """
    folder = tmp_path_factory.mktemp("init_from")
    videos, _ = km.data.shape_motion(6, num_frames=6, image_size=40)
    for number, video in enumerate(videos):
        km.video.write_gif(
            folder / "clips" / "abc"[number % 3] / f"{number}.gif", video
        )
    trained = tiny_model(**both_discriminators(normalization="none"))
    tiny_model().save(folder / "batch.keras")
    trained.save_to_preset(folder / "mine")
    data, preset = f"--data_dir={folder / 'clips'}", f"--init_from={folder / 'mine'}"
    run = ["train", data, f"--run_dir={folder / 'run'}", "--batch_size=2"]
    again = ["train", f"--flagfile={folder / 'run' / 'flags.txt'}", "--resume"]
    commands = {
        "run": [*run, preset, "--steps=1", "--freeze=motion_generator"],
        "resumed": [*again, "--steps=2"],
        # As a kill leaves it before the first checkpoint.
        "killed": [*again, f"--run_dir={folder / 'killed'}", "--image_size=32x32"],
        "size": [*run[:2], preset, "--image_size=64x96"],
        "option": [*run[:2], preset, "--palette_size=4"],
        "system": [*run[:2], preset, "--system=tgan"],
        "freeze": [*run[:2], "--freeze=motion_generator"],
        "no part": [*run[:2], preset, "--freeze=R_M", "--steps=1"],
        "recipe": [*run[:2], f"--init_from={folder / 'batch.keras'}", "--steps=1"],
        "no preset": [*run[:2], "--init_from=dancers"],
    }
    found = run_commands("tensorflow", *commands.values())
    return dict(zip(commands, found, strict=True)), folder, trained


def test_sizes_are_the_presets_and_classes_the_datas(results):
    found, folder, trained = results
    assert found["run"].status == 0, found["run"]
    rows = {line.split()[0]: line for line in found["run"].out.splitlines()}
    assert "at 32 pixels, windows of 4 frames" in rows["clips"]
    assert "mine; kept: motion_generator, image_generator, " in rows["start"]
    assert "motion_generator: classes in gru/gru_cell/kernel" in rows["made"]
    model = km.load_model(folder / "run" / "model.keras")
    assert (model.num_classes, model.clip_frames, model.image_size) == (3, 4, 32)
    assert model.frozen_config() == {"frozen": ["motion_generator"]}
    # [class; noise]: the noise's rows were kept, and are frozen.
    kernels = [m.motion_generator.get_weights()[0] for m in (trained, model)]
    np.testing.assert_array_equal(kernels[0][2:], kernels[1][3:])
    plan = json.loads((folder / "run" / "plan.json").read_text())
    assert plan["image_size"] == 32 and plan["recipe"] == "modern"


def test_a_run_goes_on_without_beginning_again(results):
    found, folder, _ = results
    assert found["resumed"].status == found["killed"].status == 0, found["killed"]
    assert (
        "start" not in found["resumed"].out and "Going on from" in found["resumed"].out
    )
    assert km.load_model(folder / "run" / "model.keras").global_step == 2
    assert "start" in found["killed"].out
    assert km.load_model(folder / "killed" / "model.keras").global_step == 2


def test_what_does_not_fit_is_told(results):
    said = {
        "size": "weights depend on it. Received: --image_size=64x96. Leave it out",
        "option": "--palette_size is as in --init_from=",
        "system": "--init_from must be a TGAN. Received: ",
        "freeze": "--freeze is for --init_from. Leave it out.",
        "no part": "Received: 'R_M'. Layers are named NETWORK/LAYER.",
        "no preset": "A preset must be one of shapes, sprites",
    }
    assert "--r1_weight=0, or the --recipe" in results[0]["recipe"].status
    for name, text in said.items():
        assert results[0][name].status == 1 and text in results[0][name].error, name
