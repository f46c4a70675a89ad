"""A search over recipes at tiny size, and a preset of what it trained."""

import json

import numpy as np
import pytest
from processes import ROOT

import keras_mocogan as km

pytestmark = pytest.mark.once

VARIANTS = {
    "recipe": "short",
    "all": {
        "steps": 3,
        "batch_size": 2,
        "arguments": {"image_generator": {"filters": 2}, "content_dim": 3},
    },
    "variants": {
        "plain": {},
        "smooth": {"arguments": {"image_generator": {"smooth_start": True}}},
    },
}


def write_clips(path, n, seed):
    videos, labels = km.data.shape_motion(n, num_frames=4, image_size=32, seed=seed)
    np.savez(path, videos=videos, labels=labels, names_labels=["right", "down"])


def search(run_backend, folder, *flags):
    run_backend(
        "tensorflow",
        ROOT / "tools" / "search.py",
        f"--variants={folder / 'variants.json'}",
        f"--training={folder / 'training.npz'}",
        f"--held_out={folder / 'held_out.npz'}",
        f"--output_dir={folder / 'runs'}",
        *flags,
    )


@pytest.mark.slow
def test_variants_are_trained_and_go_on(run_backend, tmp_path):
    (tmp_path / "variants.json").write_text(json.dumps(VARIANTS))
    write_clips(tmp_path / "training.npz", 6, seed=0)
    write_clips(tmp_path / "held_out.npz", 4, seed=1)
    search(run_backend, tmp_path, "--measures=2", "--only=smooth")
    folder = tmp_path / "runs" / "smooth-0"
    rows = json.loads((folder / "rows.json").read_text())
    assert [row["step"] for row in rows] == [2, 4]
    assert 0 < rows[0]["minutes"] < rows[1]["minutes"]
    assert len(list(folder.glob("preview-*.gif"))) == 2

    # What is there is kept, and only the model at the end is made again.
    (folder / "model.keras").unlink()
    rows[0]["minutes"] = 7
    distance = rows[1].pop("kernel_distance")  # as if its measure was interrupted
    (folder / "rows.json").write_text(json.dumps(rows))
    search(run_backend, tmp_path, "--measures=2")
    again = json.loads((folder / "rows.json").read_text())
    assert again[1].pop("kernel_distance") == pytest.approx(distance, rel=1e-3)
    assert again == rows
    assert (folder / "model.keras").exists()
    table = (tmp_path / "runs" / "table.md").read_text().splitlines()
    assert [line.split("|")[1].strip() for line in table[2:]] == [
        "plain-0",
        "smooth-0",
    ]

    scores = {"scores": [{"key": "motion_obeyed", "value": 0.51234, "real": None}]}
    (tmp_path / "scores.json").write_text(json.dumps(scores))
    (tmp_path / "credits.txt").write_text("Drawn by the package.\n")
    run_backend(
        "tensorflow",
        ROOT / "tools" / "make_preset.py",
        f"--model={folder / 'model.keras'}",
        "--name=mine",
        f"--folder={tmp_path / 'presets'}",
        f"--training={tmp_path / 'training.npz'}",
        f"--scores={tmp_path / 'scores.json'}",
        f"--credits={tmp_path / 'credits.txt'}",
        "--command=python tools/search.py",
    )
    assert km.presets.about(tmp_path / "presets" / "mine") == {
        "class_names": ["right", "down"],
        "credits": "Drawn by the package.",
        "scores": {"motion_obeyed": {"value": 0.5123, "real": None}},
        "command": "python tools/search.py",
    }
    model = km.MoCoGAN.from_preset(tmp_path / "presets" / "mine")
    assert model.get_config()["image_generator"]["smooth_start"] is True
