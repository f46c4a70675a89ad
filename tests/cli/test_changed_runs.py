"""`train --resume` with flags that the run's model cannot take."""

import pytest
from console import run_commands

import keras_mocogan as km

pytestmark = pytest.mark.once

SMALL = (
    "--batch_size=2 --recipe=short --clip_frames=4 "
    "--generator_filters=2 --discriminator_filters=2 --steps_per_epoch=1"
).split()
CHANGED = {
    "--image_size=48x64": "--image_size must be 32 as in {}. Received: 48x64. Pass "
    "--image_size=32, or begin",
    "--clip_frames=5": "--clip_frames must be 4 as in {}. Received: 5. Pass ",
    "--channels=1": "--channels must be 3 as in {}. Received: 1. Pass ",
    "--num_classes=3": "--num_classes must be 2 as in {}. Received: 3. Pass ",
    "--data_dir={}/flat": "must have the classes of {}, 2. Received: clips with none.",
    "--hours=1": "the schedules of {} are fixed. Leave it out, and say with --steps",
    "--freeze=motion_generator": "flags.txt: networks, losses and rates are the "
    "checkpoint's. Received: --freeze=motion_generator. Leave it out",
    "--system=vgan": "Received: --system=vgan. Pass --system=mocogan, or begin",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A folder; and results: of a run, of each change to it, and of going on."""
    folder = tmp_path_factory.mktemp("changed")
    videos, labels = km.data.shape_motion(4, num_frames=6, image_size=32, seed=1)
    for number, (video, label) in enumerate(zip(videos, labels, strict=True)):
        for place in (f"clips/{'ab'[label]}", "flat"):
            km.video.write_gif(folder / place / f"{number}.gif", video)
    run = folder / "run"
    begin = ["train", f"--data_dir={folder / 'clips'}", f"--run_dir={run}", *SMALL]
    again = ["train", f"--flagfile={run / 'flags.txt'}", "--resume"]
    found = run_commands(
        "tensorflow",
        [*begin, "--steps=2"],
        *([*again, "--steps=3", flag.format(folder)] for flag in CHANGED),
        [*again, "--steps=1"],  # fewer than there are
        ["train", f"--run_dir={run}", "--resume"],  # the rest is in the run's files
    )
    return folder, found


def test_a_run_that_found_its_own_classes_goes_on(results):
    folder, run = results[0], results[0] / "own"
    begin = ["train", f"--data_dir={folder / 'flat'}", f"--run_dir={run}", *SMALL]
    again = ["train", f"--flagfile={run / 'flags.txt'}", "--resume", "--steps=2"]
    ended = run_commands("tensorflow", [*begin, "--num_classes=3", "--steps=1"], again)
    assert [result.status for result in ended] == [0, 0], ended
    model = km.load_model(run / "model.keras")
    assert (model.num_classes, model.global_step) == (3, 2)


def test_a_change_that_does_not_fit_leaves_the_run_as_it_was(results):
    folder, (began, *changed, fewer, resumed) = results
    assert began.status == 0, began
    checkpoint = folder / "run" / "checkpoints" / "step_00000002.keras"
    for result, said in zip(changed, CHANGED.values(), strict=True):
        assert result.status == 1 and "Traceback" not in result.error, result
        assert said.format(checkpoint) in result.error
    # Had one of them been kept, the run could not go on.
    assert fewer.status == resumed.status == 0, (fewer, resumed)
    assert "at 32 pixels, windows of 4 frames" in resumed.out


def test_no_fewer_than_no_steps_are_left(results):
    fewer = results[1][-2]
    assert "  steps     0 of 2 clips, after 2 that are done" in fewer.out
    assert km.load_model(results[0] / "run" / "model.keras").global_step == 2
