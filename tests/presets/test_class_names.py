"""Names of classes in presets, in the page of a server and in its refusals."""

import json

import pytest
from testing import tiny_model

import keras_mocogan as km

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "names", ["ab", 5, {"a": 1, "b": 2}, [1, 2], ["a", None], ["a", ""], ["a"]]
)
def test_they_are_a_list_of_text(tmp_path, names):
    said = r"`about\['class_names'\]` must be a list of 2 names"
    with pytest.raises(ValueError, match=said):
        tiny_model().save_to_preset(tmp_path / "mine", {"class_names": names})
    assert not (tmp_path / "mine").exists()


def test_a_dtype_that_is_none_is_refused(tmp_path):
    tiny_model().save_to_preset(tmp_path / "mine", {"class_names": ("a", "b")})
    path = tmp_path / "mine" / "config.json"
    held = json.loads(path.read_text())
    assert held["about"]["class_names"] == ["a", "b"]
    held["config"]["dtype"] = {"class_name": "x"}
    path.write_text(json.dumps(held))
    with pytest.raises(ValueError, match="must describe a MoCoGAN of this version"):
        km.MoCoGAN.from_preset(tmp_path / "mine")


def test_numbers_in_presets_of_others_are_names_too():
    pytest.importorskip("fastapi")
    from keras_mocogan.serving.errors import RequestError
    from keras_mocogan.serving.keras_networks import KerasNetworks
    from keras_mocogan.serving.service import Service

    service = Service(KerasNetworks(tiny_model()), class_names=[7, 8])
    try:
        with pytest.raises(RequestError, match="from 0 to 1, or one of 7, 8; -1"):
            service.reader.read({"class": 9})
        assert service.reader.read({"class": "8"}).label == 1
    finally:
        service.batcher.stop()
