"""The exported page's files, its random numbers and its directions."""

import json

import numpy as np
import pytest
from testing import tiny_model

import keras_mocogan as km
from keras_mocogan.export.page_directions import content_directions
from keras_mocogan.utils.remote.remote_path import as_path

pytestmark = pytest.mark.once


def test_random_numbers_are_normal_and_independent():
    model = tiny_model()
    drawn = km.export.page_latents(5, model, contents=40, motions=30, num_frames=50)
    assert {name: array.shape for name, array in drawn.items()} == {
        "content": (40, 3),
        "state": (30, 2),
        "noise": (30, 50, 2),
    }
    noise = drawn["noise"].ravel()  # 3,000 numbers: four standard errors
    assert noise.dtype == "float32"
    assert abs(noise.mean()) < 4 / 3000**0.5 and abs(noise.std() - 1) < 4 / 6000**0.5
    assert abs(np.corrcoef(noise[:-1], noise[1:])[0, 1]) < 4 / 3000**0.5
    assert abs(np.corrcoef(drawn["noise"].reshape(30, -1)) - np.eye(30)).max() < 0.5
    assert len(np.unique(noise)) > 2990


def test_a_seed_does_not_depend_on_sizes():
    model = tiny_model(motion_dim=3)  # an odd number, where normals come in pairs
    few = km.export.page_latents(2**32 - 1, model, contents=2, motions=1, num_frames=3)
    more = km.export.page_latents(2**32 - 1, model, contents=5, motions=4)
    np.testing.assert_array_equal(few["content"], more["content"][:2])
    np.testing.assert_array_equal(few["state"], more["state"][:1])
    np.testing.assert_array_equal(few["noise"], more["noise"][:1, :3])
    other = km.export.page_latents(0, model)
    assert abs(other["content"][:5] - more["content"]).min() > 0
    with np.errstate(over="raise"):
        same = km.export.page_latents(np.uint32(2**32 - 1), model)
    np.testing.assert_array_equal(same["content"][:5], more["content"])
    with pytest.raises(ValueError, match="from 0 to 4294967295"):
        km.export.page_latents(2**32, model)


class Linear:
    """Frames that depend on the content by a known matrix, plus a motion's part."""

    content_dim, num_classes = 5, 0

    def __init__(self):
        random = np.random.default_rng(0)
        self.axes = np.linalg.qr(random.normal(size=(5, 5)))[0]
        pictures = np.linalg.qr(random.normal(size=(48, 5)))[0].T
        self.matrix = self.axes * [3, 2, 1, 0.1, 0.01] @ pictures

    def sample_content(self, n, seed):
        return km.latents.sample_content(n, 5, seed)

    def sample_motion(self, n, num_frames, seed):
        return np.full((n, num_frames, 1), 7.0)

    def decode(self, content, motion, labels):
        assert labels is None
        frames = (content @ self.matrix)[:, None] + motion.mean()
        return frames.reshape(len(content), 1, 4, 4, 3)


def test_directions_are_those_that_change_most():
    model = Linear()
    found = content_directions(model, 3)
    overlap = abs(found @ model.axes)
    np.testing.assert_allclose(overlap, np.eye(3, 5), atol=1e-4)
    assert (found.max(1) == abs(found).max(1)).all()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    runtime = folder / "dist"
    runtime.mkdir()
    for name in ("ort.wasm.min", "ort-wasm-simd-threaded"):
        (runtime / f"{name}.mjs").write_text(name)
    model = tiny_model(content_dim=3)
    return model, folder, runtime


def test_what_a_page_consists_of(site):
    model, folder, runtime = site
    with pytest.raises(ValueError, match="lacks ort-wasm-simd-threaded.wasm"):
        km.export_page(model, folder / "page", runtime=runtime)
    assert not (folder / "page").exists()
    (runtime / "ort-wasm-simd-threaded.wasm").write_bytes(b"wasm")
    shown = {"contents": 3, "credits": "Art of somebody"}
    index = km.export_page(
        model, folder / "page", ["up", "down"], "A & <b>", runtime, **shown
    )
    assert index == folder / "page" / "index.html" and index.exists()
    page = json.loads((folder / "page" / "page.json").read_text())
    assert page["title"] == "A & <b>" and page["runtime"] == "runtime/"
    assert page["credits"] == "Art of somebody"
    assert (page["contents"], page["motions"], page["fps"]) == (3, 4, 8)
    directions = np.array(page["directions"])  # as many as the content has
    np.testing.assert_allclose(directions @ directions.T, np.eye(3), atol=1e-4)
    copied = (folder / "page" / "runtime" / "ort-wasm-simd-threaded.wasm").read_bytes()
    assert copied == b"wasm"
    about = json.loads((folder / "page" / "model.json").read_text())
    assert about["class_names"] == ["up", "down"]


def test_the_page_takes_its_runtime_from_a_cdn_by_default(site):
    model, folder, _ = site
    km.export_page(model, folder / "cdn", motions=2)
    page = json.loads((folder / "cdn" / "page.json").read_text())
    assert page["runtime"].startswith("https://") and page["motions"] == 2
    assert not (folder / "cdn" / "runtime").exists()
    # Paths are relative, so a page may lie in any folder of a server.
    texts = [f.read_text() for f in (folder / "cdn").iterdir() if f.suffix != ".onnx"]
    assert not any('="/' in text or '"/' in text for text in texts)


def test_a_page_may_lie_at_a_url(site):
    model, folder, runtime = site
    (runtime / "ort-wasm-simd-threaded.wasm").write_bytes(b"wasm")
    km.export_page(model, folder / "here", runtime=runtime)
    index = km.export_page(model, "memory://pages/there", runtime=runtime)
    assert str(index) == "memory://pages/there/index.html"
    files = [f for f in (folder / "here").rglob("*") if f.is_file()]
    assert len(files) > 10
    for file in files:
        name = file.relative_to(folder / "here").as_posix()
        there = as_path(f"memory://pages/there/{name}").read_bytes()
        assert there == file.read_bytes()


@pytest.mark.parametrize(
    "wrong", [{"contents": 0}, {"motions": 27}, {"fps": 31}, {"fps": 2.5}]
)
def test_numbers_out_of_range_are_told(wrong, tmp_path):
    name, value = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=f"`{name}` must be .*{name}={value}"):
        km.export_page(tiny_model(), tmp_path / "page", **wrong)
