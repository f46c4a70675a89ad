"""The exported page in headless Chromium: what it shows, and all that it can do.

It needs Chromium, and the folder `dist` of the npm package onnxruntime-web, which the
variable KERAS_MOCOGAN_ORT_WEB names.
"""

import io
import os
import time
from pathlib import Path

import chromium
import keras
import numpy as np
import pytest
from PIL import Image
from testing import enliven, tiny_model

import keras_mocogan as km

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
READY = (
    "document.body?.dataset.state === 'ready' && "
    "document.getElementById('large').dataset.state === 'ready'"
)
COLUMNS, ROWS, FRAMES = 3, 2, 8


@pytest.fixture(scope="module")
def model():
    return km.MoCoGAN.from_preset("shapes")


@pytest.fixture(scope="module")
def address(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    names = km.presets.about("shapes")["class_names"]
    options = {"runtime": RUNTIME, "contents": COLUMNS, "motions": ROWS}
    km.export_page(model, folder / "in" / "a_folder", names, **options)
    with chromium.served(folder) as root:
        yield f"{root}in/a_folder/"


@pytest.fixture(scope="module")
def browser():
    with chromium.Browser() as browser:
        yield browser


@pytest.fixture(autouse=True)
def no_complaints(browser):
    yield
    found, browser.complaints = browser.complaints, []
    assert not found


def opened(browser, address, **options):
    """Opens the page anew."""
    browser.open(address, **options)
    browser.wait_for(READY)


def shown(browser, address, settings=""):
    """Shows other settings, in the same page if one is open: loading takes seconds."""
    if browser.run("location.href.split('#')[0]") != address:
        opened(browser, address)
    browser.run(
        f"""new Promise((resolve) => {{
            addEventListener("hashchange", resolve, {{ once: true }});
            location.hash = "frames=8&{settings}&{time.monotonic()}";
        }})"""
    )
    browser.wait_for(READY)
    turn(browser, "frame", 1)


def pixels(browser, selector):
    """The pictures of canvases, uint8 `(n, height, width, 3)`."""
    code = f"""[...document.querySelectorAll({selector!r})].map((canvas) => {{
        const {{ width, height }} = canvas;
        const copy = new OffscreenCanvas(width, height).getContext("2d");
        copy.drawImage(canvas, 0, 0);
        return [...copy.getImageData(0, 0, width, height).data];
    }})"""
    found = np.array(browser.run(code), "uint8")
    side = round((found.shape[1] / 4) ** 0.5)
    return found.reshape(-1, side, side, 4)[..., :3]


def stage(browser):
    return pixels(browser, "#large")[0]


def turn(browser, name, value, event="input"):
    browser.run(
        f"""{{
            const control = document.getElementById({name!r});
            control.value = {value!r};
            control.dispatchEvent(new Event({event!r}, {{ bubbles: true }}));
        }}"""
    )
    browser.wait_for(READY)


def click(browser, selector):
    browser.run(f"document.querySelector({selector!r}).click()")
    browser.wait_for(READY)


def text(browser, name):
    return browser.run(f"document.getElementById({name!r}).textContent")


def wanted(model, seed, labels, frames=FRAMES):
    """The frames of the grid, uint8 `(rows, columns, frames, 64, 64, 3)`."""
    drawn = km.export.page_latents(seed, model, COLUMNS, ROWS, frames)
    path = {
        "state": drawn["state"],
        "noise": drawn["noise"],
        "category": np.eye(2, dtype="float32")[labels],
    }
    motion = keras.ops.convert_to_numpy(model.motion_generator(path))
    content = np.tile(drawn["content"], (ROWS, 1))
    videos = model.decode(content, np.repeat(motion, COLUMNS, axis=0))
    return km.video.to_uint8(videos).reshape(ROWS, COLUMNS, frames, 64, 64, 3)


def distance(one, other):
    return abs(one.astype(int) - other.astype(int)).max()


def test_frames_are_those_of_the_model(browser, address, model):
    shown(browser, address, "seed=4000000000")
    videos = wanted(model, 4_000_000_000, [0, 1])
    for frame in (0, FRAMES - 1):
        turn(browser, "frame", frame + 1)
        found = pixels(browser, "#grid canvas").reshape(ROWS, COLUMNS, 64, 64, 3)
        assert distance(found, videos[:, :, frame]) <= 2
        assert distance(stage(browser), videos[0, 0, frame]) <= 2


def test_class_and_length(browser, address, model):
    shown(browser, address)
    turn(browser, "label", "1", "change")
    turn(browser, "frames", "11")
    turn(browser, "frame", "11")
    videos = wanted(model, 1, [1, 1], 11)
    found = pixels(browser, "#grid canvas").reshape(ROWS, COLUMNS, 64, 64, 3)
    assert distance(found, videos[:, :, 10]) <= 2
    assert text(browser, "status") == "6 videos of 11 frames."
    names = browser.run(
        "[...document.querySelectorAll('#grid .row')].map((e) => e.textContent)"
    )
    assert names == ["down", "down"]


def test_gray_frames_with_the_class_in_the_frame(browser, tmp_path):
    model = tiny_model(category_input="frame", channels=1, noise_dim=3)
    enliven(model)
    names, credits = ["to_left", "up"], "Art by A (https://a.example/b), and B."
    sizes = {"contents": 2, "motions": 2}
    km.export_page(model, tmp_path, names, "", RUNTIME, **sizes, credits=credits)
    with chromium.served(tmp_path) as address:
        opened(browser, address)
        found = pixels(browser, "#grid canvas")
        assert text(browser, "credits") == credits
        link = browser.run("document.querySelector('#credits a').href")
        assert link == "https://a.example/b"
        assert text(browser, "stage-title") == "Content A, to left"
    drawn = km.export.page_latents(1, model, 2, 2)
    path = {name: drawn[name] for name in ("state", "noise")}
    motion = keras.ops.convert_to_numpy(model.motion_generator(path))
    content = np.tile(drawn["content"], (2, 1))
    videos = model.decode(content, np.repeat(motion, 2, axis=0), [0, 0, 1, 1])
    frames = km.video.to_uint8(videos)[:, 0]
    assert frames.std() > 10
    assert distance(found, np.repeat(frames, 3, axis=-1)) <= 2


def test_the_content_can_be_changed(browser, address, model):
    shown(browser, address, "seed=3&content=2&motion=2")
    first = stage(browser)
    assert text(browser, "stage-title") == "Content B, down"
    for name, value in (("look-0", "2.5"), ("look-3", "-3"), ("mix", "0.6")):
        before = stage(browser)
        turn(browser, name, value)
        assert distance(stage(browser), before) > 20, name
    turn(browser, "mix", "1")
    for name in ("look-0", "look-3"):
        turn(browser, name, "0")
    turn(browser, "toward", "2", "change")
    videos = wanted(model, 3, [0, 1])
    assert distance(stage(browser), videos[1, 2, 0]) <= 2  # all of the other content
    click(browser, "#reset")
    assert distance(stage(browser), first) == 0


def test_a_link_shows_the_same(browser, address):
    opened(browser, address + "#seed=9&frames=5")
    for name, value in (("look-1", "-2"), ("mix", "0.25"), ("fps", "13")):
        turn(browser, name, value)
    link, picture = browser.run("location.href"), stage(browser)
    assert link.endswith(
        "#seed=9&frames=5&fps=13&content=1&motion=1&toward=2&mix=0.25&look=0,-2,0,0"
    )
    click(browser, "#another")
    assert distance(stage(browser), picture) > 20
    opened(browser, link)
    assert distance(stage(browser), picture) == 0
    assert text(browser, "fps-told") == "13 a second"
    shown(browser, address, "seed=-1&class=7&look=NaN&mix=9&content=99")
    link = browser.run("location.hash")
    assert link == "#seed=1&frames=8&fps=8&content=1&motion=1"


def test_it_plays_unless_motion_is_unwanted(browser, address):
    opened(browser, address)
    assert text(browser, "play") == "Play"
    before = text(browser, "frame-told")
    time.sleep(0.6)
    assert text(browser, "frame-told") == before == "1 of 8"
    turn(browser, "fps", "30")
    click(browser, "#play")
    assert text(browser, "play") == "Pause"
    # However slow the machine is, all frames are shown in the end.
    browser.run(
        """new Promise((resolve) => {
            const seen = new Set();
            const look = () => {
                seen.add(document.getElementById("frame").value);
                if (seen.size === 8) resolve();
                else requestAnimationFrame(look);
            };
            look();
        })"""
    )
    opened(browser, address, reduced=False)
    assert text(browser, "play") == "Pause"
    browser.wait_for("document.getElementById('frame').value !== '1'", 10)
    click(browser, "#play")
    before = text(browser, "frame-told")
    time.sleep(0.6)
    assert text(browser, "frame-told") == before


def test_keys_choose_a_video(browser, address):
    shown(browser, address)
    browser.run("document.getElementById('another').focus()")
    browser.press("Tab")  # one stop for the whole grid
    assert browser.run("document.activeElement.ariaLabel") == "Content A, right"
    browser.press("ArrowRight")
    browser.press("ArrowDown")
    assert browser.run("document.activeElement.ariaLabel") == "Content B, down"
    browser.press("Enter")
    browser.wait_for(READY)
    assert text(browser, "stage-title") == "Content B, down"
    browser.press("Tab")
    assert browser.run("document.activeElement.id") == "frame"


def test_everything_has_a_name(browser, address):
    shown(browser, address)
    browser.call("Accessibility.enable")
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    kinds = {"button", "slider", "combobox", "spinbutton", "group", "region", "image"}
    named = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in kinds
    ]
    assert len(named) > 20 and {kind for kind, _ in named} >= kinds - {"region"}
    assert not [kind for kind, name in named if not name.strip()]
    told = browser.run("document.getElementById('status').getAttribute('role')")
    assert told == "status"


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_is_wider_than_the_window(browser, address, width):
    shown(browser, address)
    browser.resize(width, 900)
    assert browser.run("document.documentElement.scrollWidth") <= width


