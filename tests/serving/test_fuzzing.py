"""Whatever a client sends, it is told what is wrong, and the server lives."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from serving_clients import LIMITS, Client, lively_networks, make_service

pytestmark = pytest.mark.once

NAMES = ("count", "frames", "class", "seed", "format", "inputs", "instances")
PATHS = ("/v1/generate", "/v1/models/tiny:predict", "/v1/models/other:predict")
# The same answer each time, for no one should have to hunt for a failure.
FUZZ = settings(
    max_examples=200,
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
        "seed": st.integers(0, 2**63 - 1),
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


def check(answer):
    assert answer.status_code == 200 or 400 <= answer.status_code < 500
    if answer.status_code != 200:
        assert answer.json()["error"]
    return answer.status_code


seen = set()


@FUZZ
@given(st.sampled_from(PATHS), bodies, headers, st.text(max_size=10))
@example(PATHS[0], b'{"count": NaN}', {}, "")
@example(PATHS[0], b"[" * 900 + b"]" * 900, {}, "")
@example(PATHS[0], b'{"class": ' + b"[" * 900 + b"]" * 900 + b"}", {}, "")
@example(PATHS[0], b'{"\\ud800": 1}', {}, "")
@example(PATHS[1], b'{"inputs": {"label": "\\ud800"}}', {}, "")
def test_bodies_and_parameters(client, path, body, headers, query):
    answer = client.post(path, content=body, headers=headers, params={"q": query})
    seen.add(check(answer))


@pytest.fixture(scope="module")
def paged(client, tmp_path_factory):
    """The same service with a folder of files behind all other addresses."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "index.html").write_text("exported")
    return Client(client.service, page=folder)


@settings(FUZZ, max_examples=60)
@given(st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD"]), st.text(max_size=12))
@example("GET", "\0")
@example("GET", "a" * 5000)
@example("GET", "../../tiny")
def test_addresses(client, paged, method, name):
    for path in (f"/{quote(name)}", f"/v1/models/{quote(name)}"):
        assert client.request(method, path).status_code < 500
        assert paged.request(method, path).status_code < 500


def test_the_server_lives(client):
    assert client.get("/healthz").json() == {"ok": True}
    assert client.post("/v1/generate").status_code == 200
    assert client.service.batcher.pending() == 0
    assert {200, 400, 404, 413, 422} <= seen
