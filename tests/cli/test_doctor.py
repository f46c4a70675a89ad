"""What `keras-mocogan doctor` tells of each backend; test_commands.py runs it whole."""

import keras

import keras_mocogan as km
from keras_mocogan.cli import doctor


def test_doctor_tells_versions_devices_and_precision(capsys):
    doctor.main([])
    out = capsys.readouterr().out
    assert f"backend     {keras.config.backend()} " in out
    assert "devices     cpu" in out
    assert f"keras-mocogan   {km.__version__}" in out
    assert "train in " in out and "missing" in out
