"""Flags without an effect, and names of files that will not do, are told in lines."""

import pytest
from console import run_commands
from testing import tiny_model

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results of commands, by the name of the test's case."""
    folder = tmp_path_factory.mktemp("ignored")
    (folder / "file").write_text("not a folder")
    (folder / "folder").mkdir()
    model = tiny_model(image_encoder={"filters": 2})
    model.save(folder / "model.keras")
    model = f"--model={folder / 'model.keras'}"
    train = ["train", "--dataset=shapes", "--steps=1", f"--run_dir={folder / 'run'}"]
    file = folder / "file"
    commands = {
        "parts": ["generate", model, "--parts"],
        "columns": ["generate", model, "--columns=2"],
        "private": ["presets", "--private"],
        "classifier": [*train, "--classifier=judge.keras"],
        "colors": [*train, "--colors"],
        "no measure": [*train, "--scores_every=1"],
        "no images": ["animate", model, "--images="],
        "videos": ["generate", model, "--count=1", f"--output_dir={file}"],
        "preset": ["export", model, "--format=preset", f"--output={file}"],
        "scores": [
            *["evaluate", model, "--dataset=shapes", "--count=2"],
            f"--output={folder / 'folder'}",
        ],
        "address": ["serve", model, "--name=mine/walk"],
        "sizes": ["evaluate", model, "--dataset=shapes", "--image_size=48"],
        "groups": ["classifier", "--dataset=shapes", "--group_size=8", "--parts=3"],
        "weight": [*train, "--init_from=shapes", "--content_weight=2"],
        "lines": ["serve", model, "--requests=-"],
    }
    found = run_commands("tensorflow", *commands.values())
    return dict(zip(commands, found, strict=True)), folder


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("parts", "--parts is for a VGAN, which draws foreground and background. "),
        ("columns", "--columns is for --grid. Give --grid too, or leave it out."),
        ("private", "--private is for --upload. Leave it out."),
        ("classifier", "--classifier is for --scores_every, "),
        ("colors", "Give --scores_every=1 too, or leave --colors out."),
        ("no measure", "--scores_every needs something to measure: "),
        ("no images", "--images must name pictures. Received: none."),
        ("videos", "File exists: {}/file. Check the names that the flags give."),
        ("preset", "Not a directory: {}/file. Check the names that the flags give."),
        ("scores", "Is a directory: {}/folder. Check the names that the flags give."),
        ("address", "--name must be one part of an address, without /. Received: mi"),
        ("sizes", "--image_size: sizes are the model's, unless --videos is given. "),
        ("groups", "With --group_size each group is a part. Leave out --parts"),
        ("weight", "D_I of --init_from=shapes recovers no contents. Leave it out."),
        ("lines", "--model must be a folder that `export` wrote as a SavedModel."),
    ],
)
def test_what_has_no_effect_is_refused(results, name, said):
    found, folder = results
    assert found[name].status == 1, found[name]
    assert found[name].error.splitlines()[-1].startswith(("error: ", "See: "))
    assert said.format(folder) in found[name].error
    assert "Traceback" not in found[name].error
