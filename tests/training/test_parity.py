"""The same weights, data and noise give the same training on every backend."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from parity_step import MEMBERS, STEPS
from processes import BACKENDS, run_backend

# The first test waits for all backends, which compile for a minute or two each.
pytestmark = [pytest.mark.once, pytest.mark.timeout(900)]

SCRIPT = Path(__file__).with_name("parity_step.py")

# What these have and no other is tested on each backend by test_relativistic.py,
# test_penalties.py and test_baselines.py.
SLOW = ("relativistic", "vgan")


@pytest.fixture(scope="module")
def all_results(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("parity")
    tests = [item for item in request.session.items if item.path == request.path]
    names = ",".join(dict.fromkeys(test.callspec.params["name"] for test in tests))
    runs = {"reference": ("tensorflow", ["--reference"])}
    runs |= {backend: (backend, []) for backend in BACKENDS}

    def run(name):
        backend, options = runs[name]
        path = folder / f"{name}.npz"
        run_backend(backend, SCRIPT, path, names, *options, timeout=600)
        return dict(np.load(path))

    # Compiling keeps one core busy, so two run side by side.
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(runs, pool.map(run, runs), strict=True))


@pytest.fixture
def results(all_results, name):
    """What each backend computed, and under `"reference"` TensorFlow in float64."""
    prefix = f"{name}/"
    return {
        backend: {
            key.removeprefix(prefix): value
            for key, value in result.items()
            if key.startswith(prefix)
        }
        for backend, result in all_results.items()
    }


def marked(name, *more):
    return pytest.param(name, *more, marks=[pytest.mark.slow] * (name in SLOW))


every_backend = pytest.mark.parametrize("backend", BACKENDS)
every_model = pytest.mark.parametrize("name", [marked(n) for n in MEMBERS])
every_phase = pytest.mark.parametrize(
    ("name", "phase"),
    [marked(name, phase) for name, phases in MEMBERS.items() for phase in phases],
)


def distance(value, wanted):
    """Distance of two vectors in terms of the wanted one's length."""
    return np.linalg.norm(value - wanted) / np.linalg.norm(wanted)


def update(result, phase):
    return result[f"after/{phase}"] - result[f"before/{phase}"]


@every_phase
def test_reference_gradient_is_the_slope_of_the_loss(results, name, phase):
    if (name, phase) == ("lazy_augmented_and_encoding", "generator"):
        pytest.skip("contents have the gradient of another mean: test_centering.py")
    # Along its own direction a function's slope is its gradient's length.
    reference = results["reference"]
    length = np.linalg.norm(reference[f"gradient/{phase}"])
    assert length > 0.1
    np.testing.assert_allclose(reference[f"slope/{phase}"], length, rtol=2e-2)


@every_phase
@every_backend
def test_backends_start_from_the_same_weights(results, backend, phase):
    key = f"before/{phase}"
    assert distance(results[backend][key], results["reference"][key]) < 1e-6


@every_phase
@every_backend
def test_losses_agree(results, backend, phase):
    for step in range(STEPS):
        key = f"loss/{step}/{phase}"
        np.testing.assert_allclose(
            results[backend][key], results["reference"][key], rtol=1e-4
        )


@every_phase
@every_backend
def test_gradients_agree(results, backend, phase):
    key = f"gradient/{phase}"
    assert distance(results[backend][key], results["reference"][key]) < 1e-3


@every_phase
@every_backend
def test_updates_agree_and_are_not_zero(results, backend, phase):
    wanted = update(results["reference"], phase)
    assert np.linalg.norm(wanted) > 1e-3  # far above float32's rounding
    assert distance(update(results[backend], phase), wanted) < 1e-2


@every_model
@every_backend
def test_statistics_agree(results, backend, name):
    wanted = results["reference"]["statistics"]
    assert wanted.size or name == "r1_and_modulation"  # which has none
    np.testing.assert_allclose(
        results[backend]["statistics"], wanted, rtol=1e-4, atol=1e-5
    )
