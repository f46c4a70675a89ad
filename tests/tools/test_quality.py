"""Time to quality: its clock, its table, and trainings at the smallest size."""

import json
import sys

import pytest
from absl import app
from PIL import Image
from processes import ROOT

pytestmark = pytest.mark.once

sys.path.insert(0, str(ROOT / "tools"))
from benchmarks import quality, quality_report, training_clock  # noqa: E402
from learning import children  # noqa: E402

NETWORKS = ("image_generator", "image_discriminator", "video_discriminator")
TINY = {"batch_size": 2, "arguments": {name: {"filters": 2} for name in NETWORKS}}


@pytest.fixture
def options(tmp_path):
    return {
        "recipes": ["small_peer", "short"],
        "backends": ["tensorflow"],
        "policies": ["float32"],
        "image_size": 32,
        "clip_frames": 16,
        "minutes": 10.0,
        "seeds": 1,
        "mark": None,
        "threads": 2,
        "output_dir": str(tmp_path),
    }


@pytest.fixture
def started(monkeypatch):
    """Names of the rows that are trained; each measures 0.5 and then 0.1."""
    names = []

    def run(module, settings, log, threads, **environment):
        assert module == "benchmarks.quality_worker" and threads == 2
        assert environment == {"KERAS_BACKEND": settings["backend"]}
        names.append(log.parent.name)
        write_rows(log.parent, [(4.0, 0.5), (10.0, 0.1)])
        return 0

    monkeypatch.setattr(children, "run", run)
    return names


def write_rows(folder, pairs):
    rows = [{"step": int(10 * m), "minutes": m, "distance": d} for m, d in pairs]
    folder.mkdir(exist_ok=True)
    (folder / "rows.json").write_text(json.dumps(rows))


def test_measuring_takes_no_time_off_the_clock(monkeypatch):
    now = 0.0
    monkeypatch.setattr(training_clock.time, "monotonic", lambda: now)
    clock = training_clock.TrainingClock(limit=10, minutes=4)
    now = 600.0  # what passes before the start does not count
    clock.start()
    assert clock.minutes == 4 and not clock.is_due()
    now += 60
    # 0.1 * 1.25**17 = 4.44 is the first point of time after 4 minutes.
    assert clock.minutes == 5 and clock.is_due()
    with clock.stopped():
        now += 3000
    assert clock.minutes == 5 and not clock.is_due()
    now += 36  # 0.1 * 1.25**18 = 5.55
    assert clock.is_due() and not clock.is_over()
    now += 264
    assert clock.minutes == 10 and clock.is_due() and clock.is_over()


def test_rows_are_trained_once(options, started, tmp_path):
    options |= {"backends": ["jax", "torch"], "seeds": 2}
    # One is interrupted, and one has ended.
    write_rows(tmp_path / "short-jax-float32-0", [(4.0, 0.5)])
    write_rows(tmp_path / "small_peer-torch-float32-1", [(4.0, 0.6), (10.0, 0.3)])
    results = quality.measure(options)
    assert started == [
        "small_peer-torch-float32-0",
        "short-jax-float32-0",
        "short-torch-float32-0",
        "short-jax-float32-1",
        "short-torch-float32-1",
    ]
    assert list(results["measures"]) == [
        "small_peer",
        "short jax float32",
        "short torch float32",
    ]
    # The median of where the two seeds of the peer end, 0.1 and 0.3.
    assert results["mark"] == pytest.approx(0.2)
    assert 0.01 < results["black"] < 0.5
    assert json.loads((tmp_path / "results.json").read_text())["measures"]
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.width > 800

    folder = tmp_path / "small_peer-torch-float32-0"
    settings = json.loads((folder / "settings.json").read_text())
    assert settings["changes"]["batch_size"] == 8

    started.clear()
    assert quality.measure(options | {"mark": 0.01})["mark"] == 0.01
    assert not started
    with pytest.raises(app.UsageError, match="others: threads.* Choose another"):
        quality.measure(options | {"threads": 1})


def test_an_unknown_recipe_is_refused_before_anything_is_trained(options, started):
    with pytest.raises(app.UsageError, match="Received: peer,moden"):
        quality.measure(options | {"recipes": ["peer", "moden"]})
    assert not started


def test_the_table_has_the_first_time_at_the_mark(capsys):
    def rows(*pairs):
        return [{"step": 1000, "minutes": m, "distance": d} for m, d in pairs]

    seeds = [rows((1, 0.4), (2, 0.2), (3, 0.3)), rows((1, 0.4), (3, 0.1))]
    assert quality_report.minutes_to(0.2, seeds[0]) == 2
    assert quality_report.minutes_to(0.15, seeds[0]) is None
    assert quality_report.minutes_to(None, seeds[0]) is None
    measures = {"fast": seeds, "slow": [rows((3, 0.5))]}
    results = {"mark": 0.2, "black": 0.04, "load": [0, 0, 0], "measures": measures}
    quality_report.print_results(results)
    lines = capsys.readouterr().out.splitlines()
    fast = "0.20000 (0.10000 to 0.30000) | 2.5 (2.0 to 3.0) |"
    assert f"| fast | 1,000, 1,000 | 3.0, 3.0 | {fast}" in lines
    assert lines[5].endswith("0.50000 (0.50000 to 0.50000) | never |")


@pytest.mark.slow
def test_tiny_networks_are_trained_and_go_on(options, tmp_path):
    options |= {"minutes": 0.05, "backends": ["jax", "torch"]}
    results = quality.measure(options, TINY)
    assert len(results["measures"]) == 3
    for (rows,) in results["measures"].values():
        assert rows[-1]["minutes"] >= 0.05
        assert all(a["step"] < b["step"] for a, b in zip(rows, rows[1:], strict=False))
        assert all(0 < row["distance"] < 10 for row in rows)

    # What the state does not hold is measured again.
    folder = tmp_path / "short-jax-float32-0"
    rows = json.loads((folder / "rows.json").read_text())
    kept = rows[-1] | {"minutes": 0.02}
    later = kept | {"step": kept["step"] + 1, "minutes": 0.03, "distance": 9.0}
    (folder / "rows.json").write_text(json.dumps([kept, later]))
    quality.measure(options, TINY)
    again = json.loads((folder / "rows.json").read_text())
    assert again[0] == kept
    assert len(again) > 1 and again[-1]["minutes"] >= 0.05
    assert all(row["distance"] < 9 and row["step"] > kept["step"] for row in again[1:])
