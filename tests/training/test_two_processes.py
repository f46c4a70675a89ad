"""Two processes of PyTorch, joined by gloo, against one on the same global batch."""

import json
import signal
from pathlib import Path

import keras
import numpy as np
import pytest
from device_steps import check_ends, check_logs, check_updates
from processes import free_port, run_backend, run_together
from testing import PHASES

pytestmark = [pytest.mark.once, pytest.mark.slow]

SCRIPT = Path(__file__).with_name("torch_process_steps.py")
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
MODELS = ("synchronized", "penalized", "resumed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where one process, and then two, have written what they computed."""
    folder = tmp_path_factory.mktemp("torch")
    run_backend("torch", SCRIPT, folder, env=ONE_THREAD)
    where = f"localhost:{free_port()}"
    lines = [(folder, where, process) for process in (0, 1)]
    ends = [0, -signal.SIGKILL]
    run_together("torch", SCRIPT, lines, statuses=ends, env=ONE_THREAD)
    return folder


def results(folder, model):
    """What one process found, and each of two."""
    places = [(1, 0), (2, 0), (2, 1)]
    return [dict(np.load(folder / f"{model}_{n}_{i}.npz")) for n, i in places]


@pytest.mark.parametrize("model", MODELS)
def test_losses_are_those_of_one_process(folder, model):
    one, *two = results(folder, model)
    for result in two:
        check_logs(one, result)
        for name in (name for name in one if name.startswith("evaluated/")):
            np.testing.assert_allclose(result[name], one[name], rtol=1e-4)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("phase", PHASES)
def test_updates_are_those_of_one_process(folder, model, phase):
    one, *two = results(folder, model)
    for result in two:
        check_updates(one, result, phase)


@pytest.mark.parametrize("model", [*MODELS, "apart"])
def test_processes_keep_the_same_state(folder, model):
    _, first, second = results(folder, model)
    np.testing.assert_array_equal(first["state"], second["state"])
    logs = [name for name in first if name.startswith(("logs/", "evaluated/"))]
    assert [first[name] for name in logs] == [second[name] for name in logs]


def test_batch_statistics_are_each_process_own_unless_synchronized(folder):
    one, first, _ = results(folder, "apart")
    name = "logs/image_discriminator_loss"
    assert abs(first[name] - one[name]) > 1e-3 * abs(one[name])


@pytest.mark.parametrize("asked", [0, 1])
def test_sigterm_and_the_clock_of_one_process_save_what_both_trained(folder, asked):
    saved = check_ends(folder, asked)
    model = keras.models.load_model(saved)
    assert f"step_{model.global_step:08d}" == saved.stem


def test_a_killed_process_ends_the_other_with_a_message(folder):
    message, is_told, seconds = json.loads((folder / "killed.json").read_text())
    assert "must go on" in message and "--resume" in message
    assert is_told and seconds < 60
