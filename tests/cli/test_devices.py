"""The flags for several devices: what does not fit is told."""

from types import SimpleNamespace

import keras
import pytest
from absl import app
from absl.testing import flagsaver

import keras_mocogan as km
from keras_mocogan.cli import devices, program, resuming, training

BACKEND = keras.config.backend()
OWN_STRATEGY = "mirrored" if BACKEND == "tensorflow" else "data_parallel"
# What torchrun tells the last of six processes, on the third of three hosts.
TORCHRUN = {
    "TORCHELASTIC_RUN_ID": "none",
    "WORLD_SIZE": "6",
    "LOCAL_WORLD_SIZE": "2",
    "GROUP_RANK": "2",
    "GROUP_WORLD_SIZE": "3",
    "MASTER_ADDR": "host0",
    "MASTER_PORT": "29500",
}


@pytest.fixture
def start():
    """`start(**flags)`: what a training does first."""
    if not training.FLAGS.is_parsed():
        training.FLAGS(["train"])

    def start(**values):
        with flagsaver.flagsaver(**values):
            devices.start(batch_size=16)

    return start


def test_strategy_of_another_backend(start):
    strategy, wanted = {
        "tensorflow": ("data_parallel", "KERAS_BACKEND=jax or KERAS_BACKEND=torch"),
        "jax": ("mirrored", "KERAS_BACKEND=tensorflow"),
        "torch": ("mirrored", "KERAS_BACKEND=tensorflow"),
    }[BACKEND]
    message = f"--strategy={strategy} needs {wanted}; this process uses {BACKEND}"
    with pytest.raises(app.UsageError, match=message):
        start(strategy=strategy)


def test_numbers_of_processes_without_a_coordinator(start):
    with pytest.raises(app.UsageError, match="must be given together"):
        start(strategy=OWN_STRATEGY, num_processes=2, process_id=0)


@pytest.mark.parametrize(
    "more", [{"process_id": 1}] if BACKEND == "jax" else [{}, {"num_processes": 2}]
)
def test_what_does_not_fit_to_finding_the_others(start, more):
    with pytest.raises(app.UsageError, match="coordinator=auto is for .* on JAX"):
        start(strategy=OWN_STRATEGY, coordinator="auto", **more)


@pytest.mark.skipif(BACKEND != "jax", reason="JAX finds other processes")
def test_no_cluster_to_be_found(start, monkeypatch):
    def initialize():
        raise ValueError("coordinator_address should be defined.")

    monkeypatch.setattr(keras.distribution, "initialize", initialize)
    with pytest.raises(app.UsageError, match="needs SLURM, a TPU pod or Open MPI"):
        start(strategy="data_parallel", coordinator="auto")


@pytest.mark.skipif(BACKEND != "torch", reason="PyTorch has a process a device")
def test_one_process_alone_is_told_of_torchrun(start):
    with pytest.raises(app.UsageError, match="torchrun --nproc_per_node=2 -m"):
        start(strategy="data_parallel")


def test_processes_of_torchrun_must_train_one_model(start, monkeypatch):
    for name, value in TORCHRUN.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(app.UsageError, match="Received: --strategy=none"):
        start(strategy="none")


@pytest.mark.parametrize(
    ("hosts", "more"),
    [
        ("1", ""),
        ("3", "--nnodes=3 --node_rank=2 --master_addr=host0 --master_port=29500 "),
    ],
)
def test_torchrun_goes_on_with_a_run(start, tmp_path, monkeypatch, hosts, more):
    for name, value in {**TORCHRUN, "GROUP_WORLD_SIZE": hosts}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(program, "_command", "train")
    start_again = f"torchrun --nproc_per_node=2 {more}-m keras_mocogan.cli train "
    told = resuming.command(tmp_path)
    assert f"KERAS_BACKEND={BACKEND} {start_again}--run_dir={tmp_path} --res" in told


def test_one_process_of_a_host_tells_how_to_go_on(start, tmp_path, monkeypatch, capsys):
    for rank in ("0", "1"):
        monkeypatch.setenv("LOCAL_RANK", rank)
        with pytest.raises(SystemExit), resuming.told_how(tmp_path):
            raise SystemExit(0)
    assert capsys.readouterr().out.count("Go on with:") == 1


def test_each_process_is_told_its_own_number_to_go_on_with(start, tmp_path, capsys):
    for number in (None, 1):
        with flagsaver.flagsaver(process_id=number), pytest.raises(SystemExit):
            with resuming.told_how(tmp_path):
                raise SystemExit(0)
        command = capsys.readouterr().out.splitlines()[1].split()
        folder = command.index(f"--run_dir={tmp_path}")
        own = [] if number is None else ["--process_id=1"]
        assert command[folder + 1 :] == ["--resume", *own]


@pytest.mark.skipif(BACKEND == "tensorflow", reason="MirroredStrategy pads batches")
def test_a_batch_that_cannot_be_shared(start, monkeypatch):
    three = SimpleNamespace(num_model_replicas=3)
    monkeypatch.setattr(keras.distribution, "DataParallel", lambda **_: three)
    monkeypatch.setattr(devices, "_connect_torch", lambda: None)
    if BACKEND == "torch":
        monkeypatch.setattr(km.processes, "shard", lambda: (0, 3))
    with pytest.raises(app.UsageError, match="batch_size=16 cannot .* multiple of 3"):
        start(strategy="data_parallel")
    assert keras.distribution.distribution() is None
