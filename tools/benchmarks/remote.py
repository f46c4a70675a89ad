"""The `remote` part of benchmark.py: records from object storage and from the disk.

A server on loopback takes the place of S3, in a process of its own. It spends more
time on a request than the package does, so a second server, which only sends files
over HTTP, shows what the package can take. The first pass includes all requests; later
passes are read from the blocks that are kept.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
import numpy as np

import keras_mocogan as km

SIZE, FRAMES, BATCH, CLIPS, PASSES = 64, 16, 16, 512, 4
_RANGE_SERVER = Path(__file__).with_name("range_server.py")
_SERVER = """
import time
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(port=0, verbose=False)
server.start()
print(*server.get_host_and_port(), flush=True)
while True:
    time.sleep(1)
"""


def start_server():
    """The process, and its URL."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    host, port = process.stdout.readline().split()
    return process, f"http://{host}:{port}"


def start_range_server(folder):
    """The process, and its URL."""
    process = subprocess.Popen(
        [sys.executable, str(_RANGE_SERVER), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, f"http://127.0.0.1:{process.stdout.readline().strip()}"


def fill(url, folder):
    s3 = boto3.client("s3", endpoint_url=url)
    s3.create_bucket(Bucket="clips")
    for path in folder.rglob("*"):
        if path.is_file():
            key = path.relative_to(folder).as_posix()
            s3.put_object(Bucket="clips", Key=key, Body=path.read_bytes())


def rates(source):
    """Clips a second of each pass."""
    dataset = km.data.video_dataset(
        source, SIZE, FRAMES, batch_size=BATCH, engine="python"
    )
    found = []
    for _ in range(PASSES):
        start, clips = time.perf_counter(), 0
        for videos in dataset:
            clips += len(videos)
        found.append(clips / (time.perf_counter() - start))
    return found


def run(rounds):
    """Prints the table, the medians of rounds; returns all rates."""
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    results = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clips, _ = km.data.shape_motion(CLIPS, num_frames=FRAMES, image_size=SIZE)
        grain = np.random.default_rng(0).integers(0, 24, clips.shape, np.uint8)
        for kind in ("jpeg", "raw"):
            km.data.write_records(
                clips // 2 + grain, folder / kind, SIZE, image_format=kind
            )
        server, url = start_server()
        range_server, range_url = start_range_server(folder)
        os.environ["AWS_ENDPOINT_URL"] = url
        places = {"disk": folder, "S3": "s3://clips", "HTTP": range_url}
        try:
            fill(url, folder)
            for _ in range(rounds):
                for kind in ("jpeg", "raw"):
                    for where, place in places.items():
                        found = rates(f"{place}/{kind}")
                        results.setdefault(f"{kind}, {where}", []).append(found)
        finally:
            server.kill()
            range_server.kill()
    print(f"{'clips a second':<20}{'first pass':>12}{'later passes':>14}")
    for name, found in results.items():
        first = statistics.median(passes[0] for passes in found)
        later = statistics.median(rate for passes in found for rate in passes[1:])
        print(f"{name:<20}{first:>12.0f}{later:>14.0f}")
    return results
