"""The console command: help, errors in a line, and what needs no training."""

import pytest
from console import run_commands

from keras_mocogan.cli.main import COMMANDS

pytestmark = pytest.mark.once


MISTAKES = (
    "trian",
    "generate --colour=red",
    "generate shapes",
    "train",
    "evaluate --videos=nowhere --data_dir=nowhere",
    "train --dataset=shapes --steps=5 --hours=1",
    "train --dataset=shapes --hours=nan",
)


@pytest.fixture(scope="module")
def results():
    """Of pages of help, by command; and of mistakes, no words and `--version`."""
    words = [[name, kind] for name in COMMANDS for kind in ("--help", "--helpfull")]
    found = run_commands("tensorflow", *words, *MISTAKES, "", "--version")
    helps = iter(found[: len(words)])
    return {name: (next(helps), next(helps)) for name in COMMANDS}, found[len(words) :]


@pytest.fixture(scope="module")
def pages(results):
    """Results of `--help` and `--helpfull` of every command, by command."""
    return results[0]


def flags_of(page):
    """The flags that a page describes."""
    lines = [line.strip() for line in page.splitlines() if line.startswith("  --")]
    names = [line.split("=")[0].split()[0].removeprefix("--") for line in lines]
    return {name.removeprefix("[no]") for name in names}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_short_and_helpfull_is_full(pages, name):
    short, full = pages[name]
    assert short.status == full.status == 0 and not short.error
    assert f"keras-mocogan {name}" in short.out
    first, everything = flags_of(short.out), flags_of(full.out)
    assert first <= everything and len(first) <= 12
    assert ("--helpfull" in short.out) == (first < everything)
    assert short.out.count("\n") < 60


def test_all_options_of_the_pipeline_are_flags_of_train(pages):
    options = "fps cache horizontal_flip reverse random_crop resize clips on_error "
    options += "layout deterministic frame_stride discriminator_normalization hours "
    options += "scores_every classifier i3d monitor monitor_mode strategy system"
    _, full = pages["train"]
    assert set(options.split()) <= flags_of(full.out)
    assert "synchronized_batch" in full.out


def test_what_will_not_do_is_told_in_lines(results):
    unknown, flag, word, source, missing, both, nan, overview, version = results[1]
    assert "Did you mean train?" in unknown.error
    assert "colour" in flag.error and "keras-mocogan generate --help" in flag.error
    assert "Flags begin with --. Received: shapes." in word.error
    assert (
        "Give either --data_dir=FOLDER, or --dataset=shapes or figures." in source.error
    )
    assert "nowhere" in missing.error
    assert "Give either --steps or --hours." in both.error
    assert "--hours must be a finite number. Received: --hours=nan." in nan.error
    for told in (unknown, flag, word, source, missing, both, nan):
        assert told.status == 1 and "Traceback" not in told.error
        assert told.error.startswith("error: ")
    assert all(f"\n  {name} " in overview.out for name in COMMANDS)
    assert overview.status == version.status == 0
    assert version.out.startswith("keras-mocogan ")
