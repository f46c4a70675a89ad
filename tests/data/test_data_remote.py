"""Clips at URLs, read through fsspec: from memory, and from a server in place of S3."""

import errno
import os
import threading
import time
import types
from collections import Counter

import aiohttp
import botocore.exceptions
import botocore.parsers
import hub_server
import numpy as np
import object_storage
import pytest
import video_files

from keras_mocogan import data
from keras_mocogan.data.storage import storage
from keras_mocogan.utils.remote import errors, fsspec_files, retries

pytestmark = [pytest.mark.once, pytest.mark.timeout(120)]

SIZE = 32
KINDS = ["videos", "strips", "frames", "jpeg", "raw"]


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """A folder with videos in class folders, strips, frames, and records."""
    folder = tmp_path_factory.mktemp("clips")
    video_files.write_every_layout(folder)
    for image_format in ("jpeg", "raw"):
        write_records(folder / "videos", folder / image_format, image_format)
    return folder


def write_records(source, folder, image_format="raw"):
    return data.write_records(
        str(source),
        folder,
        image_size=SIZE,
        image_format=image_format,
        clips_per_shard=3,
    )


@pytest.fixture(scope="module")
def server():
    server = object_storage.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def places(clips, server):
    """Where the same clips lie, by scheme."""
    before = dict(os.environ)
    os.environ |= object_storage.environment(server)
    object_storage.fill(server, "clips", clips)
    for path in clips.rglob("*"):
        if path.is_file():
            name = path.relative_to(clips).as_posix()
            fsspec_files.upload(path, f"memory://clips/{name}")
    yield {"s3": "s3://clips", "memory": "memory://clips"}
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(autouse=True)
def patience_begins_anew():
    """No test ends early because storage was given up in the one before."""
    retries.forget()


@pytest.fixture
def short_patience(monkeypatch):
    monkeypatch.setattr(retries, "PATIENCE", 1.0)


def read(source, **arguments):
    defaults = {"image_size": SIZE, "clip_frames": 4, "batch_size": 4, "seed": 1}
    return data.video_dataset(str(source), **(defaults | arguments))


def videos_of(dataset, count=2):
    batches = [batch for _, batch in zip(range(count), dataset, strict=False)]
    videos = [b[0] if isinstance(b, tuple) else b for b in batches]
    return [np.asarray(video) for video in videos]


# === What lies at a URL ===


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["memory", "s3"])
def test_reads_what_lies_there(engine, places, clips, scheme, kind):
    remote = read(f"{places[scheme]}/{kind}", repeat=True)
    local = read(clips / kind, repeat=True)
    assert remote.class_names == local.class_names
    assert remote.num_clips == local.num_clips == 4
    assert not remote.skipped
    found, expected = videos_of(remote), videos_of(local)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("scheme", ["memory", "s3"])
def test_shards_by_a_pattern(engine, places, scheme):
    found = read(f"{places[scheme]}/raw/clips-00000-*.tfrecord", batch_size=3)
    assert found.num_clips == 3


@pytest.mark.parametrize("scheme", ["memory", "s3"])
def test_a_list_of_urls_and_a_pattern_of_files(engine, places, scheme):
    paths = [f"{places[scheme]}/strips/{i}.png" for i in range(2)]
    assert data.video_dataset(paths, SIZE, 4, batch_size=2).num_clips == 2
    pattern = f"{places[scheme]}/strips/*.png"
    assert data.video_dataset(pattern, SIZE, 4, batch_size=2).num_clips == 4


def test_writes_the_same_records_as_to_a_folder(clips, places):
    for place in (f"{places['s3']}/written", "memory://written"):
        assert write_records(clips / "videos", place) == 4
        for file in (clips / "raw").iterdir():
            assert storage.read(f"{place}/{file.name}") == file.read_bytes()
        assert write_records(clips / "videos", place) == 4  # nothing left to do
        with pytest.raises(ValueError, match="other clips or with"):
            write_records(clips / "strips", place)


def test_a_cached_shard_is_read_in_few_requests(places, monkeypatch):
    asked = []
    ask = fsspec_files._ask
    dataset = read(f"{places['s3']}/raw", engine="python", repeat=True)
    monkeypatch.setattr(
        fsspec_files, "_ask", lambda url, *rest: asked.append(url) or ask(url, *rest)
    )
    videos_of(dataset, 20)
    assert len(asked) == 2  # one for each shard


def test_a_set_too_large_to_keep_is_read_record_by_record(places, clips, monkeypatch):
    from keras_mocogan.data.storage import read_ahead

    monkeypatch.setattr(read_ahead, "_SHARE_OF_FREE_SPACE", 0)
    remote = read(f"{places['s3']}/raw", engine="python")
    found, expected = videos_of(remote), videos_of(read(clips / "raw"))
    np.testing.assert_array_equal(found, expected)


# === What is not there, or not allowed ===


