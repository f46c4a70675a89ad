"""Requests that wait together: the same bytes as alone, bounds, and giving up."""

import contextlib
import io
import math
import socket
import threading
import time
from concurrent.futures import Future

import numpy as np
import pytest
from serving_clients import (
    LIMITS,
    Client,
    ask_together,
    lively_networks,
    make_service,
)
from testing import tiny_vgan

from keras_mocogan.serving import batching
from keras_mocogan.serving.keras_networks import KerasNetworks
from keras_mocogan.serving.metrics import Metrics
from keras_mocogan.serving.requests import VideoRequest

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def networks():
    return lively_networks()


@pytest.fixture
def service(networks):
    service = make_service(networks)
    yield service
    networks.gate.set()
    networks.fault = None
    service.batcher.stop()


def counted(service, name):
    """A number of the service's metrics."""
    for line in service.metrics.text(service.batcher.pending).splitlines():
        if line.startswith(f"keras_mocogan_{name} "):
            return float(line.split()[1])
    raise KeyError(name)


def held(networks):
    """Closes the gate; the next batch waits there."""
    networks.gate.clear()
    networks.entered.clear()


BODIES = [
    {"seed": seed, "count": 1 + seed % 4, "frames": frames, "format": "npz"}
    for seed, frames in enumerate([5, 5, 3, 5, 5, 3, 5, 5, 5, 3, 5, 5])
]


def test_bytes_are_those_of_a_request_alone(networks, service):
    with Client(make_service(networks)) as client:
        alone = [client.post("/v1/generate", json=body).content for body in BODIES]
    assert len(set(alone)) == len(BODIES)
    held(networks)
    answers = ask_together(service, BODIES, networks.gate.set)
    assert [answer.status_code for answer in answers] == [200] * len(BODIES)
    assert [answer.content for answer in answers] == alone
    # The first came alone, the others as those of 5 and those of 3 frames.
    assert counted(service, "batches_total") == 3
    assert counted(service, "videos_total") == sum(b["count"] for b in BODIES)


@pytest.mark.parametrize("file_format", ["gif", "mp4", "webp"])
def test_files_are_those_of_a_request_alone(networks, service, file_format):
    bodies = [{"seed": seed, "format": file_format} for seed in range(4)]
    held(networks)
    answers = ask_together(service, bodies, networks.gate.set)
    with Client(make_service(networks)) as client:
        alone = [client.post("/v1/generate", json=body).content for body in bodies]
    assert [answer.content for answer in answers] == alone


def test_clips_of_one_latent_are_those_of_a_request_alone():
    networks = KerasNetworks(tiny_vgan())
    bodies = [{"seed": seed, "format": "npz", "count": 3} for seed in range(6)]
    together = make_service(networks, names=None)
    answers = ask_together(together, bodies)
    together.batcher.stop()
    with Client(make_service(networks, names=None)) as client:
        for body, answer in zip(bodies, answers, strict=True):
            alone = client.post("/v1/generate", json=body).content
            assert alone == answer.content
    assert np.load(io.BytesIO(alone))["labels"].shape == (3,)


def test_a_call_has_a_bounded_number_of_videos(networks):
    service = make_service(networks, LIMITS._replace(batch=3))
    held(networks)
    bodies = [{"count": count} for count in (1, 2, 2, 1, 4, 1)]
    answers = ask_together(service, bodies, networks.gate.set)
    service.batcher.stop()
    assert [answer.status_code for answer in answers] == [200] * 6
    # 1; then 2 + 1, then 2 + 1, and 4, which is more than fits, by itself.
    assert counted(service, "batches_total") == 4


def test_a_call_has_a_bounded_number_of_bytes(networks):
    limits = LIMITS._replace(video_bytes=3 * 4 * 32 * 32 * 3)
    service = make_service(networks, limits)
    held(networks)
    bodies = [{"count": count} for count in (1, 2, 2, 1, 3)]
    answers = ask_together(service, bodies, networks.gate.set)
    service.batcher.stop()
    assert [answer.status_code for answer in answers] == [200] * 5
    assert counted(service, "batches_total") == 4  # 1; 2 + 1; 2; 3
    assert service.batcher._unencoded_bytes == 0


def test_beyond_the_bound_there_is_429(networks):
    service = make_service(networks, LIMITS._replace(waiting=3))
    held(networks)
    answers = ask_together(service, [{"seed": n} for n in range(5)], networks.gate.set)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert "At most 3 requests may wait" in answers[-1].json()["error"]
    with Client(service) as client:
        assert client.post("/v1/generate").status_code == 200  # there is room again
        assert service.batcher.pending() == 0


def test_instances_beyond_the_bound_take_no_places(networks):
    service = make_service(networks, LIMITS._replace(waiting=2))
    with Client(service) as client:
        body = {"instances": [{}, {}, {}]}  # never fit, however long one waits
        assert client.post("/v1/models/tiny:predict", json=body).status_code == 422
        body = {"instances": [{}, {}]}
        wait_until(lambda: service.batcher.pending() == 0)
        assert client.post("/v1/models/tiny:predict", json=body).status_code == 200


