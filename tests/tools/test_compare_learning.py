"""The comparison of what variants learn, run whole at the smallest size."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image
from processes import ROOT

import keras_mocogan as km

sys.path.insert(0, str(ROOT / "tools"))
from learning import changes, contestants, measures  # noqa: E402

pytestmark = pytest.mark.once
SIZE, FRAMES = 32, 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Strips of moving shapes in class folders, and a classifier that exists."""
    folder = tmp_path_factory.mktemp("learning")
    videos, labels = km.data.shape_motion(8, num_frames=FRAMES, image_size=SIZE)
    for number, (video, label) in enumerate(zip(videos, labels, strict=True)):
        path = folder / "clips" / str(label) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.concatenate(list(video), axis=1)).save(path)
    results = folder / "results"
    results.mkdir()
    classifier = km.metrics.VideoClassifier(2, SIZE, 3, FRAMES, filters=2)
    classifier.save(results / "classifier.keras")
    # Four frames at 8x8 pixels in three channels, as `coarse_pixels` makes them.
    pixels = np.random.default_rng(0).uniform(-1, 1, (8, 4 * 8 * 8 * 3))
    np.save(results / "real_pixels.npy", pixels)
    return folder


def write_variants(folder, **variants):
    data = {
        "source": "clips",
        "image_size": SIZE,
        "clip_frames": FRAMES,
        "frame_stride": 1,
        "batch_size": 2,
        "directions": ["right", "down"],
        "steps": 2,
        "every": 1,
    }
    networks = ("image_generator", "image_discriminator", "video_discriminator")
    model = {"image_size": SIZE, "num_classes": 2}
    model |= {name: {"filters": 2} for name in networks}
    content = {"data": data, "all": {"model": model}, "variants": variants}
    (folder / "variants.json").write_text(json.dumps(content))


def compare(folder, *flags):
    command = [sys.executable, ROOT / "tools" / "compare_learning.py", "--seeds=1"]
    command += [f"--variants={folder / 'variants.json'}", "--count=4", *flags]
    command += [f"--output_dir={folder / 'results'}"]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def rows_of(folder, name):
    return json.loads((folder / "results" / name / "rows.json").read_text())


@pytest.mark.slow
def test_variants_are_trained_measured_and_taken_up_again(folder):
    peer = {"size": SIZE, "filters": 2, "sigma": 0.1, "num_classes": 2}
    package = {"model": {"category_input": "frame"}}
    package |= {"changes": ["first_layer_by_inputs"]}
    write_variants(folder, plain={"peer": peer}, the_package=package)
    run = compare(folder)
    assert run.returncode == 0, run.stderr
    names = ("plain", "the_package")
    first = {name: rows_of(folder, f"{name}-0") for name in names}
    for name, rows in first.items():
        assert [row["step"] for row in rows] == [1, 2], name
        assert all(0 <= row["direction"] <= 1 for row in rows)
        assert all(row["generator_loss"] > 0 for row in rows)
    table = (folder / "results" / "table.md").read_text()
    assert [line.split("|")[1:3] for line in table.splitlines()[2:]] == [
        [" plain ", " 2 "],
        [" the package ", " 2 "],
    ]
    with Image.open(folder / "results" / "samples.png") as picture:
        assert picture.width > 1000 and np.asarray(picture).std() > 0

    assert compare(folder, "--steps=3", "--only=the_package").returncode == 0
    rows = rows_of(folder, "the_package-0")
    assert rows[:2] == first["the_package"]
    assert [row["step"] for row in rows] == [1, 2, 3]
    assert rows_of(folder, "plain-0") == first["plain"]


def test_the_first_layer_may_start_by_its_inputs():
    model = km.MoCoGAN(image_size=64, image_generator={"filters": 4})
    changes.first_layer_by_inputs(model)
    kernel = keras.ops.convert_to_numpy(model.image_generator.get_layer("dense").kernel)
    # Uniform in +-1/sqrt(60), of 60 x 512 values.
    assert abs(kernel).max() == pytest.approx(60**-0.5, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variants", "flags", "message"),
    [
        ({"mine": {"modle": {}}}, (), "'mine' must hold some of"),
        ({"mine": {}}, ("--only=yours",), "Received: ['yours']"),
    ],
)
def test_a_file_that_will_not_do_is_told(folder, variants, flags, message):
    write_variants(folder, **variants)
    run = compare(folder, *flags)
    assert run.returncode == 1
    assert message in run.stdout + run.stderr


def test_coarse_pixels_are_means_of_cells():
    videos = np.zeros((2, 16, 16, 16, 3), "uint8")
    videos[1, 5, :2, 14:, 0] = 255  # the upper right cell of 2x2 pixels, in red
    pixels = measures.coarse_pixels(videos).reshape(2, 4, 8, 8, 3)
    assert (pixels[0] == -1).all()
    # Of 16 frames 0, 5, 10 and 15 are taken.
    assert pixels[1, 1, 0, 7, 0] == 1
    assert (pixels[1] == -1).sum() == pixels[1].size - 1


@pytest.mark.slow
def test_training_goes_on_from_the_last_weights_and_not_from_their_averages():
    networks = ("image_generator", "image_discriminator", "video_discriminator")
    model = dict.fromkeys(networks, {"filters": 2}) | {"image_size": SIZE}
    variant = {"model": model, "recipe": "short"}
    video = np.random.default_rng(0).integers(0, 256, (2, FRAMES, SIZE, SIZE, 3))

    def clips():
        while True:
            yield video.astype("uint8")

    contestant = contestants.Package(variant, seed=0, state=None)
    contestant.train(clips(), None, 2)
    weights = [w.numpy() for w in contestant.model.trainable_variables]
    with km.callbacks.ema_weights(contestant.model):
        averages = [w.numpy() for w in contestant.model.trainable_variables]
    same = [np.array_equal(*pair) for pair in zip(weights, averages, strict=True)]
    assert not all(same)
