"""Which Keras backend is used where nobody says, and what is told if there is none."""

import os
import sys

import pytest

from keras_mocogan.utils import backend_choice

pytestmark = pytest.mark.once

COMMANDS = [f'pip install "keras-mocogan[{n}]"' for n in ("tensorflow", "jax", "torch")]

IMPORT_WITHOUT_ANY = """
    import sys

    for name in ("tensorflow", "jax", "torch"):
        sys.modules[name] = None
    try:
        import keras_mocogan
    except ImportError as error:
        print(error)
    print("keras" in sys.modules)
"""


@pytest.fixture
def choose(monkeypatch, tmp_path):
    """`choose(installed, chosen, configured)`: the backend that Keras would use."""

    def choose(installed, chosen=None, configured=None):
        monkeypatch.delitem(sys.modules, "keras")
        monkeypatch.setattr(
            backend_choice, "_is_installed", lambda name: name in installed
        )
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        if configured:
            text = f'{{"backend": "{configured}"}}'
            (tmp_path / "keras.json").write_text(text)
        monkeypatch.setenv("KERAS_BACKEND", chosen or "")
        if chosen is None:
            monkeypatch.delenv("KERAS_BACKEND")
        try:
            backend_choice.choose_backend()
            return os.environ.get("KERAS_BACKEND", configured or "tensorflow")
        finally:
            monkeypatch.undo()

    return choose


def test_an_installed_backend_is_chosen(choose):
    assert choose(["tensorflow", "jax"]) == "tensorflow"
    assert choose(["jax", "torch"]) == "jax"
    assert choose(["torch"]) == "torch"
    assert choose(["jax", "torch"], chosen="") == "jax"  # empty: Keras passes over it


def test_what_the_user_says_is_obeyed(choose):
    assert choose(["tensorflow", "torch"], chosen="torch") == "torch"
    assert choose(["tensorflow", "torch"], configured="torch") == "torch"
    assert choose(["tensorflow"], configured="jax") == "tensorflow"
    assert choose(["tensorflow"], chosen="openvino") == "openvino"  # told elsewhere


def test_a_backend_that_is_missing_is_told(choose):
    with pytest.raises(ImportError, match="KERAS_BACKEND=jax must be") as raised:
        choose(["torch"], chosen="jax")
    assert "Set KERAS_BACKEND=torch" in str(raised.value)
    assert COMMANDS[1] in str(raised.value)


def test_without_any_backend_three_commands_are_told(run_backend):
    out = run_backend("tensorflow", IMPORT_WITHOUT_ANY)
    assert all(command in out for command in COMMANDS)
    assert out.splitlines()[-1] == "False"
