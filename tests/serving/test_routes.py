"""Every address of the server, what it answers, and what it refuses."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from serving_clients import LIMITS, Client, lively_networks, make_service
from testing import tiny_image_gan, tiny_model, tiny_vgan

import keras_mocogan as km
from keras_mocogan.serving.keras_networks import KerasNetworks
from keras_mocogan.video.frames import make_grid

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def networks():
    return lively_networks()


@pytest.fixture(scope="module")
def client(networks):
    with Client(make_service(networks)) as client:
        yield client


def arrays(answer):
    assert answer.status_code == 200, answer.text
    return dict(np.load(io.BytesIO(answer.content), allow_pickle=False))


def generate(client, **body):
    return client.post("/v1/generate", json=body)


def close(one, other):
    """Equal up to the rounding of other kernels."""
    return np.abs(one.astype(int) - other.astype(int)).max() <= 1


@pytest.mark.parametrize(
    "maker",
    [
        tiny_model,
        lambda: tiny_model(category_input="frame"),
        lambda: tiny_model(num_classes=0, image_size=(32, 48)),
        tiny_vgan,
    ],
)
def test_a_seed_gives_what_generate_gives(maker):
    model = maker()
    given = {"count": 3, "seed": 5}
    wanted = model.generate(3, seed=5)
    labelled = None
    with Client(make_service(KerasNetworks(model), names=None)) as client:
        drawn = arrays(generate(client, format="npz", **given))
        if model.num_classes:
            labelled = arrays(generate(client, format="npz", **given, **{"class": 1}))
    assert close(drawn["videos"], wanted)
    if labelled is None:
        assert "labels" not in drawn
        return
    expected = km.latents.sample_labels(3, model.num_classes, 5)
    np.testing.assert_array_equal(drawn["labels"], expected)
    np.testing.assert_array_equal(labelled["labels"], [1, 1, 1])
    assert close(labelled["videos"], model.generate(3, labels=1, seed=5))


def test_formats(client):
    pixels = arrays(generate(client, count=2, seed=3, format="npz"))["videos"]
    assert pixels.shape == (2, 4, 32, 32, 3) and pixels.std() > 5
    grid = make_grid(pixels)
    answer = generate(client, count=2, seed=3, format="webp")
    assert answer.headers["content-type"] == "image/webp"
    picture = Image.open(io.BytesIO(answer.content))
    shown = []
    for number in range(picture.n_frames):
        picture.seek(number)
        shown.append(np.asarray(picture.convert("RGB")))
    np.testing.assert_array_equal(shown, grid)  # lossless
    answer = generate(client, count=2, seed=3)
    assert answer.headers["content-type"] == "image/gif"
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.n_frames == 4 and picture.size == grid.shape[2:0:-1]
    answer = generate(client, seed=3, format="mp4")
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.content[4:8] == b"ftyp"


def test_defaults_and_names_of_classes(client):
    answer = client.post("/v1/generate")
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.content)).size == (32, 32)
    again = generate(client, seed=int(answer.headers["X-Seed"]))
    assert again.content == answer.content
    named = generate(client, seed=1, **{"class": "down"})
    assert named.content == generate(client, seed=1, **{"class": 1}).content
    drawn = generate(client, seed=1, **{"class": -1})
    assert drawn.content == generate(client, seed=1).content
    # In JSON 2.0 is an integer, and null is as good as nothing.
    whole = generate(client, seed=1.0, count=1.0, frames=None, **{"class": -1.0})
    assert whole.content == drawn.content
    longer = arrays(generate(client, seed=1, frames=7, format="npz"))["videos"]
    shorter = arrays(generate(client, seed=1, frames=3, format="npz"))["videos"]
    assert longer.shape[1] == 7 and close(longer[:, :3], shorter)


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (
            {"count": 5},
            422,
            "`count` must be an integer from 1 to 4. Received: count=5",
        ),
        ({"count": 0}, 422, "from 1 to 4"),
        ({"count": True}, 422, "Received: count=True"),
        ({"count": 1.5}, 422, "Received: count=1.5"),
        ({"frames": 9}, 422, "`frames` must be an integer from 0 to 8"),
        ({"seed": -1}, 422, "`seed` must be an integer from 0 to"),
        ({"seed": 9 * 10**18 + 1}, 422, "`seed` must be"),
        ({"class": 2}, 422, "from 0 to 1, or one of up, down; -1 draws it."),
        ({"class": "left"}, 422, "Received: class='left'"),
        ({"class": [1]}, 422, "Received: class=an array"),
        ({"class": "\ud800"}, 422, r"class='\ud800'"),
        ({"format": "avi"}, 422, "`format` must be one of gif, mp4, webp, npz"),
        ({"format": {}}, 422, "format=an object"),
        ({"fps": 8}, 422, "of count, frames, class, seed, format. Received: 'fps'"),
        ([], 422, "must be a JSON object of any of count"),
        (b"{broken", 400, "The body must be JSON: Expecting"),
        (b"\xff", 400, "The body must be JSON"),
        (b"[" * 1999, 400, "The body must be JSON"),
        (b"9" * 1999 + b"{", 400, "The body must be JSON"),
        (b" " * 2001, 413, "at most 2000 bytes"),
    ],
)
def test_what_a_client_may_not_ask(client, body, status, message):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = client.post("/v1/generate", content=content)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert message in answer.json()["error"]


def test_a_body_without_its_length_is_bounded(client):
    async def parts():
        for _ in range(2):
            yield b" " * 1500

    answer = client.post("/v1/generate", content=parts())
    assert answer.status_code == 413 and "2000 bytes" in answer.json()["error"]


def test_bytes_of_an_answer_are_bounded(networks):
    limits = LIMITS._replace(video_bytes=2 * 4 * 32 * 32 * 3)
    with Client(make_service(networks, limits)) as client:
        assert generate(client, count=2).status_code == 200
        answer = generate(client, count=3)
    assert answer.status_code == 422
    assert f"at most {limits.video_bytes} bytes" in answer.json()["error"]


def test_models_of_one_length(networks):
    with Client(make_service(KerasNetworks(tiny_vgan()), names=None)) as client:
        answer = generate(client, frames=5)
    assert answer.status_code == 422 and "must be 4, or left" in answer.json()["error"]
    with Client(
        make_service(KerasNetworks(tiny_model(num_classes=0)), names=None)
    ) as client:
        answer = generate(client, **{"class": 0})
    assert answer.status_code == 422 and "no classes" in answer.json()["error"]
    with pytest.raises(ValueError, match="VGAN or a TGAN. Received: a ImageGAN"):
        KerasNetworks(tiny_image_gan())
    with pytest.raises(ValueError, match="`class_names` must be 2 names"):
        make_service(networks, names=["up"])
    with pytest.raises(ValueError, match="`fps` must be an integer from 1 to 50"):
        make_service(networks, fps=60)


def test_a_video_that_nobody_sized_keeps_to_the_limit_too(networks):
    assert networks.facts.num_frames == 4
    with pytest.raises(ValueError, match="--max_frames, must be 4 or more.*: 3"):
        make_service(networks, LIMITS._replace(frames=3))
    with Client(make_service(networks, LIMITS._replace(frames=4))) as client:
        videos = arrays(generate(client, format="npz"))["videos"]
    assert videos.shape[1] == 4


def test_predict(client):
    inputs = {"seed": 5, "count": 2, "num_frames": 3, "label": 1}
    body = {"signature_name": "serving_default", "inputs": inputs}
    answer = client.post("/v1/models/tiny:predict", json=body)
    assert answer.status_code == 200 and answer.headers["X-Seed"] == "5"
    videos = np.array(answer.json()["outputs"], "uint8")
    same = generate(client, seed=5, count=2, frames=3, format="npz", **{"class": 1})
    np.testing.assert_array_equal(videos, arrays(same)["videos"])
    # null is as good as nothing here too.
    same = client.post(
        "/v1/models/tiny:predict", json=body | {"signature_name": None}
    ).json()
    np.testing.assert_array_equal(same["outputs"], videos)
    rows = [inputs, {"seed": 6}]
    answer = client.post("/v1/models/tiny:predict", json={"instances": rows})
    first, second = answer.json()["predictions"]
    np.testing.assert_array_equal(first, videos)
    assert np.shape(second) == (1, 4, 32, 32, 3)
    assert answer.headers["X-Seed"] == "5,6"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Exactly one of `inputs` and `instances`"),
        ({"inputs": {}, "instances": []}, "Exactly one"),
        ({"instances": []}, "an array of 1 to 4 objects"),
        ({"instances": {}}, "Received: an object"),
        ({"instances": [{}] * 5}, "an array of 1 to 4"),
        ({"inputs": 1}, "must be a JSON object of any of seed, count"),
        ({"inputs": {"frames": 1}}, "Received: 'frames'"),
        ({"inputs": {"num_frames": 9}}, "`num_frames` must be an integer from 0 to 8"),
        ({"inputs": {"label": 2}}, "`label` must be an integer from 0 to 1"),
        ({"inputs": {}, "signature_name": []}, "must be serving_default"),
    ],
)
def test_what_predict_refuses(client, body, message):
    answer = client.post("/v1/models/tiny:predict", json=body)
    assert answer.status_code == 422 and message in answer.json()["error"]


def test_state_and_metadata(client):
    state = client.get("/v1/models/tiny").json()["model_version_status"][0]
    assert state["state"] == "AVAILABLE" and state["status"]["error_code"] == "OK"
    found = client.get("/v1/models/tiny/metadata").json()
    assert found["model_spec"]["name"] == "tiny"
    signature = found["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["inputs"]["seed"]["dtype"] == "DT_INT64"
    videos = signature["outputs"]["videos"]
    sizes = [dim["size"] for dim in videos["tensor_shape"]["dim"]]
    assert sizes == ["-1", "-1", "32", "32", "3"] and videos["dtype"] == "DT_UINT8"
    for answer in (
        client.get("/v1/models/other"),
        client.get("/v1/models/other/metadata"),
        client.post("/v1/models/other:predict", json={"inputs": {}}),
    ):
        assert answer.status_code == 404
        assert "must be tiny" in answer.json()["error"]


def test_other_addresses_and_methods(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404 and "/openapi.json" in answer.json()["error"]
    answer = client.get("/v1/generate")
    assert answer.status_code == 405 and "'GET'" in answer.json()["error"]


def test_openapi(client):
    found = client.get("/openapi.json").json()["paths"]
    assert set(found) == {
        "/v1/generate",
        "/v1/models/{name}:predict",
        "/v1/models/{name}",
        "/v1/models/{name}/metadata",
        "/healthz",
        "/metrics",
    }
    wanted = found["/v1/generate"]["post"]
    schema = wanted["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"]["count"]["maximum"] == 4
    assert set(schema["properties"]) == {"count", "frames", "class", "seed", "format"}
    assert "image/gif" in wanted["responses"]["200"]["content"]
    assert "429" in wanted["responses"]


def test_health_and_metrics(networks):
    with Client(make_service(networks)) as client:
        assert client.get("/healthz").json() == {"ok": True}
        assert generate(client, count=3, seed=0).status_code == 200
        assert generate(client, count=9).status_code == 422
        text = client.get("/metrics").text
    for line in (
        'keras_mocogan_requests_total{route="/v1/generate",status="200"} 1',
        'keras_mocogan_requests_total{route="/v1/generate",status="422"} 1',
        "keras_mocogan_videos_total 3",
        "keras_mocogan_frames_total 12",
        "keras_mocogan_batches_total 1",
        "keras_mocogan_pending_requests 0",
        'keras_mocogan_request_seconds_bucket{le="+Inf"} 3',
        "keras_mocogan_request_seconds_count 3",
    ):
        assert f"\n{line}\n" in text
    kinds = [line for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(kinds) == len(set(kinds)) == 8


def test_request_ids(client, caplog):
    with caplog.at_level("INFO", "keras_mocogan.serving"):
        given = client.get("/healthz", headers={"X-Request-ID": "mine-1"})
        odd = client.get("/healthz", headers={"X-Request-ID": "a b"})
    assert given.headers["X-Request-ID"] == "mine-1"
    assert odd.headers["X-Request-ID"] not in ("a b", "")
    said = [record.getMessage() for record in caplog.records]
    assert any(line.startswith("mine-1 GET /healthz 200 ") for line in said)


def test_token(networks):
    with Client(make_service(networks), token="secret") as client:
        for value in (None, "Bearer", "Bearer other", "Basic secret", "secret"):
            headers = {"Authorization": value} if value else {}
            for path in ("/v1/models/tiny", "/metrics", "/openapi.json"):
                answer = client.get(path, headers=headers)
                assert answer.status_code == 401 and "Bearer" in answer.json()["error"]
                assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert client.post("/v1/generate", headers=headers).status_code == 401
        assert client.get("/healthz").status_code == 200
        headers = {"Authorization": "Bearer secret"}
        assert client.post("/v1/generate", headers=headers).status_code == 200


def test_pages(networks, tmp_path):
    with Client(make_service(networks)) as client:
        form = client.get("/")
    assert form.headers["content-type"].startswith("text/html")
    assert "<form>" in form.text and "v1/generate" in form.text
    (tmp_path / "index.html").write_text("<p>exported")
    (tmp_path / "page.js").write_text("1")
    with Client(make_service(networks), page=tmp_path) as client:
        assert client.get("/").text == "<p>exported"
        assert client.get("/page.js").text == "1"
        assert client.get("/../pyproject.toml").status_code == 404
        assert client.get("/missing").json()["error"].startswith("The address must be")
        assert generate(client).status_code == 200
