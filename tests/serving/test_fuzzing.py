"""Whatever a client sends, it is told what is wrong, and the server lives.

The short part sends what is known to break servers; the long one (slow) what Hypothesis
and Schemathesis draw, the latter from the served /openapi.json.
"""

import contextlib
import json
import socket
import threading
import time
from urllib.parse import quote

import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from processes import free_port
from serving_clients import LIMITS, Client, lively_networks, make_service

from keras_mocogan.serving.app import make_app

pytestmark = pytest.mark.once

NAMES = ("count", "frames", "class", "seed", "format", "inputs", "instances")
PATHS = ("/v1/generate", "/v1/models/tiny:predict", "/v1/models/other:predict")
PREDICT = "/v1/models/{name}:predict"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FOO")
# The same answer each time, for no one should have to hunt for a failure.
FUZZ = settings(
    max_examples=500,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 10)
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["up", "gif", "npz", "webp", "mp4", "serving_default"])
)
names = st.sampled_from([*NAMES, "num_frames", "label", "signature_name"]) | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner),
    max_leaves=6,
)
objects = st.dictionaries(st.sampled_from(NAMES), scalars, max_size=4)
right = st.fixed_dictionaries(
    {},
    optional={
        "count": st.integers(1, 3),
        "frames": st.integers(0, 5),
        "class": st.sampled_from([-1, 0, 1, "up", None]),
        "seed": st.integers(0, 9 * 10**18),
        "format": st.sampled_from(["gif", "mp4", "webp", "npz"]),
    },
)
bodies = st.one_of(
    st.binary(max_size=64),
    st.binary(min_size=1990, max_size=2010),
    values.map(lambda value: json.dumps(value).encode()),
    objects.map(lambda value: json.dumps(value).encode()),
    right.map(lambda value: json.dumps(value).encode()),
)
headers = st.dictionaries(
    st.sampled_from(["content-type", "x-request-id", "authorization", "accept"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
)


@pytest.fixture(scope="module")
def client():
    with Client(make_service(lively_networks(), LIMITS._replace(count=3))) as client:
        yield client


@pytest.fixture(scope="module")
def documented(client):
    """`documented(route, answer, method="post")` of /openapi.json, else it fails."""
    paths = client.get("/openapi.json").json()["paths"]

    def check(route, answer, method="post"):
        known = paths[route][method]["responses"][str(answer.status_code)]
        assert answer.headers["content-type"].split(";")[0] in {
            kind.split(";")[0] for kind in known["content"]
        }

    return check


def check(answer):
    assert answer.status_code == 200 or 400 <= answer.status_code < 500
    if answer.status_code != 200:
        assert answer.json()["error"]
    return answer.status_code


def nested(depth, inside=""):
    return "[" * depth + inside + "]" * depth


BAD_VALUES = [
    *("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1.5", "-1", "true", '""'),
    *("9" * 400, "-" + "9" * 400, "9" * 1900, '"1"', '"\\u0000"', '"\\ud800"', "[]"),
    *("{}", nested(900), '"a\\nb"', '"\\ud83d\\ude00"', '"' + "x" * 1900 + '"'),
]
BAD_BODIES = [
    *(b"{", b"{]", b"nul", b"'", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"{}{}", b"[]"),
    *(
        b"null",
        b"1",
        b'"a"',
        b"NaN",
        b"count=1",
        b"<a/>",
        b'{"count": 01}',
        b'{"a": 1}',
    ),
    *(b'{"\\ud800": 1}', b'{"count\\n": 1}', b"[" * 1999, b'{"a":' * 300, b"9" * 1999),
    *("{".encode("utf-16"), '{"a": 1}'.encode("utf-32"), b"\x1f\x8b\x08\x00", b"\x80"),
]


@pytest.mark.parametrize("name", ["count", "frames", "class", "seed", "format"])
def test_bad_values(client, documented, name):
    for value in BAD_VALUES:
        if (name, value) == ("class", "-1"):  # draws one
            continue
        body = f'{{"{name}": {value}}}'.encode()
        answer = client.post(PATHS[0], content=body)
        assert check(answer) == 422, (name, value)
        documented(PATHS[0], answer)


@pytest.mark.parametrize("kind", ["application/json", "a/b; charset=x"])
def test_bad_bodies(client, documented, kind):
    for body in BAD_BODIES:
        for path, route in zip(PATHS, (PATHS[0], PREDICT), strict=False):
            answer = client.post(path, content=body, headers={"Content-Type": kind})
            assert check(answer) in (400, 422)
            documented(route, answer)


def test_bad_lengths_and_headers(client, documented):
    for length in ("9" * 18, "9" * 30, "9" * 5000, "2001"):
        headers = {"Content-Length": length}
        answer = client.post(PATHS[0], content=b"{}", headers=headers)
        assert check(answer) == 413
        documented(PATHS[0], answer)
    for length in ("-1", "1e3", "\u00b2".encode(), "+2", ""):
        answer = client.post(PATHS[0], content=b"[", headers={"Content-Length": length})
        assert check(answer) == 400
    for wish in (b"a\nb", b"a\r\nX: 1", b"x" * 65, b"\xff", b"", b"a\n"):
        answer = client.get("/healthz", headers={"X-Request-ID": wish})
        assert check(answer) == 200
        assert answer.headers["X-Request-ID"].encode() != wish
        assert answer.headers["X-Request-ID"].isalnum()


def test_other_methods(client):
    routes = client.get("/openapi.json").json()["paths"]
    for route, known in routes.items():
        for method in {*METHODS} - {name.upper() for name in known}:
            answer = client.request(method, route.replace("{name}", "tiny"))
            if route == PREDICT and method == "GET":  # the state of another model
                assert answer.status_code == 404
                continue
            assert answer.status_code == 405
            assert answer.headers["Allow"] in {name.upper() for name in known}


def test_names_of_models(client, documented):
    for name in ("other", "a%0ab", "%00", "%ff", "a" * 3000, "%F0%9F%98%80", "%2e%2e"):
        for end, method in ((":predict", "post"), ("", "get"), ("/metadata", "get")):
            answer = client.request(method, f"/v1/models/{name}{end}")
            assert check(answer) == 404
            documented("/v1/models/{name}" + end, answer, method)


seen = set()


@pytest.mark.slow
@FUZZ
@given(st.sampled_from(PATHS), bodies, headers, st.text(max_size=10))
def test_drawn_bodies(client, path, body, headers, query):
    answer = client.post(path, content=body, headers=headers, params={"q": query})
    seen.add(check(answer))


@pytest.mark.slow
def test_statuses_of_drawn_bodies():
    assert {200, 400, 404, 413, 422} <= seen  # or all were refused for one reason


@pytest.fixture(scope="module")
def paged(client, tmp_path_factory):
    """The same service with a folder of files behind all other addresses."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "index.html").write_text("exported")
    return Client(client.service, page=folder)


@pytest.mark.parametrize("name", ["\0", "a" * 5000, "../../tiny", "a\nb", "\ud83d"])
def test_addresses(client, paged, name):
    check_address(client, paged, "GET", name)


@pytest.mark.slow
@settings(FUZZ, max_examples=200)
@given(st.sampled_from(METHODS), st.text(max_size=12))
def test_drawn_addresses(client, paged, method, name):
    check_address(client, paged, method, name)


def check_address(client, paged, method, name):
    name = quote(name, errors="replace")
    for path in (f"/{name}", f"/v1/models/{name}"):
        assert client.request(method, path).status_code < 500
        assert paged.request(method, path).status_code < 500


JUNK = [
    *(b"", b"\r\n\r\n", b"\0" * 100, b"\x16\x03\x01\x02\0", b"PRI * HTTP/2.0\r\n\r\n"),
    *(b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n"),
    b"GET /%ff%00%0a HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-ID: a\n b\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    *(
        b"POST /v1/generate HTTP/1.1\r\nHost: a\r\n" + end
        for end in (
            b"Content-Length: -1\r\n\r\n{}",
            b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
            b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            b"Content-Length: 9\r\n\r\n{",  # and no more
            b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\n{}\r\n",
            b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        )
    ),
]


@contextlib.contextmanager
def listening(service):
    """The port of the service behind uvicorn, in a thread."""
    port = free_port()
    # The end of its life would be the service's end.
    quiet = {"log_config": None, "lifespan": "off"}
    config = uvicorn.Config(make_app(service), port=port, **quiet)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield port
    finally:
        server.should_exit = True
        thread.join()


def test_bytes_that_are_no_http(client, caplog):
    with listening(client.service) as port:
        for junk in JUNK:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
                with contextlib.suppress(ConnectionError):  # it may hang up first
                    raw.sendall(junk)
                    raw.shutdown(socket.SHUT_WR)
                    assert not raw.recv(12).startswith(b"HTTP/1.1 5"), junk[:80]
    assert not [record for record in caplog.records if record.exc_info]
    assert 'status="5' not in client.get("/metrics").text


def test_the_server_lives(client):
    assert client.get("/healthz").json() == {"ok": True}
    assert client.post("/v1/generate").status_code == 200
    assert client.service.batcher.pending() == 0