@pytest.fixture
def downloads(browser, tmp_path):
    """A function that clicks a button and gives the bytes of the file it saves."""
    browser.call(
        "Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path)
    )

    def saved(button, name):
        click(browser, button)
        path, end = Path(tmp_path / name), time.monotonic() + 20
        while not path.exists() and time.monotonic() < end:
            time.sleep(0.1)
        return io.BytesIO(path.read_bytes())

    return saved


def test_files_hold_the_video(browser, address, model, downloads):
    shown(browser, address, "seed=5&content=2&fps=10")
    video = wanted(model, 5, [0, 1])[0, 1]
    with Image.open(downloads("#save-strip", "seed5-B-right.png")) as strip:
        found = np.asarray(strip.convert("RGB")).reshape(64, FRAMES, 64, 3)
    assert distance(found.swapaxes(0, 1), video) <= 2
    with Image.open(downloads("#save-gif", "seed5-B-right.gif")) as gif:
        assert gif.n_frames == FRAMES and gif.size == (256, 256)
        assert gif.info["duration"] == 100 and gif.info["loop"] == 0
        for number in range(FRAMES):
            gif.seek(number)
            found = np.asarray(gif.convert("RGB"))[2::4, 2::4]
            # Colors are told to 5 bits, and 256 of them are kept.
            assert distance(found, video[number]) <= 24
            assert abs(found.astype(int) - video[number]).mean() < 1


def test_gif_code_of_many_colors(browser, address):
    """Noise fills the table of codes, which then begins anew."""
    shown(browser, address)
    data = browser.run(
        """(async () => {
            const { encodeGif } = await import("./gif.js");
            let word = 1;
            const noise = Uint8ClampedArray.from({ length: 4 * 90 * 70 }, (_, i) => {
                word = (word * 48271) % 2147483647;
                return i % 4 === 3 ? 255 : [word & 192, word & 128, 64][i % 4];
            });
            const flat = new Uint8ClampedArray(4 * 90 * 70).fill(255);
            const pictures = [noise, flat].map((data) => new ImageData(data, 90, 70));
            return [[...noise], [...encodeGif(pictures, 50)]];
        })()"""
    )
    noise = np.array(data[0], "uint8").reshape(70, 90, 4)[..., :3]
    with Image.open(io.BytesIO(bytes(data[1]))) as gif:
        assert gif.n_frames == 2 and gif.info["duration"] == 20
        np.testing.assert_array_equal(np.asarray(gif.convert("RGB")), noise)
        gif.seek(1)
        assert (np.asarray(gif.convert("RGB")) == 255).all()
