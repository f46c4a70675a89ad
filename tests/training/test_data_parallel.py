"""`keras.distribution.DataParallel` on JAX: two devices, and two processes.

The devices are virtual ones of the CPU.
"""

import os
from pathlib import Path

import keras
import numpy as np
import pytest
from device_steps import check_ends, check_logs, check_updates
from processes import free_port, run_backend, run_together
from testing import PHASES

import keras_mocogan as km

pytestmark = [pytest.mark.once, pytest.mark.slow]

SCRIPT = Path(__file__).with_name("data_parallel_steps.py")
FAST_COMPILER = "--xla_backend_optimization_level=0"
PROCESSES = (0, 1)


@pytest.fixture(scope="module")
def devices(tmp_path_factory):
    """What one device and what two devices computed."""
    folder = tmp_path_factory.mktemp("devices")
    flags = f"{FAST_COMPILER} --xla_force_host_platform_device_count=2"
    run_backend("jax", SCRIPT, folder, env={"XLA_FLAGS": flags})
    return [dict(np.load(folder / f"devices_{count}.npz")) for count in (1, 2)]


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    """What each of two processes computed, and the example's run directory."""
    folder = tmp_path_factory.mktemp("processes")
    flags = (
        "--dataset=shapes --image_size=32 --clip_frames=4 --num_classes=0 "
        "--content_dim=3 --motion_dim=2 --generator_filters=2 "
        "--discriminator_filters=2 --video_discriminator_levels=3 "
        "--noimage_discriminator --batch_size=4 --steps=1 --steps_per_epoch=1 "
        f"--run_dir={folder / 'run'} --strategy=data_parallel --num_processes=2 "
        f"--coordinator=localhost:{free_port()}"
    ).split()
    lines = [(folder, *flags, f"--process_id={process}") for process in PROCESSES]
    options = {"env": {"XLA_FLAGS": FAST_COMPILER}, "timeout": 480}
    outputs = run_together("jax", SCRIPT, lines, **options)
    results = [dict(np.load(folder / f"process_{i}.npz")) for i in PROCESSES]
    return results, outputs, folder / "run"


def test_losses_of_two_devices_are_those_of_one(devices):
    check_logs(*devices)


@pytest.mark.parametrize("phase", PHASES)
def test_updates_of_two_devices_are_those_of_one(devices, phase):
    check_updates(*devices, phase)


def test_each_device_makes_and_judges_half_of_the_generated_clips(devices):
    # More than a half, for each device draws all vectors of the instance noise, here a
    # tenth of the work. Latents that are not sharded would let each work on all clips.
    one, two = (result["cost"] for result in devices)
    assert 0.45 * one < two < 0.65 * one


def test_losses_of_two_processes_are_those_of_one(devices, processes):
    for result in processes[0]:
        check_logs(devices[0], result)


@pytest.mark.parametrize("phase", PHASES)
def test_updates_of_two_processes_are_those_of_one(devices, processes, phase):
    for result in processes[0]:
        check_updates(devices[0], result, phase)


@pytest.mark.parametrize("asked", PROCESSES)
def test_sigterm_and_the_clock_of_one_process_save_what_both_trained(processes, asked):
    saved = check_ends(processes[2].parent, asked)
    model = keras.models.load_model(saved)
    assert f"step_{model.global_step:08d}" == saved.stem


def test_training_example_in_two_processes(processes):
    results, outputs, run_dir = processes
    assert [tuple(result["shard"]) for result in results] == [(0, 2), (1, 2)]
    assert ["Saved" in output for output in outputs] == [True, False]
    # Nothing was left over by a second writer.
    wanted = "checkpoints finished flags history losses model plan previews tensorboard"
    assert sorted(path.stem for path in run_dir.iterdir()) == wanted.split()
    assert os.listdir(run_dir / "previews") == ["epoch_0001.gif"]
    assert len(os.listdir(run_dir / "tensorboard")) == 1
    model = keras.models.load_model(
        km.callbacks.latest_checkpoint(run_dir / "checkpoints")
    )
    assert int(model.optimizer.iterations) == 1
