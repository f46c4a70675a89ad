"""Asks a server for videos with many clients at once, and says how it does.

    python tools/load_test.py --preset=shapes --seconds=10
    python tools/load_test.py --preset=shapes --seconds=60 --max_waiting=32
    python tools/load_test.py --url=http://127.0.0.1:8000 --clients=64 --seconds=60

Without --url it starts `keras-mocogan serve` by itself, and stops it with SIGTERM.
Needs keras-mocogan[serve] and httpx. It prints requests a second, median and 99th
percentile of the seconds until an answer, failures (whatever is neither 200 nor 429),
and the server's resident memory before, after a third of the time, and after.
"""

import asyncio
import collections
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time

import httpx
import numpy as np
from absl import app, flags, logging

flags.DEFINE_string("url", None, "Address of a server; None starts one.")
flags.DEFINE_string("preset", "shapes", "Model of the server that is started.")
flags.DEFINE_integer("port", 8077, "Its port.", 1)
flags.DEFINE_integer("max_waiting", 128, "Its bound; with fewer than clients, 429s.", 1)
flags.DEFINE_integer("clients", 64, "Requests under way at a time.", 1)
flags.DEFINE_float("seconds", 10, "How long.", 0.1)
flags.DEFINE_integer("frames", 8, "Frames of a video.", 1)
flags.DEFINE_string("format", "gif", "Kind of file.")
flags.DEFINE_string("token", None, "Bearer token of the server.")
FLAGS = flags.FLAGS
_START_SECONDS = 300
_MEMORY = "process_resident_memory_bytes"


async def client(http, number, ends, found):
    """Asks until the end; notes a status and seconds for each answer."""
    seed = number
    while time.perf_counter() < ends:
        body = {"seed": seed, "frames": FLAGS.frames, "format": FLAGS.format}
        started = time.perf_counter()
        try:
            status = (await http.post("/v1/generate", json=body)).status_code
        except httpx.TransportError as error:
            status = type(error).__name__
        found.append((status, time.perf_counter() - started))
        seed += FLAGS.clients


async def load(http):
    """What all clients noted, the seconds that it took, and memory after a third."""
    found, started = [], time.perf_counter()
    ends = started + FLAGS.seconds
    *_, memory = await asyncio.gather(
        *(client(http, n, ends, found) for n in range(FLAGS.clients)),
        later(FLAGS.seconds / 3, number(http, _MEMORY)),
    )
    return found, time.perf_counter() - started, memory


async def later(seconds, work):
    await asyncio.sleep(seconds)
    return await work


async def number(http, name):
    """A number of /metrics; NaN if the server does not tell it."""
    text = (await http.get("/metrics")).text
    match = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    return float(match.group(1)) if match else float("nan")


async def made(http):
    """Videos and batches that the server has made so far, an array of two numbers."""
    names = "keras_mocogan_videos_total", "keras_mocogan_batches_total"
    return np.array([await number(http, name) for name in names])


async def measure(url):
    headers = {"Authorization": f"Bearer {FLAGS.token}"} if FLAGS.token else {}
    limits = httpx.Limits(max_connections=FLAGS.clients + 1)
    async with httpx.AsyncClient(
        base_url=url, headers=headers, timeout=120, limits=limits
    ) as http:
        memory = [await number(http, _MEMORY)]
        before = await made(http)  # by others, if the server is in use
        found, seconds, third = await load(http)
        memory += [third, await number(http, _MEMORY)]
        videos, batches = await made(http) - before
    report(found, seconds)
    print(f"{videos / max(batches, 1):.1f} videos in a batch")
    before, third, after = (round(size / 2**20) for size in memory)
    print(f"resident memory: {before} MiB; {third} after a third; {after} at the end")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def report(found, seconds):
    statuses = collections.Counter(status for status, _ in found)
    times = [taken for status, taken in found if status == 200]
    failures = sum(n for status, n in statuses.items() if status not in (200, 429))
    print(f"{FLAGS.clients} clients, {seconds:.1f} s: {dict(statuses)}")
    print(f"{len(times) / seconds:.1f} requests a second; {failures} failures")
    told = {"an answer": times, "a 429": [t for status, t in found if status == 429]}
    for name, times in told.items():
        if times:
            p50, p99 = np.percentile(times, [50, 99])
            print(f"seconds until {name}: median {p50:.2f}, 99th percentile {p99:.2f}")


@contextlib.contextmanager
def server():
    """The address of a server that this script starts and stops."""
    url = f"http://127.0.0.1:{FLAGS.port}"
    command = [sys.executable, "-m", "keras_mocogan.cli", "serve"]
    command += [f"--preset={FLAGS.preset}", f"--port={FLAGS.port}"]
    command += [f"--max_waiting={FLAGS.max_waiting}"]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    started = time.perf_counter()
    try:
        # Its first line comes when it listens; the rest is read, or it would block.
        said = []
        while "Serving" not in (line := child.stderr.readline()):
            said.append(line)
            if not line and child.poll() is not None:
                raise SystemExit(f"The server did not start:\n{''.join(said)}")
        wait_for(url, started + _START_SECONDS)
        print(f"ready after {time.perf_counter() - started:.1f} s")
        with drained(child.stderr):
            yield url
            stopping = time.perf_counter()
            child.send_signal(signal.SIGTERM)
            status = child.wait(120)
        print(f"stopped in {time.perf_counter() - stopping:.1f} s, status {status}")
    finally:
        child.kill()
        child.wait()


@contextlib.contextmanager
def drained(lines):
    """Reads what the server logs, in a thread, and forgets it."""
    thread = threading.Thread(target=lambda: collections.deque(lines, 0), daemon=True)
    thread.start()
    yield
    thread.join(10)


def wait_for(url, ends):
    while time.perf_counter() < ends:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/healthz").status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit("The server does not answer.")


def main(_):
    logging.set_verbosity(logging.WARNING)  # httpx tells of each request
    with contextlib.nullcontext(FLAGS.url) if FLAGS.url else server() as url:
        asyncio.run(measure(url))


if __name__ == "__main__":
    app.run(main)