@pytest.mark.parametrize("url", ["s3://no-such-bucket/clips", "s3://clips/nothing"])
def test_a_missing_bucket_or_folder(places, url):
    with pytest.raises(FileNotFoundError, match=url):
        read(url)


def test_a_missing_file_concerns_only_its_clip(engine, places):
    paths = [f"s3://clips/strips/{i}.png" for i in (0, 9)]
    found = data.video_dataset(paths, SIZE, 4, batch_size=1)
    assert list(found.skipped) == [paths[1]] and found.num_clips == 1


def test_an_unknown_scheme_and_a_missing_package(monkeypatch):
    with pytest.raises(ValueError, match="Received: nosuch://clips"):
        read("nosuch://clips")
    with pytest.raises(ValueError, match=r"pip install keras-mocogan\[remote\]"):
        read("gs://clips/videos")


def test_wrong_credentials(engine, server, places):
    # A name that no other test has opened, so that nothing is connected yet.
    object_storage.client(server).create_bucket(Bucket=f"closed-{engine}")
    object_storage.check_credentials(server, after=0)
    try:
        begin = time.monotonic()
        with pytest.raises(ConnectionError, match=f"s3://closed-{engine}/videos.*KEY"):
            read(f"s3://closed-{engine}/videos")
        assert time.monotonic() - begin < 20  # no second attempt
    finally:
        object_storage.check_credentials(server, after="inf")


def test_no_credentials(server):
    code = f"""
import os
os.environ["AWS_ENDPOINT_URL"] = {object_storage.url_of(server)!r}
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
    os.environ.pop(name, None)
import keras_mocogan as km
try:
    km.data.video_dataset("s3://clips/videos")
except ConnectionError as error:
    print(error)
"""
    from processes import run_backend

    said = run_backend("jax", code, env={"AWS_CONFIG_FILE": "/dev/null"})
    assert "s3://clips/videos" in said and "FSSPEC_S3_ANON" in said


# === Storage that fails ===


class Failing:
    """Stands for fsspec's memory and fails when it is told to."""

    def __init__(self, system):
        self._system = system
        self.failures = 0
        self.error = OSError("the line is cut")
        self.seconds = 0.0
        # By name, because an earlier test's reader may still try.
        self.calls = Counter()
        self.only = ""  # what a name must end in to fail

    def __getattr__(self, name):
        return getattr(self._system, name)

    def cat_file(self, path, **places):
        self.calls[path.rpartition("/")[2]] += 1
        time.sleep(self.seconds)
        if self.failures > 0 and path.endswith(self.only):
            self.failures -= 1
            raise self.error
        return self._system.cat_file(path, **places)


@pytest.fixture
def failing(places, monkeypatch):
    open_one = fsspec_files._open
    failing = Failing(open_one("memory://clips")[0])
    monkeypatch.setattr(fsspec_files, "_open", lambda url: (failing, open_one(url)[1]))
    yield failing
    # Readers that are still patient end soon.
    failing.failures, failing.seconds = 0, 0.0


@pytest.mark.parametrize("kind", ["strips", "jpeg"])
def test_reads_are_tried_again(engine, failing, clips, kind):
    dataset = read(f"memory://clips/{kind}", batch_size=2)
    failing.failures = 3
    found, expected = videos_of(dataset), videos_of(read(clips / kind, batch_size=2))
    np.testing.assert_array_equal(found, expected)
    assert not failing.failures and not dataset.skipped


def test_storage_that_stays_dead_ends_the_run(engine, failing, short_patience):
    dataset = read("memory://clips/strips", batch_size=2)
    failing.failures = 10**9
    message = "memory://clips/strips.*It was tried for 1 s"
    with pytest.raises(Exception, match=message):
        videos_of(dataset)
    assert not dataset.skipped


def test_whoever_ends_says_what_to_do(failing, short_patience):
    """Of two readers, one gives up; the other one's error may be the one shown."""
    failing.failures = 10**9
    # Names of this test alone: readers of the tests before may still try theirs.
    for name in ("first.bin", "second.bin"):
        message = f"memory://clips/{name}.*It was tried for 1 s"
        with pytest.raises(ConnectionError, match=message):
            storage.read(f"memory://clips/{name}", 0, 1)
    assert failing.calls["second.bin"] == 1  # it does not wait
    failing.pipe_file("/written/index.json", b"{}")
    failing.failures, failing.only = 1, "index.json"
    assert storage.read("memory://written/index.json", 0, 1)  # another storage
    assert failing.calls["index.json"] == 2


def test_a_mistake_is_not_tried_again(engine, failing, caplog):
    dataset = read("memory://clips/strips", batch_size=2)
    failing.error = TypeError("unhashable")
    failing.failures = 10**9
    message = "memory://clips/strips.*TypeError: unhashable. This is no lost connection"
    with pytest.raises(Exception, match=message):
        videos_of(dataset)
    with pytest.raises(ConnectionError) as caught:
        storage.read("memory://clips/strips/0.png", 0, 1)
    assert caught.value.__cause__ is failing.error
    assert not dataset.skipped and not caplog.records


