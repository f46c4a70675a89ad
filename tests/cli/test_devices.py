"""The flags for several devices: what does not fit is told."""

from types import SimpleNamespace

import keras
import pytest
from absl import app
from absl.testing import flagsaver

from keras_mocogan.cli import devices, resuming, training

BACKEND = keras.config.backend()


@pytest.fixture
def start():
    """`start(**flags)`: what a training does first."""
    if not training.FLAGS.is_parsed():
        training.FLAGS(["train"])

    def start(**values):
        with flagsaver.flagsaver(**values):
            devices.start(batch_size=16)

    return start


@pytest.mark.parametrize(
    ("strategy", "wanted"), [("mirrored", "tensorflow"), ("data_parallel", "jax")]
)
def test_strategy_of_another_backend(start, strategy, wanted):
    if wanted == BACKEND:
        pytest.skip("fits")
    message = f"--strategy={strategy} needs KERAS_BACKEND={wanted}.* {BACKEND}"
    with pytest.raises(app.UsageError, match=message) as caught:
        start(strategy=strategy)
    advice = "Train on TensorFlow or JAX: PyTorch can use the saved model."
    assert (advice in str(caught.value)) == (BACKEND == "torch")


def test_numbers_of_processes_without_a_coordinator(start):
    strategy = {"jax": "data_parallel", "tensorflow": "mirrored"}.get(BACKEND, "none")
    with pytest.raises(app.UsageError, match="must be given together"):
        start(strategy=strategy, num_processes=2, process_id=0)


def test_each_process_is_told_its_own_number_to_go_on_with(start, tmp_path, capsys):
    for number in (None, 1):
        with flagsaver.flagsaver(process_id=number), pytest.raises(SystemExit):
            with resuming.told_how(tmp_path):
                raise SystemExit(0)
        command = capsys.readouterr().out.splitlines()[1].split()
        flagfile = command.index(f"--flagfile={tmp_path / 'flags.txt'}")
        # Flags that come later overrule those of the file.
        own = [] if number is None else ["--process_id=1"]
        assert command[flagfile + 1 :] == ["--resume", *own]


@pytest.mark.skipif(BACKEND != "jax", reason="JAX shares the batch")
def test_a_batch_that_cannot_be_shared(start, monkeypatch):
    three = SimpleNamespace(num_model_replicas=3)
    monkeypatch.setattr(keras.distribution, "DataParallel", lambda **_: three)
    with pytest.raises(app.UsageError, match="batch_size=16 cannot .* multiple of 3"):
        start(strategy="data_parallel")
    assert keras.distribution.distribution() is None
