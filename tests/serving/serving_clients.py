"""Services of tiny models, and clients that ask them."""

import asyncio
import threading

import httpx
from testing import enliven, tiny_model

from keras_mocogan.serving.app import make_app
from keras_mocogan.serving.keras_networks import KerasNetworks
from keras_mocogan.serving.limits import Limits
from keras_mocogan.serving.service import Service

LIMITS = Limits(count=4, frames=8, body_bytes=2000, waiting=64)


class GatedNetworks:
    """Networks that wait for a gate before each batch.

    Attributes:
        gate: Set, unless a test clears it.
        entered: Set when a batch has arrived at the gate.
        fault: An exception to raise there, or None.
    """

    def __init__(self, networks):
        self._networks, self.facts = networks, networks.facts
        self.on_cpu, self.clips = networks.on_cpu, networks.clips
        self.gate, self.entered, self.fault = threading.Event(), threading.Event(), None
        self.gate.set()

    def motion(self, path):
        self.entered.set()
        assert self.gate.wait(30)
        if self.fault is not None:
            raise self.fault
        return self._networks.motion(path)


def lively_networks(**arguments):
    """Gated networks of a tiny MoCoGAN whose frames differ."""
    model = tiny_model(**arguments)
    enliven(model)
    return GatedNetworks(KerasNetworks(model))


def make_service(networks, limits=LIMITS, names=("up", "down"), **options):
    return Service(networks, "tiny", names, limits, **options)


class Client:
    """A client whose context ends the service; a fault of the server is a status."""

    def __init__(self, service, **options):
        self.service, self._app = service, make_app(service, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.service.batcher.stop()

    def request(self, method, path, **options):
        async def ask():
            async with _connected(self._app, raise_app_exceptions=False) as http:
                return await http.request(method, path, **options)

        return asyncio.run(ask())

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, **options):
        return self.request("POST", path, **options)


def ask_together(service, bodies, when_asked=lambda: None, path="/v1/generate"):
    """Answers to bodies that are sent at the same time.

    Args:
        service: The service.
        bodies: JSON values.
        when_asked: Called in a thread when all requests are in the queue.
        path: Where they are sent to.
    """

    async def ask():
        async with _connected(make_app(service)) as http:
            tasks = []
            for body in bodies:
                before = service.batcher.pending()
                task = asyncio.create_task(http.post(path, json=body))
                tasks.append(task)
                # In this order, on a busy machine too.
                for _ in range(100):
                    await asyncio.sleep(0.01)
                    if task.done() or service.batcher.pending() > before:
                        break
            await asyncio.to_thread(when_asked)
            return await asyncio.gather(*tasks)

    return asyncio.run(ask())


def _connected(app, **options):
    transport = httpx.ASGITransport(app, **options)
    return httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60)
