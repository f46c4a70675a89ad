"""Presets at URLs and on a hub: servers on loopback stand in for both."""

import json
import shutil
import sys

import h5py
import hub_server
import huggingface_hub
import numpy as np
import pytest
from console import run_commands
from PIL import Image
from testing import tiny_model

import keras_mocogan as km
from keras_mocogan.utils.remote import fsspec_files
from keras_mocogan.utils.remote.remote_path import as_path

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results of commands by name, the folder of their files, and what was asked."""
    folder = tmp_path_factory.mktemp("hub")
    tiny_model().save(folder / "model.keras")
    about = {"credits": "Drawn by Eva Noß.", "scores": {"mcs": 0.5}}
    (folder / "about.json").write_text(json.dumps(about))
    (folder / "list.json").write_text("[]")
    model, mine = f"--model={folder / 'model.keras'}", folder / "mine"
    with hub_server.serving(folder / "hub") as (url, requests):
        web = f"{url}/user/dancers"
        commands = {
            "export": [
                *["export", model, f"--output={mine}", "--format=preset"],
                *["--class_names=walk,run", f"--about={folder / 'about.json'}"],
            ],
            "no about": [
                *["export", model, "--output=none", "--format=preset"],
                f"--about={folder / 'list.json'}",
            ],
            "upload": ["presets", f"--preset={mine}", "--upload=user/dancers"],
            "tell": ["presets", "--preset=hf://user/dancers"],
            "generate": [
                *["generate", "--preset=hf://user/dancers", "--count=1", "--seed=3"],
                *[f"--output_dir={folder / 'hf'}", "--label=1"],
            ],
            "web": [
                *["generate", f"--preset={web}", "--count=1", "--seed=3"],
                *[f"--output_dir={folder / 'web'}", "--label=1"],
            ],
            "again": [
                *["export", f"--preset={web}", "--format=preset"],
                *[f"--output={folder / 'again'}", "--dtype=float16"],
            ],
            "no repository": ["generate", "--preset=hf://user/singers"],
            "no folder": ["generate", f"--preset={url}/user/singers"],
            "no name": ["presets", f"--preset={mine}", "--upload=dancers"],
            "nothing": ["presets", "--upload=user/dancers"],
        }
        variables = {"HF_ENDPOINT": url, "HF_TOKEN": hub_server.TOKEN}
        variables |= {"HF_HOME": str(folder / "home")}
        variables |= {"KERAS_HOME": str(folder / "keras")}
        found = run_commands("tensorflow", *commands.values(), env=variables)
        found = dict(zip(commands, found, strict=True))
        [found["refused"]] = run_commands(
            "tensorflow", commands["upload"], env=variables | {"HF_TOKEN": "other"}
        )
    return found, folder, requests


WRONG = {"no about", "no repository", "no folder", "no name", "nothing", "refused"}


def test_all_of_them_end_well(results):
    for name, result in results[0].items():
        assert result.status == int(name in WRONG), (name, result)
        assert "Traceback" not in result.error


def test_an_upload_is_one_commit_with_a_card(results):
    found, folder, requests = results
    assert sum("/commit/main" in line for line in requests) == 1
    there, mine = folder / "hub" / "user" / "dancers", folder / "mine"
    names = {path.name for path in mine.iterdir()}
    assert {path.name for path in there.iterdir()} == names
    for name in names - {"README.md"}:
        assert (there / name).read_bytes() == (mine / name).read_bytes()
    card = (there / "README.md").read_text("utf-8")
    assert 'km.MoCoGAN.from_preset("hf://user/dancers")' in card
    assert "Drawn by Eva Noß." in card
    assert "--preset=hf://user/dancers" in found["upload"].out


def test_what_is_at_a_url_generates_the_same(results):
    found, folder, _ = results
    wanted = km.load_model(folder / "model.keras").generate(1, labels=1, seed=3)[0]
    for name in ("hf", "web"):
        picture = Image.open(folder / name / "0000.gif")
        shown = np.asarray(picture.convert("RGB")).astype(int)
        assert abs(shown - wanted[0]).mean() < 8  # a palette of 256 colors
    lines = found["tell"].out.splitlines()
    assert lines[0].startswith("hf://user/dancers")
    assert {"  walk", "  run", "  mcs 0.5", "  Drawn by Eva Noß."} <= set(lines)


def test_what_is_known_comes_along(results):
    _, folder, _ = results
    about = km.presets.about(folder / "again")
    assert about == km.presets.about(folder / "mine")
    assert about["class_names"] == ["walk", "run"]
    name = "image_generator.weights.h5"
    with h5py.File(folder / "again" / name) as file:
        assert file["layers/dense/vars/0"].dtype == "float16"


def test_what_does_not_work_is_told(results):
    found = results[0]
    assert "A preset must hold config.json" in found["no repository"].error
    assert "A preset must hold config.json" in found["no folder"].error
    assert "`repo` must be a user and a name" in found["no name"].error
    assert "--preset=FOLDER" in found["nothing"].error
    assert "--about must hold a dictionary" in found["no about"].error
    assert "a token that may write" in found["refused"].error


def test_a_server_that_is_not_there(monkeypatch, tmp_path):
    tiny_model().save_to_preset(tmp_path / "mine")
    (tmp_path / "mine" / "image_generator.weights.h5").write_bytes(b"changed")
    with pytest.raises(ValueError, match="must have the checksum"):
        km.presets.upload_to_hub(tmp_path / "mine", "user/dancers")
    shutil.rmtree(tmp_path / "mine")
    tiny_model().save_to_preset(tmp_path / "mine")

    def create_repo(*_, **__):
        raise hub_server.connection_error("no route to host")

    monkeypatch.setattr(huggingface_hub, "create_repo", create_repo)
    with pytest.raises(ConnectionError, match="hf://user/dancers: no route to host"):
        km.presets.upload_to_hub(tmp_path / "mine", "user/dancers")
    with pytest.raises(ValueError, match="a folder on this machine"):
        km.presets.upload_to_hub("hf://user/dancers", "user/dancers")
    with pytest.raises(ValueError, match=r"pip install keras-mocogan\[hub\]"):
        monkeypatch.setitem(sys.modules, "huggingface_hub", None)
        km.presets.upload_to_hub("shapes", "user/shapes")


def test_a_preset_at_a_url_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    model = tiny_model(seed=1)
    model.save_to_preset(tmp_path / "web" / "mine")
    with hub_server.serving(tmp_path / "web") as (url, requests):
        km.load_model(f"{url}/mine")
        first = [line for line in requests if ".h5" in line]
        again = km.MoCoGAN.from_preset(f"{url}/mine")
        assert [line for line in requests if ".h5" in line] == first != []
        assert any("config.json" in line for line in requests[-2:])
        copies = sorted((tmp_path / "home" / "keras_mocogan" / "presets").iterdir())
        weights = [path for path in copies if path.name.endswith(".weights.h5")]
        assert len(weights) == len(copies) - 1 == len(list_weights(tmp_path))
        weights[0].write_bytes(b"damaged")
        km.load_model(f"{url}/mine")  # gets it again
        assert len([line for line in requests if ".h5" in line]) > len(first)
        tiny_model(seed=2).save_to_preset(tmp_path / "web" / "mine")
        changed = km.load_model(f"{url}/mine")
    assert_equal_weights(again, model)
    fsspec_files._file_system.cache_clear()  # with its open connection
    with pytest.warns(UserWarning, match=f"{url}.*The copy in .* is used"):
        offline = km.load_model(f"{url}/mine")
    assert_equal_weights(offline, changed)
    assert_equal_weights(offline, tiny_model(seed=2))


def list_weights(folder):
    return list((folder / "web" / "mine").glob("*.weights.h5"))


def assert_equal_weights(one, other):
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_presets_are_written_to_storage():
    model = tiny_model()
    model.save_to_preset("memory://presets/dancers")
    again = km.load_model("memory://presets/dancers")
    for weight, loaded in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, loaded)
    card = as_path("memory://presets/dancers/README.md")
    assert 'from_preset("memory://presets/dancers")' in card.read_text()