def hidden_by_fsspec(error):
    """As its file system for http raises it, whatever happened."""
    missing = FileNotFoundError("https://clips/a")
    missing.__cause__ = error
    return missing


def answer(status):
    request = types.SimpleNamespace(real_url="https://clips/a")
    return aiohttp.ClientResponseError(request, (), status=status)


@pytest.mark.parametrize(
    "error, kind",
    [
        (TimeoutError("late"), ConnectionError),
        (EOFError(), ConnectionError),
        (aiohttp.ServerDisconnectedError(), ConnectionError),
        (aiohttp.ClientPayloadError("cut"), ConnectionError),
        (botocore.exceptions.EndpointConnectionError(endpoint_url=""), ConnectionError),
        (botocore.exceptions.ReadTimeoutError(endpoint_url=""), ConnectionError),
        (botocore.parsers.ResponseParserError("torn"), ConnectionError),
        (botocore.exceptions.NoCredentialsError(), errors.AccessError),
        (botocore.exceptions.ParamValidationError(report=""), errors.FileSystemError),
        (AttributeError("put"), errors.FileSystemError),
        (RuntimeError("no loop"), errors.FileSystemError),
        (OSError(errno.ENOSPC, "full"), OSError),
        (ValueError("a name"), OSError),
        (FileNotFoundError("gone"), FileNotFoundError),
        (hub_server.connection_error("no route"), ConnectionError),
        (hidden_by_fsspec(aiohttp.ServerDisconnectedError()), ConnectionError),
        (hidden_by_fsspec(answer(503)), ConnectionError),
        (hidden_by_fsspec(answer(403)), errors.AccessError),
        (hidden_by_fsspec(answer(404)), FileNotFoundError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_an_error_means(error, kind):
    def fail():
        raise error

    with pytest.raises(kind, match="s3://clips/a") as caught:
        errors.translated("s3://clips/a", fail)
    assert type(caught.value) is kind


def test_slow_reads_arrive(engine, failing, clips):
    dataset = read("memory://clips/strips", batch_size=2)
    failing.seconds = 0.3
    found, expected = (
        videos_of(dataset),
        videos_of(read(clips / "strips", batch_size=2)),
    )
    np.testing.assert_array_equal(found, expected)


def test_silence_is_no_answer(failing, short_patience, monkeypatch):
    monkeypatch.setattr(retries, "TIMEOUT", 0.2)
    failing.seconds = 5
    with pytest.raises(ConnectionError, match="memory://clips/a: no answer in 0 s"):
        storage.read("memory://clips/a", 0, 1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["strips", "raw"])
def test_a_server_that_dies_and_comes_back(engine, clips, places, kind):
    bucket = f"mortal-{engine}-{kind}"
    server = object_storage.start()
    _, port = server.get_host_and_port()
    object_storage.fill(server, bucket, clips / kind)
    # Each bucket is opened with the endpoint of its time.
    os.environ |= object_storage.environment(server)
    dataset = read(f"s3://{bucket}", batch_size=1, shuffle=True)
    expected = videos_of(read(clips / kind, batch_size=1, shuffle=True), 4)
    batches = iter(dataset)
    found = [next(batches)]
    server.stop()

    def come_back():
        again = object_storage.start(port)
        back.append(again)

    back = []
    timer = threading.Timer(4, come_back)
    timer.start()
    found += list(batches)
    timer.join()
    back[0].stop()
    found = [np.asarray(b[0] if isinstance(b, tuple) else b) for b in found]
    np.testing.assert_array_equal(found, expected)  # none lost, none twice
    assert not dataset.skipped


@pytest.mark.parametrize(
    "engine_name", [pytest.param("tf", marks=pytest.mark.slow), "python"]
)
def test_a_script_ends_at_once_while_storage_is_silent(engine_name, clips):
    code = f"""
import sys, time
import fsspec
import keras_mocogan as km
from keras_mocogan.utils.remote import fsspec_files
for path in {sorted(map(str, (clips / "strips").iterdir()))!r}:
    fsspec_files.upload(path, "memory://clips/" + path.rpartition("/")[2])
data = km.data.video_dataset("memory://clips", image_size=32, clip_frames=4,
    batch_size=1, repeat=True, engine={engine_name!r})
batches = iter(data)
next(batches)
system = fsspec_files._open("memory://clips")[0]
def silent(*arguments, **places):
    time.sleep(1000)
type(system).cat_file = silent
import threading
threading.Thread(target=lambda: next(batches), daemon=True).start()
time.sleep(1)
print(time.time())
"""
    from processes import run_backend

    said = run_backend("tensorflow" if engine_name == "tf" else "jax", code)
    # Silence alone would be waited for.
    assert time.time() - float(said.split()[-1]) < 0.7 * retries.TIMEOUT
