"""Clips at s3:// URLs, read through tensorflow-io from a server on loopback."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import boto3
import numpy as np
import pytest
import tensorflow as tf
from moto.server import ThreadedMotoServer

import keras_mocogan as km

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))
import video_files  # noqa: E402

SIZE = 32
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.fixture(scope="module")
def server():
    server = ThreadedMotoServer(port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def bucket(server, tmp_path_factory):
    """A bucket with videos in class folders, strips, frames, and records."""
    host, port = server.get_host_and_port()
    os.environ |= KEYS | {
        "S3_ENDPOINT": f"http://{host}:{port}",
        "S3_USE_HTTPS": "0",
        "S3_VERIFY_SSL": "0",
        "AWS_REGION": "us-east-1",
        # A server that is gone is soon given up.
        "AWS_MAX_ATTEMPTS": "2",
        "S3_CONNECT_TIMEOUT_MSEC": "2000",
        "S3_REQUEST_TIMEOUT_MSEC": "5000",
    }
    folder = tmp_path_factory.mktemp("clips")
    write_clips(folder)
    client = boto3.client(
        "s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1"
    )
    client.create_bucket(Bucket="clips")
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            key = path.relative_to(folder).as_posix()
            client.upload_file(str(path), "clips", key)
    return folder


def write_clips(folder):
    video_files.write_every_layout(folder)
    km.data.write_records(
        str(folder / "videos"),
        folder / "records",
        image_size=SIZE,
        image_format="raw",
        clips_per_shard=3,
    )


def read(source, **arguments):
    defaults = {"image_size": SIZE, "clip_frames": 4, "batch_size": 4, "seed": 1}
    return km.data.video_dataset(str(source), **(defaults | arguments))


def videos_of(dataset):
    batches = dataset.take(2).as_numpy_iterator()
    return [batch[0] if isinstance(batch, tuple) else batch for batch in batches]


@pytest.mark.parametrize("kind", ["videos", "strips", "frames", "records"])
def test_reads_what_lies_in_the_bucket(bucket, kind):
    remote = read(f"s3://clips/{kind}", repeat=True)
    local = read(bucket / kind, repeat=True)
    assert remote.class_names == local.class_names
    assert remote.num_clips == local.num_clips == 4
    for found, expected in zip(videos_of(remote), videos_of(local), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_shards_by_a_pattern(bucket):
    found = read("s3://clips/records/clips-00000-*.tfrecord", batch_size=3)
    assert found.num_clips == 3


def test_trains_on_a_bucket(bucket):
    dataset = read("s3://clips/records", repeat=True)
    model = km.MoCoGAN(
        image_size=SIZE,
        clip_frames=4,
        num_classes=2,
        image_generator={"filters": 2},
        image_discriminator={"filters": 2},
        video_discriminator={"filters": 2},
        seed=0,
    )
    model.compile()
    history = model.fit(dataset, steps_per_epoch=2, epochs=1, verbose=0)
    assert np.isfinite(history.history["loss"]).all()


def test_a_missing_bucket_or_folder(bucket):
    for url in ("s3://no-such-bucket/clips", "s3://clips/nothing"):
        with pytest.raises(FileNotFoundError, match=url):
            read(url)


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=240,
    )


READ = """
import keras_mocogan as km
data = km.data.video_dataset("s3://clips/{}", image_size=32, clip_frames=4,
    batch_size=2, repeat=True)
print(len(list(data.take(3))))
"""


def test_a_process_that_has_read_ends_well(bucket):
    # tensorflow-io aborts the process that it ran in: not this one.
    done = run(READ.format("videos"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "3"


def test_wrong_credentials(server, bucket):
    check_credentials(server, after=b"0")
    refused = run(READ.format("videos"), AWS_ACCESS_KEY_ID="nobody")
    check_credentials(server, after=b"inf")
    assert refused.returncode == 1
    assert "s3://clips/videos" in refused.stderr.splitlines()[-1]


def check_credentials(server, after):
    """Lets the server check who asks, from the `after`th request on."""
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}/moto-api/reset-auth"
    plain = {"Content-Type": "text/plain"}
    urllib.request.urlopen(urllib.request.Request(url, after, plain, method="POST"))


def test_a_server_that_dies_in_the_middle_of_an_epoch(bucket):
    code = f"""
import sys; sys.path.insert(0, {str(TESTS / "io")!r})
import os
import boto3, tensorflow as tf
from moto.server import ThreadedMotoServer
import keras_mocogan as km
server = ThreadedMotoServer(port=0); server.start()
host, port = server.get_host_and_port()
os.environ["S3_ENDPOINT"] = f"http://{{host}}:{{port}}"
client = boto3.client("s3", endpoint_url=f"http://{{host}}:{{port}}",
    region_name="us-east-1")
client.create_bucket(Bucket="mine")
folder = {str(bucket / "records")!r}
for name in os.listdir(folder):
    client.upload_file(os.path.join(folder, name), "mine", name)
data = km.data.video_dataset("s3://mine", image_size=32, clip_frames=4, batch_size=2,
    repeat=True)
batches = iter(data)
next(batches)
server.stop()
try:
    for _ in range(1000):
        next(batches)
except tf.errors.OpError as error:
    print("stopped:", "ConnectionError" in str(error))
"""
    done = run(code)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().endswith("stopped: True")


def test_says_which_versions_fit(monkeypatch):
    code = """
import sys
sys.modules["tensorflow_io"] = None
sys.path.insert(0, sys.argv[1])
import remote_server
try:
    remote_server.answer("exists", "s3://clips")
except ValueError as error:
    print(error)
"""
    server = Path(km.data.__file__).parent / "storage"
    done = subprocess.run(
        [sys.executable, "-c", code, str(server)], capture_output=True, text=True
    )
    assert "TensorFlow 2.16 or 2.17 with tensorflow-io 0.37.1" in done.stdout


def test_this_environment_is_the_one_that_is_meant():
    assert tf.__version__.startswith("2.17")
