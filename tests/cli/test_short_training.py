"""`keras-mocogan train` on each backend: two steps, and runs that are refused."""

import keras
from console import run_commands

BACKEND = keras.config.backend()
FLAGS = (
    "train --dataset=shapes --image_size=32 --clip_frames=4 --batch_size=2 "
    "--recipe=short --steps=2 --steps_per_epoch=2 --content_dim=3 --motion_dim=2 "
    "--generator_filters=2 --discriminator_filters=2 --video_discriminator_levels=3"
).split()


def test_two_steps_and_what_is_refused(tmp_path):
    whole = [*FLAGS, f"--run_dir={tmp_path / 'whole'}"]
    float16 = [*FLAGS, f"--run_dir={tmp_path / 'half'}", "--mixed_precision=float16"]
    trained, again, refused = run_commands(BACKEND, whole, whole, float16)
    assert trained.status == 0, trained
    model = keras.models.load_model(tmp_path / "whole" / "model.keras")
    assert model.global_step == 2 and model.num_classes == 2
    assert len(model.generate(2, seed=1)) == 2
    folder = tmp_path / "whole" / "checkpoints"
    assert f"{folder / 'step_00000002.keras'} is from an earlier run" in again.status
    assert again.status.endswith(f"or remove {folder.parent}.")
    assert (tmp_path / "whole" / "finished.txt").read_text() == "2 steps\n"
    assert "'mixed_float16', which needs a loss scale" in refused.status
