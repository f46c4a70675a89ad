"""`tf.distribute.MirroredStrategy` on two logical devices against one device."""

from pathlib import Path

import numpy as np
import pytest
from device_steps import check_logs, check_updates
from processes import run_backend
from testing import PHASES

pytestmark = [pytest.mark.once, pytest.mark.slow]

SCRIPT = Path(__file__).with_name("mirrored_steps.py")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What one device and what two replicas computed."""
    folder = tmp_path_factory.mktemp("mirrored")
    found = []
    for replicas in (1, 2):
        run_backend("tensorflow", SCRIPT, folder / f"{replicas}.npz", replicas)
        found.append(dict(np.load(folder / f"{replicas}.npz")))
    return found


def test_losses_are_those_of_one_device(results):
    check_logs(*results)


@pytest.mark.parametrize("phase", PHASES)
def test_updates_are_those_of_one_device(results, phase):
    check_updates(*results, phase)


def test_replicas_draw_different_noise(results):
    first, second = results[1]["draws"]
    assert abs(first - second).min() > 1e-4
    # One device draws as it always did.
    np.testing.assert_array_equal(results[0]["draws"][0], first)


def test_what_follows_a_discriminators_step_works_on_replicas(results):
    assert np.isfinite(results[1]["losses"]).all()
    # The generator's phase does not touch kernels: still as they were clipped.
    assert len(results[1]["norms"]) == 5 and max(results[1]["norms"]) <= 1 + 1e-5


def test_a_run_moves_between_two_devices_and_one(results):
    two = results[1]
    assert two["moved/same"].tolist() == [True, True]
    assert two["moved/steps"].tolist() == [2, 3, 4]
    # Each device counts its losses: two of both replicas, one of one, one of both.
    assert two["moved/counted"].tolist() == [4, 5, 7]