def wait_until(holds):
    ends = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.01)


@pytest.mark.parametrize("look", [1, 2, 3])
def test_a_place_is_free_whenever_a_client_gives_up(monkeypatch, look):
    class GivesUp(Future):
        """Is cancelled right after the thread has looked for the `look`th time."""

        looks = 0

        def cancelled(self):
            seen = super().cancelled()
            self.looks += 1
            if self.looks == look:
                self.cancel()
            return seen

    def generate(requests, is_wanted):
        return [is_wanted() for _ in requests]

    monkeypatch.setattr(batching, "Future", GivesUp)
    batcher = batching.Batcher(generate, LIMITS, Metrics(), frame_bytes=1)
    future = batcher.submit(VideoRequest(1, 4, None, 0), lambda result: result)
    wait_until(lambda: batcher.pending() == 0)
    batcher.stop()
    assert future.cancelled() and batcher._unencoded_bytes == 0


def test_an_answer_that_takes_too_long_is_504(networks):
    service = make_service(networks, LIMITS._replace(seconds=0.3))
    held(networks)
    answers = ask_together(service, [{"seed": 1}, {"seed": 2}])
    assert [answer.status_code for answer in answers] == [504, 504]
    assert "within 0.3 s" in answers[0].json()["error"]
    networks.gate.set()
    wait_until(lambda: service.batcher.pending() == 0)
    # What no one waits for is dropped, the second without being generated.
    assert counted(service, "videos_total") == 0
    service.batcher.stop()


@pytest.fixture
def address():
    """A function that serves a service by uvicorn; gives host and port."""
    import uvicorn
    from serving_clients import make_app

    with contextlib.ExitStack() as ends:

        def listen(service):
            options = {"port": 0, "log_config": None, "lifespan": "off"}
            server = uvicorn.Server(uvicorn.Config(make_app(service), **options))
            thread = threading.Thread(target=server.run)
            thread.start()
            ends.callback(thread.join)
            ends.callback(setattr, server, "should_exit", True)
            wait_until(lambda: server.started)
            return server.servers[0].sockets[0].getsockname()

        yield listen


@pytest.mark.parametrize("path", ["/v1/generate", "/v1/models/tiny:predict"])
def test_a_client_that_hangs_up_frees_its_place(networks, address, path):
    service = make_service(networks, LIMITS._replace(waiting=2))
    where = address(service)
    held(networks)
    body = b'{"inputs": {}}' if "predict" in path else b"{}"
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(where) as first:
        first.sendall(head.encode() + body)
        assert networks.entered.wait(20)  # it is being generated
        with socket.create_connection(where) as second:
            second.sendall(head.encode() + body)
            wait_until(lambda: service.batcher.pending() == 2)
        # The generator is still busy with the first.
        wait_until(lambda: service.batcher.pending() == 1)
    networks.gate.set()
    wait_until(lambda: service.batcher.pending() == 0)
    assert counted(service, "videos_total") == 0  # no one waited for any of them
    wait_until(lambda: 'status="499"} 2' in service.metrics.text(lambda: 0))
    service.batcher.stop()


def test_a_body_that_does_not_come_is_504(networks):
    with Client(make_service(networks, LIMITS._replace(seconds=0.2))) as client:

        async def never():
            import asyncio

            yield b"{"
            await asyncio.sleep(30)

        assert client.post("/v1/generate", content=never()).status_code == 504


def test_a_fault_is_500_and_the_next_request_is_answered(networks, service):
    networks.fault = MemoryError("no room")
    with Client(service) as client:
        answer = client.post("/v1/generate")
        assert answer.status_code == 500
        assert answer.json() == {"error": "The server failed; its log says why."}
        assert answer.headers["X-Request-ID"]
        networks.fault = None
        assert client.post("/v1/generate").status_code == 200
        assert client.get("/healthz").json() == {"ok": True}


def test_stopping_gives_the_last_answers(networks):
    service = make_service(networks)
    held(networks)
    stopping = threading.Thread(target=service.batcher.stop)

    def stop():
        stopping.start()
        wait_until(lambda: service.batcher._stopping)
        networks.gate.set()

    answers = ask_together(service, [{"seed": n} for n in range(4)], stop)
    stopping.join()
    assert [answer.status_code for answer in answers] == [200] * 4
    with Client(service) as client:
        answer = client.post("/v1/generate")
        assert answer.status_code == 503 and "stopped" in answer.json()["error"]
        assert client.get("/healthz").status_code == 503


def test_rows_do_not_depend_on_their_place(networks):
    """A frame has the same bytes in each place of a slice, beside whatever frames."""
    from keras_mocogan.serving.generation import VideoGenerator
    from keras_mocogan.serving.requests import VideoRequest

    generator, wanted = VideoGenerator(networks), VideoRequest(1, 3, None, 9)
    (alone,) = generator.generate([wanted])
    for before in range(1, 9):
        others = VideoRequest(before, 3, None, 100 + before)
        found = generator.generate([others, wanted])[1]
        np.testing.assert_array_equal(found.videos, alone.videos)
    assert math.prod(alone.videos.shape) == 3 * 32 * 32 * 3
