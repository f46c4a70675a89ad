"""The command `serve`, as a process that is asked and stopped."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

import httpx
import keras
import numpy as np
import pytest
from console import run_commands
from processes import ROOT, free_port
from testing import TINY, enliven, tiny_model, tiny_tgan, tiny_vgan

import keras_mocogan as km
from keras_mocogan.export.saved_networks import SavedNetworks
from keras_mocogan.serving import run
from keras_mocogan.serving.generation import VideoGenerator
from keras_mocogan.serving.requests import VideoRequest

pytestmark = pytest.mark.once

COMMAND = [sys.executable, "-m", "keras_mocogan.cli", "serve"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Folder with a `.keras` file and a SavedModel of one model."""
    folder = tmp_path_factory.mktemp("models")
    model = tiny_model()
    enliven(model)
    model.save(folder / "tiny.keras")
    km.export_saved_model(model, folder / "exported")
    return folder


@contextlib.contextmanager
def served(*flags, **environment):
    """A server in a process of its own: `(process, client, function for its log)`."""
    port = free_port()
    # A file, for a pipe that no one reads would stop the server.
    with tempfile.TemporaryFile("w+") as log:
        child = subprocess.Popen(
            [*COMMAND, f"--port={port}", *flags],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            stderr=log,
        )

        def said():
            log.seek(0)
            return log.read()

        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=100) as client:
            try:
                wait_for(child, client, said)
                yield child, client, said
            finally:
                child.kill()
                child.wait()


def wait_for(child, client, said):
    ends = time.monotonic() + 200
    while child.poll() is None and time.monotonic() < ends:
        with contextlib.suppress(httpx.TransportError):
            if client.get("/healthz").status_code == 200:
                return
        time.sleep(0.2)
    pytest.fail(f"The server did not start.\n{said()}")


def test_sigterm_with_a_request_under_way(folder):
    flags = (f"--model={folder / 'tiny.keras'}", "--class_names=up,down")
    with served(*flags, KERAS_MOCOGAN_TOKEN="secret") as (child, client, said):
        assert client.get("/v1/models/tiny").status_code == 401
        assert "<form>" in client.get("/").text
        client.headers["Authorization"] = "Bearer secret"
        assert client.get("/v1/models/tiny").status_code == 200
        # Long enough to be under way for a while: 2,048 frames.
        body = {"count": 8, "frames": 256, "seed": 1, "class": "down", "format": "npz"}
        answers = []
        asking = threading.Thread(
            target=lambda: answers.append(client.post("/v1/generate", json=body))
        )
        asking.start()
        with httpx.Client(base_url=client.base_url, headers=client.headers) as other:
            text = ""
            while "pending_requests 1" not in text:
                assert asking.is_alive()
                text = other.get("/metrics").text
        child.send_signal(signal.SIGTERM)
        asking.join(100)
        assert answers[0].status_code == 200
        assert child.wait(30) == 0
        log = said()
    assert f"{answers[0].headers['X-Request-ID']} POST /v1/generate 200" in log
    assert "Serving tiny at http://127.0.0.1:" in log
    with pytest.raises(httpx.TransportError):
        httpx.get(client.base_url)


@pytest.mark.slow
def test_an_exported_folder_is_served(folder):
    with served(f"--model={folder / 'exported'}") as (child, client, _):
        answer = client.post("/v1/generate", content=b'{"seed": 1}')
        assert answer.status_code == 200 and answer.content[:6] == b"GIF89a"
        assert client.get("/v1/models/exported").status_code == 200
        child.send_signal(signal.SIGINT)
        assert child.wait(30) in (0, 130)


@pytest.mark.parametrize(
    "maker",
    [
        tiny_model,
        tiny_vgan,
        pytest.param(
            lambda: tiny_model(category_input="frame"), marks=pytest.mark.slow
        ),
        pytest.param(lambda: tiny_model(num_classes=0), marks=pytest.mark.slow),
        pytest.param(tiny_tgan, marks=pytest.mark.slow),
    ],
)
def test_an_exported_model_makes_the_same_videos(maker, tmp_path):
    model = maker()
    km.export_saved_model(model, tmp_path / "exported")
    generator = VideoGenerator(SavedNetworks(tmp_path / "exported"))
    assert generator.facts.num_classes == model.num_classes
    frames = model.num_frames if isinstance(model, km.MoCoGAN) else model.clip_frames
    requests = [VideoRequest(n, frames, None, 10 + n) for n in (1, 3)]
    for request, made in zip(requests, generator.generate(requests), strict=True):
        wanted = model.generate(request.count, seed=request.seed)
        assert np.abs(made.videos.astype(int) - wanted).max() <= 1
        (alone,) = generator.generate([request])
        np.testing.assert_array_equal(alone.videos, made.videos)


@pytest.fixture(scope="module")
def commands(folder):
    """Results of four commands that are refused, and of two that answer lines."""
    (folder / "empty").mkdir()
    (folder / "lines").write_text('{"seed": 1, "count": 2}\n{"count": 0}\n')
    model = f"--model={folder / 'exported'}"
    files = f"--requests={folder / 'lines'}", f"--output_dir={folder / 'out'}"
    return run_commands(
        "tensorflow",
        ["serve"],
        ["serve", f"--model={folder / 'empty'}"],
        ["serve", model, "--requests=-", "--port=80"],
        ["serve", "--requests=-"],
        ["serve", model, *files],
        ["serve", model, *files],
    )


def test_a_model_that_has_no_page_is_served_with_a_form(caplog):
    class Own(keras.layers.Dense):
        pass

    latent = keras.Input((TINY["content_dim"] + TINY["motion_dim"],))
    pixels = keras.layers.Reshape((32, 32, 3))(Own(32 * 32 * 3, "tanh")(latent))
    model = tiny_model(num_classes=0, image_generator=keras.Model(latent, pixels))
    with run._page(model, run.Options("own")) as page:
        assert page is None
    assert "plain form" in caplog.text and "of class Own" in caplog.text
    with run._page(tiny_model(), run.Options("tiny")) as page:
        assert (page / "index.html").is_file()


def test_what_the_command_refuses(commands):
    found = commands[:-2]
    wanted = [
        "Give either --model=FILE or --preset=NAME",
        "must be a folder that `export_saved_model` wrote",
        "--port is for HTTP",
        "Give --model=FOLDER",
    ]
    assert [result.status for result in found] == [1] * len(wanted)
    for result, part in zip(found, wanted, strict=True):
        assert part in result.error


def test_the_extra_is_named_where_fastapi_is_missing(folder, run_backend):
    code = """
        import sys
        sys.modules["fastapi"] = None
        from keras_mocogan.cli.main import main
        sys.stderr = sys.stdout
        print(main(["serve", "--preset=shapes"]))
    """
    out = run_backend("tensorflow", code)
    assert "needs fastapi. Install it: pip install" in out
    assert '"keras-mocogan[serve]"' in out and out.splitlines()[-1] == "1"


def test_lines_are_answered_beside_earlier_answers(folder, commands):
    names = [path.name for path in sorted((folder / "out").iterdir())]
    wanted = "00000_000.gif 00000_001.gif 00001_000.gif 00001_001.gif"
    assert names == wanted.split()
    for result, name in zip(commands[-2:], names[1::2], strict=True):
        first, second = result.out.splitlines()
        assert name in first and "must be an integer from 1 to 64" in second
