"""What steps need, by size of frames: the arithmetic of its table."""

import sys

import pytest
from processes import ROOT

pytestmark = pytest.mark.once

sys.path.insert(0, str(ROOT / "tools"))
from benchmarks import memory  # noqa: E402

OPTIONS = {
    "recipes": ["modern"],
    "sizes": ["32"],
    "backends": ["tensorflow"],
    "policies": ["float32"],
    "clip_frames": 4,
    "batch": 2,
    "accumulate": 1,
    "steps": 1,
    "memory": 1.0,
}


def test_the_largest_batch_follows_from_two():
    # A process of 600 with 50 for each clip: 24 clips need 1800.
    assert memory.largest_batch(1800, 4, once=800, twice=1000) == 24
    assert memory.largest_batch(1849, 4, once=800, twice=1000) == 24
    assert memory.largest_batch(700, 4, once=800, twice=1000) == 2
    assert memory.largest_batch(100, 4, once=800, twice=1000) == 0
    assert memory.largest_batch(1800, 4, once=800, twice=800) is None


def test_rows_that_failed_are_told(monkeypatch, capsys):
    answers = {"ended": [{"processor": [1.0, 3.0, 2.0], "memory": 512.0}, None]}
    monkeypatch.setattr(memory, "_measure", lambda backend, _: answers["ended"])
    memory.measure(OPTIONS)
    row = capsys.readouterr().out.splitlines()[2]
    assert row == (
        "| modern tensorflow float32 | 32 | 512 | failed | - | 2.00 | failed |"
    )


@pytest.mark.slow
def test_a_recipe_is_measured():
    (row,) = memory.measure(OPTIONS)["rows"]
    once, twice = row["found"]
    assert 100 < once["memory"] <= twice["memory"]
    assert len(once["processor"]) == 1 and once["processor"][0] > 0
