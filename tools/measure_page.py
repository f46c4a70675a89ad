"""Times an exported page in headless Chromium, and takes a picture of it.

    keras-mocogan export --preset=sprites --output=site --format=page --runtime=dist
    python tools/measure_page.py --page=site --picture=page.png

Needs Chromium, and a page with its runtime beside it. It prints how many milliseconds
a new clip takes, from its noise to its pixels; how many of them the page's thread
computes, which on a busy machine are fewer; and the machine's load.
"""

import os
import pathlib
import statistics
import sys

from absl import app, flags

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests" / "export"))
import chromium  # noqa: E402

flags.DEFINE_string("page", None, "Folder of the page.", required=True)
flags.DEFINE_integer("frames", 8, "Frames of a clip.", 1)
flags.DEFINE_integer("clips", 20, "Clips that are timed.", 1)
flags.DEFINE_string("picture", None, "PNG to write.")
flags.DEFINE_string("settings", "", "What follows # in the picture's address.")
FLAGS = flags.FLAGS
_READY = "document.body?.dataset.state === 'ready'"
_FIRST = 3  # clips that are not timed, because the first calls are slower
# The page's own modules, with other noise for each clip.
_TIMES = """(async () => {
    const { loadModel } = await import("./model.js");
    const { drawContent, drawNoise, drawState } = await import("./random.js");
    const read = async (name) => (await fetch(name)).json();
    const [about, page] = [await read("model.json"), await read("page.json")];
    const model = await loadModel(about, page.runtime);
    const times = [];
    for (let seed = 0; seed < CLIPS + FIRST; seed++) {
        const started = performance.now();
        const label = about.num_classes ? seed % about.num_classes : null;
        const noise = drawNoise(seed, 0, FRAMES * about.noise_dim);
        const state = drawState(seed, 0, about.motion_dim);
        const path = await model.path(state, noise, label, FRAMES);
        const content = drawContent(seed, 0, about.content_dim);
        const clip = await model.clip(content, path, label, () => true);
        if (clip.length !== FRAMES) throw Error("frames are missing");
        times.push(performance.now() - started);
    }
    return times.slice(FIRST);
})()"""


def thread_seconds(browser):
    """Seconds that the page's main thread has computed so far."""
    browser.call("Performance.enable", timeDomain="threadTicks")
    found = browser.call("Performance.getMetrics")["metrics"]
    return next(each["value"] for each in found if each["name"] == "TaskDuration")


def main(_):
    with chromium.served(FLAGS.page) as address, chromium.Browser() as browser:
        browser.open(f"{address}#{FLAGS.settings}")
        browser.wait_for(_READY)
        if FLAGS.picture:
            browser.screenshot(pathlib.Path(FLAGS.picture))
        code = _TIMES.replace("CLIPS", str(FLAGS.clips)).replace("FIRST", str(_FIRST))
        before = thread_seconds(browser)
        times = browser.run(code.replace("FRAMES", str(FLAGS.frames)), timeout=300)
        computed = 1e3 * (thread_seconds(browser) - before) / (FLAGS.clips + _FIRST)
        load = os.getloadavg()[0]
        if browser.complaints:
            raise SystemExit(f"The page complains: {browser.complaints}")
    print(
        f"a clip of {FLAGS.frames} frames: median {statistics.median(times):.0f} ms, "
        f"{min(times):.0f} to {max(times):.0f}; {computed:.0f} ms computed; load "
        f"{load:.1f} on {os.cpu_count()} cores"
    )


if __name__ == "__main__":
    app.run(main)
