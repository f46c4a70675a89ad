"""Commands other than `train`, as a person would use them one after another."""

import json

import keras
import numpy as np
import pytest
from console import run_commands
from PIL import Image
from testing import tiny_model

import keras_mocogan as km
from keras_mocogan.metrics.report import evaluate_videos

pytestmark = pytest.mark.once

FVD = "evaluate --preset=shapes --protocol=styleganv_fvd2048_16f --count=4".split()


@keras.saving.register_keras_serializable("tests_of_commands")
def own_loss(*logits):
    return keras.ops.mean(logits[0])


def save_with_own_loss(path):
    """Saves a model whose loss the process of a command does not know."""
    model = tiny_model()
    model.compile(loss=km.losses.AdversarialLoss(own_loss, own_loss))
    model.save(path)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results of commands by name, and the folder of their files."""
    folder = tmp_path_factory.mktemp("commands")
    videos, labels = km.data.shape_motion(24, num_frames=4, image_size=32)
    for number, (video, label) in enumerate(zip(videos, labels, strict=True)):
        km.video.write_gif(folder / "clips" / str(label) / f"{number}.gif", video)
    tiny_model().save(folder / "model.keras")
    tiny_model(image_size=(32, 48), image_encoder={"filters": 2}).save(
        folder / "wide.keras"
    )
    km.ImageGAN(image_size=32, image_generator={"filters": 2}).save(
        folder / "image.keras"
    )
    save_with_own_loss(folder / "own.keras")
    Image.fromarray(videos[0, 0]).resize((90, 70)).save(folder / "image.png")
    size = "--image_size=32 --clip_frames=4".split()
    model = f"--model={folder / 'model.keras'}"
    judge = f"--classifier={folder / 'judge.keras'}"
    commands = {
        "presets": ["presets"],
        "doctor": ["doctor"],
        "preset": [
            *"generate --preset=shapes --grid --count=4 --seed=1".split(),
            f"--output_dir={folder / 'preset'}",
        ],
        "generate": ["generate", model, "--count=2", f"--output_dir={folder / 'out'}"],
        "contents": [
            *["generate", model, "--contents=3", "--num_frames=5", "--seed=2"],
            f"--output_dir={folder / 'contents'}",
        ],
        "pictures": [
            *["generate", f"--model={folder / 'image.keras'}", "--grid", "--count=4"],
            *["--columns=4", f"--output_dir={folder / 'pictures'}"],
        ],
        "own loss": [
            *["generate", f"--model={folder / 'own.keras'}", "--count=1"],
            f"--output_dir={folder / 'own'}",
        ],
        "no row": ["generate", model, "--contents=3", "--label=1"],
        "neither": ["generate"],
        "onnx": [
            *["export", model, "--format=onnx", "--class_names=up,down"],
            f"--output={folder / 'graphs'}",
        ],
        "page": [
            *["export", "--preset=shapes", "--format=page", "--title=Shapes"],
            f"--output={folder / 'site'}",
        ],
        "misfit": ["export", model, "--title=A", f"--output={folder / 'none'}"],
        "records": [
            *["records", f"--source={folder / 'clips'}", "--image_size=32"],
            f"--output_dir={folder / 'records'}",
        ],
        "classifier": [
            *["classifier", f"--data_dir={folder / 'records'}", *size, "--steps=3"],
            *["--filters=2", "--batch_size=4", f"--output={folder / 'judge.keras'}"],
        ],
        "evaluate": [
            *["evaluate", model, f"--data_dir={folder / 'records'}", judge],
            *["--count=8", "--nocolors", f"--output={folder / 'scores.json'}"],
        ],
        "wide records": [
            *["records", f"--source={folder / 'clips'}", "--image_size=32x48"],
            *[f"--output_dir={folder / 'wide'}", "--resize=pad", "--fill_value=90"],
        ],
        "wide videos": [
            *["generate", f"--model={folder / 'wide.keras'}", "--grid", "--count=4"],
            f"--output_dir={folder / 'wide videos'}",
        ],
        "wide scores": [
            *["evaluate", f"--model={folder / 'wide.keras'}", "--count=2"],
            *[f"--data_dir={folder / 'wide'}", f"--output={folder / 'wide.json'}"],
        ],
        "project": [
            *["project", model, f"--data_dir={folder / 'clips'}", "--count=2"],
            *["--steps=4", "--starts=2", "--swap"],
            f"--output_dir={folder / 'projected'}",
        ],
        "animate": [
            *["animate", f"--model={folder / 'wide.keras'}", "--num_frames=5"],
            f"--images={folder / 'image.png'},{folder / 'image.png'}",
            f"--output_dir={folder / 'animated'}",
        ],
        "no encoder": ["animate", model, f"--images={folder / 'image.png'}"],
        "no image": [
            *["animate", f"--model={folder / 'wide.keras'}"],
            f"--images={folder / 'model.keras'}",
        ],
        "no clips": ["project", model],
        "no size": ["records", "--source=a", "--output_dir=b", "--image_size=32*48"],
        "drawn": ["classifier", "--dataset=shapes", "--image_size=32x48"],
        "evaluate preset": [
            *"evaluate --preset=shapes --dataset=shapes --count=4".split(),
            f"--output={folder / 'preset.json'}",
        ],
        "evaluate two": ["evaluate", model, "--preset=shapes", "--dataset=shapes"],
        "no network": [*FVD, "--dataset=shapes"],
        "short judge": [*FVD, "--dataset=shapes", judge],
        "no protocol": [
            *"evaluate --preset=shapes --dataset=shapes --extrapolate".split()
        ],
    }
    found = run_commands("tensorflow", *commands.values())
    return dict(zip(commands, found, strict=True)), folder


def test_all_of_them_end_well(results):
    wrong = {
        "neither",
        "no row",
        "misfit",
        "no clips",
        "no encoder",
        "no image",
        "no size",
        "drawn",
        "evaluate two",
        "no network",
        "short judge",
        "no protocol",
    }
    for name, result in results[0].items():
        assert result.status == int(name in wrong), (name, result)


def test_presets_and_generate(results):
    found, folder = results
    assert found["presets"].out.startswith("shapes ")
    assert "64 pixels, 8 frames, 2 classes" in found["presets"].out
    grid = Image.open(folder / "preset" / "videos.gif")
    assert grid.n_frames == 8 and grid.size == (2 * 64 + 2, 2 * 64 + 2)
    wanted = km.MoCoGAN.from_preset("shapes").generate(4, seed=1)[0, 0, :8, :8]
    shown = np.asarray(grid.convert("RGB"))[:8, :8].astype(int)
    assert abs(shown - wanted).mean() < 8  # a palette of 256 colors
    assert sorted(p.name for p in (folder / "out").iterdir()) == [
        "0000.gif",
        "0001.gif",
    ]
    grid = Image.open(folder / "contents" / "videos.gif")
    assert grid.n_frames == 5 and grid.size == (3 * 32 + 4, 4 * 32 + 6)
    assert "Leave out --label." in found["no row"].error
    assert "--model=FILE or --preset=NAME" in found["neither"].error


def test_pictures_are_laid_out_in_a_grid(results):
    with Image.open(results[1] / "pictures" / "videos.gif") as grid:
        assert grid.n_frames == 1 and grid.width > 4 * grid.height - 32


def test_doctor(results):
    out = results[0]["doctor"].out
    assert "backend     tensorflow " in out and "train in " in out


def test_export_of_graphs_and_of_a_page(results):
    found, folder = results
    about = json.loads((folder / "graphs" / "model.json").read_text())
    assert about["class_names"] == ["up", "down"]
    assert (folder / "graphs" / "image_generator.onnx").exists()
    about = json.loads((folder / "site" / "model.json").read_text())
    assert about["class_names"] == ["right", "down"]  # the preset's
    page = json.loads((folder / "site" / "page.json").read_text())
    assert page["title"] == "Shapes" and (folder / "site" / "index.html").exists()
    assert "python -m http.server --directory" in found["page"].out
    assert "--title is for --format=page." in found["misfit"].error
    assert not (folder / "none").exists()


def test_project(results):
    found, folder = results
    folder = folder / "projected"
    figure = Image.open(folder / "projection.gif")
    assert figure.n_frames == 4 and figure.size == (2 * 32 + 2, 2 * 32 + 2)
    figure = Image.open(folder / "swap.gif")
    assert figure.n_frames == 4 and figure.size == (3 * 32 + 4, 3 * 32 + 4)
    corner = np.asarray(figure.convert("RGB"))[:32, :32]
    assert corner.min() == 255  # real clips are to the right of it and below
    with np.load(folder / "projection.npz") as file:
        assert file["content"].shape == (2, 3) and file["motion"].shape == (2, 4, 2)
        assert file["distances"].shape == (2, 4) and file["labels"].shape == (2,)
    assert "Mean difference of pixels in 0..255" in found["project"].out
    assert "--data_dir=FOLDER or --dataset=shapes" in found["no clips"].error


def test_animate(results):
    found, folder = results
    grid = Image.open(folder / "animated" / "animation.gif")
    # Two columns; the images, and a row for each of two classes.
    assert grid.n_frames == 5 and grid.size == (2 * 48 + 2, 3 * 32 + 4)
    assert "--image_encoder" in found["no encoder"].error
    assert "--images must name pictures. Received:" in found["no image"].error


def test_rectangular_frames(results):
    found, folder = results
    index = json.loads((folder / "wide" / "index.json").read_text())
    assert index["image_size"] == [32, 48]
    wide = km.data.video_dataset(folder / "wide", (32, 48), 4, batch_size=24)
    videos, _ = next(iter(wide))
    assert abs(np.delete(videos, range(8, 40), axis=3).astype(int) - 90).max() < 3
    grid = Image.open(folder / "wide videos" / "videos.gif")
    assert grid.size == (2 * 48 + 2, 2 * 32 + 2)  # width and height
    written = json.loads((folder / "wide.json").read_text())
    assert written["settings"]["image_size"] == [32, 48]
    assert written["videos"]["real"][2:] == [32, 48, 3]
    said = "--image_size=32*48: `image_size` must be a number, or HEIGHTxWIDTH"
    assert said in found["no size"].error
    assert "these frames are drawn square" in found["drawn"].error


def test_records_classifier_and_evaluate(results):
    found, folder = results
    assert "Wrote 24 clips" in found["records"].out
    dataset = km.data.video_dataset(
        folder / "records", image_size=32, clip_frames=4, batch_size=4
    )
    assert dataset.num_clips == 24 and dataset.num_classes == 2
    judge = km.metrics.load_classifier(folder / "judge.keras")
    assert judge.class_names == ["0", "1"] and judge.held_out["clips"] == 3
    written = json.loads((folder / "scores.json").read_text())
    assert written["settings"]["count"] == 8
    assert written["videos"] == {
        "generated": [16, 4, 32, 32, 3],
        "real": [16, 4, 32, 32, 3],
    }
    keys = {score["key"] for score in written["scores"]}
    assert {"mcs", "inception_score", "frechet_distance"} <= keys
    assert "acd" not in keys  # --nocolors


def test_evaluate_scores_presets_too(results):
    found, folder = results
    written = json.loads((folder / "preset.json").read_text())
    assert written["settings"]["preset"] == "shapes"
    assert written["videos"]["generated"] == [8, 8, 64, 64, 3]  # the preset's size
    model = km.MoCoGAN.from_preset("shapes")
    videos = model.generate(8, labels=np.arange(8) % 2, seed=0)
    real = km.data.shape_motion(8, 8, 64, seed=10**6)
    scores = evaluate_videos((videos, None), real, colors=True, count=4)
    acd = {score.key: score.value for score in scores}["acd"]
    [shown] = [s["value"] for s in written["scores"] if s["key"] == "acd"]
    assert shown == pytest.approx(acd, rel=1e-6)
    assert "--preset=NAME and --videos=FOLDER" in found["evaluate two"].error
    said = "Protocol paper changed to 4 videos: 8 frames, 4 generated and real videos;"
    assert said in found["evaluate preset"].out


def test_protocols_of_papers_are_refused_where_they_cannot_be_kept(results):
    found, _ = results
    said = "--protocol=styleganv_fvd2048_16f needs --i3d or --classifier."
    assert said in found["no network"].error
    assert "clips of 16 frames, and " in found["short judge"].error
    assert "takes 4. Train one with --clip_frames=16." in found["short judge"].error
    said = "--real_features and --extrapolate are for FVD by the --protocol of a"
    assert said in found["no protocol"].error
