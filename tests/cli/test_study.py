"""The study of examples/reproduce_shapes.py, when a training in it is stopped."""

import json

import pytest
from processes import run_backend

pytestmark = pytest.mark.once

# In a process of its own: its flags have names of `train`'s. The commands are replaced
# by one that notes them; a training leaves a model, as one that is stopped does.
STUDY = """
    import json, sys
    from pathlib import Path
    from keras_mocogan.cli import finished, study

    called = []

    def call(command, log, **settings):
        called.append(command)
        if command == "train":
            (settings["run_dir"] / "model.keras").write_text("as of now")
            if len(sys.argv) > 2:
                finished.note(settings["run_dir"], settings["steps"])

    study._call = call
    study.tabulate = lambda *_: "a table"
    study.draw_clips = lambda *_: None
    folder = Path(sys.argv[1])
    flags = [f"--output_dir={folder}", "--seeds=1", "--steps=2"]
    study.FLAGS(["study", *flags])
    try:
        study.run({"mocogan_short": {"recipe": "short"}, "vgan": {}, "tgan": {}})
    except InterruptedError as error:
        called.append(str(error))
    print(json.dumps(called))
"""


def commands(*arguments):
    return json.loads(run_backend("tensorflow", STUDY, *arguments).splitlines()[-1])


def test_a_training_that_was_stopped_is_gone_on_with_and_not_scored(tmp_path):
    *first, told = commands(tmp_path)
    assert first == ["classifier", "train"]  # and no other training begins
    assert f"{tmp_path / 'mocogan_short-0'} was stopped. Start the study" in told
    each = ["train", "generate", "evaluate"]
    assert commands(tmp_path, "complete") == ["classifier", *each * 3]
