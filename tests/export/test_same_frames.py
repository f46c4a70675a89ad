"""One set of latents, three ways: the page, the ONNX graphs and the server.

It needs what test_page_in_browser.py needs.
"""

import asyncio
import io
import os

import chromium
import httpx
import numpy as np
import onnxruntime
import pytest

import keras_mocogan as km
from keras_mocogan.serving.app import make_app
from keras_mocogan.serving.keras_networks import KerasNetworks
from keras_mocogan.serving.service import Service

RUNTIME = os.environ.get("KERAS_MOCOGAN_ORT_WEB", "")
pytestmark = [
    pytest.mark.once,
    pytest.mark.slow,
    pytest.mark.skipif(not chromium.PROGRAM, reason="Chromium is not installed"),
    pytest.mark.skipif(
        not RUNTIME,
        reason="KERAS_MOCOGAN_ORT_WEB does not name the dist of onnxruntime-web",
    ),
]
COUNT, FRAMES, SEED = 3, 8, 11


@pytest.fixture(scope="module")
def model():
    return km.MoCoGAN.from_preset("sprites")


@pytest.fixture(scope="module")
def latents(model):
    """What the server draws for the seed."""
    return {
        "content": model.sample_content(COUNT, SEED),
        "state": km.latents.sample_state(COUNT, model.motion_dim, SEED),
        "noise": km.latents.sample_noise(COUNT, FRAMES, model.noise_dim, SEED),
        "labels": km.latents.sample_labels(COUNT, model.num_classes, SEED),
    }


def of_the_server(model):
    async def ask():
        transport = httpx.ASGITransport(make_app(service))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://test"
        ) as http:
            body = {"count": COUNT, "frames": FRAMES, "seed": SEED, "format": "npz"}
            return await http.post("/v1/generate", json=body)

    service = Service(KerasNetworks(model))
    answer = asyncio.run(ask())
    service.batcher.stop()
    assert answer.status_code == 200
    return dict(np.load(io.BytesIO(answer.content)))


def of_the_graphs(folder, latents, classes):
    step, draw = (
        onnxruntime.InferenceSession(folder / f"{name}.onnx")
        for name in ("motion_step", "image_generator")
    )
    state, frames = latents["state"], []
    given = {"category": np.eye(classes, dtype="float32")[latents["labels"]]}
    for noise in latents["noise"].swapaxes(0, 1):
        inputs = {"state": state, "noise": noise, **given}
        motion, state = step.run(["motion", "next_state"], inputs)
        inputs = {"content": latents["content"], "motion": motion}
        frames += draw.run(["frames"], inputs)
    return km.video.to_uint8(np.stack(frames, 1))


def of_the_page(address, latents):
    """Its own module `model.js`, with latents that are given."""
    lists = {name: value.tolist() for name, value in latents.items()}
    code = f"""(async () => {{
        const {{ loadModel }} = await import("./model.js");
        const read = async (name) => (await fetch(name)).json();
        const [about, page] = [await read("model.json"), await read("page.json")];
        const model = await loadModel(about, page.runtime);
        const {{ content, state, noise, labels }} = {lists};
        const all = [];
        for (let i = 0; i < {COUNT}; i++) {{
            const floats = (list) => Float32Array.from(list.flat());
            const drawn = [floats(state[i]), floats(noise[i])];
            const path = await model.path(...drawn, labels[i], {FRAMES});
            const own = floats(content[i]);
            const clip = await model.clip(own, path, labels[i], () => true);
            all.push(clip.map((picture) => [...picture.data]));
        }}
        return all;
    }})()"""
    with chromium.Browser() as browser:
        browser.open(address)
        browser.wait_for("document.body?.dataset.state === 'ready'")
        found = np.array(browser.run(code, timeout=120), "uint8")
        assert not browser.complaints
    return found.reshape(COUNT, FRAMES, 64, 64, 4)[..., :3]


def test_page_graphs_and_server_draw_the_same_frames(model, latents, tmp_path):
    km.export_page(model, tmp_path, runtime=RUNTIME, contents=1, motions=1)
    served = of_the_server(model)
    np.testing.assert_array_equal(served["labels"], latents["labels"])
    found = {"graphs": of_the_graphs(tmp_path, latents, model.num_classes)}
    with chromium.served(tmp_path) as address:
        found["page"] = of_the_page(address, latents)
    assert served["videos"].std() > 20
    for name, videos in found.items():
        apart = abs(videos.astype(int) - served["videos"].astype(int)).max()
        print(f"{name}: at most {apart} of 255 from the server")
        assert apart <= 2, name
