// The page: settings from the address, videos from the model, and what plays them.

import { readAddress, writeAddress } from "./address.js";
import { className, makeControls, onChange, showSettings, towardOf } from "./controls.js";
import { Grid, letter, newCanvas } from "./grid.js";
import { loadModel } from "./model.js";
import { drawContent, drawNoise, drawState } from "./random.js";
import { saveGif, saveStrip } from "./saving.js";

const find = (id) => document.getElementById(id);
const fetchJson = async (name) => (await fetch(name)).json();

const [about, page] = await Promise.all([fetchJson("model.json"), fetchJson("page.json")]);
makeControls(page, about);
const settings = readAddress(page, about);
const grid = new Grid(find("grid"), page.contents, page.motions, about, choose);
const large = newCanvas(about, find("large")).getContext("2d");

const playback = {
  isPlaying: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  frame: 0,
  since: 0, // when the frame was first shown, in milliseconds
};
let contents = []; // one for each column
let paths = []; // one for each row
let stageClip = []; // the chosen content as it was changed, or empty for the grid's
let gridRun = 0; // counts the runs: an older one gives up
let stageRun = 0;

const labelOf = (row) => settings.label ?? (about.num_classes ? row % about.num_classes : null);
const rowName = (row) =>
  about.num_classes ? className(about, labelOf(row)) : `motion ${row + 1}`;

function tell(text, state) {
  find("status").textContent = text;
  document.body.dataset.state = state;
}

// === Drawing videos ===

async function drawAll(model) {
  const run = ++gridRun;
  const { seed, frames } = settings;
  const many = page.contents * page.motions;
  tell(`Drawing ${many} videos.`, "drawing");
  grid.name(Array.from({ length: page.motions }, (_, row) => rowName(row)));
  grid.clear();
  paths = [];
  contents = Array.from({ length: page.contents }, (_, c) => drawContent(seed, c, about.content_dim));
  for (let row = 0; row < page.motions; row++) {
    const noise = drawNoise(seed, row, frames * about.noise_dim);
    const state = drawState(seed, row, about.motion_dim);
    const path = await model.path(state, noise, labelOf(row), frames);
    if (run !== gridRun) return;
    paths[row] = path;
    for (const motion of path) {
      const pixels = await model.frames(contents, contents.map(() => motion), labelOf(row));
      if (run !== gridRun) return;
      contents.forEach((_, c) => grid.add(c, row, model.picture(pixels, c)));
      await new Promise((resolve) => setTimeout(resolve));
    }
    if (row === settings.motion) drawStage(model);
    show();
  }
  const words = frames > 1 ? `${frames} frames` : "one frame";
  tell(`${many} videos of ${words}.`, "ready");
}

async function drawStage(model) {
  const run = ++stageRun;
  const { content, motion } = settings;
  find("stage-title").textContent = `Content ${letter(content)}, ${rowName(motion)}`;
  if (!isChanged()) stageClip = [];
  else if (paths[motion]) {
    const isWanted = () => run === stageRun;
    find("large").dataset.state = "drawing";
    const clip = await model.clip(changedContent(), paths[motion], labelOf(motion), isWanted);
    if (!clip) return;
    stageClip = clip;
  }
  find("large").dataset.state = "ready";
  show();
}

const isChanged = () => settings.mix > 0 || settings.look.some(Boolean);

/** The chosen content, mixed with another and moved along the directions. */
function changedContent() {
  const { mix, look } = settings;
  const other = contents[towardOf(settings)];
  // The sum of two independent vectors: divided so that it varies as much as they do.
  const norm = Math.hypot(1 - mix, mix);
  return contents[settings.content].map((z, i) => {
    const mixed = ((1 - mix) * z + mix * other[i]) / norm;
    return look.reduce((sum, s, k) => sum + s * page.directions[k][i], mixed);
  });
}

// === Playing ===

const chosenClip = () =>
  stageClip.length ? stageClip : grid.clip(settings.content, settings.motion);

function show() {
  grid.draw(playback.frame);
  const picture = chosenClip()[playback.frame];
  if (picture) large.putImageData(picture, 0, 0);
  find("frame").value = playback.frame + 1;
  find("frame-told").value = `${playback.frame + 1} of ${settings.frames}`;
  const { isPlaying } = playback;
  find("play").textContent = isPlaying ? "Pause" : "Play";
}

function tick(now) {
  if (playback.isPlaying && now - playback.since >= 1000 / settings.fps) {
    playback.since = now;
    playback.frame = (playback.frame + 1) % settings.frames;
    show();
  }
  requestAnimationFrame(tick);
}

// === What a person does ===

let model = null;

function choose(content, motion) {
  change({ content, motion, toward: -1, mix: 0, look: settings.look.map(() => 0) });
  find("large").scrollIntoView({ block: "nearest" }); // on phones it lies below the grid
}

function change(part) {
  Object.assign(settings, part);
  playback.frame = Math.min(playback.frame, settings.frames - 1);
  showSettings(settings);
  grid.choose(settings.content, settings.motion);
  writeAddress(settings);
  if (!model) return;
  if (["seed", "frames", "label"].some((name) => name in part)) {
    stageClip = [];
    stageRun++; // a clip that is being drawn is of the former ones
    drawAll(model);
  } else if (!("fps" in part)) drawStage(model);
  show();
}

const fileName = () =>
  `seed${settings.seed}-${letter(settings.content)}-${rowName(settings.motion)}`.replace(/[^\w-]+/g, "_");

onChange(settings, change);
find("play").addEventListener("click", () => {
  playback.isPlaying = !playback.isPlaying;
  show();
});
find("frame").addEventListener("input", ({ target }) => {
  playback.isPlaying = false;
  playback.frame = Number(target.value) - 1;
  show();
});
function save(write) {
  const clip = chosenClip();
  if (clip.length === settings.frames) write(clip, fileName());
  else tell("This video is still being drawn.", document.body.dataset.state);
}

find("save-gif").addEventListener("click", () => {
  save((clip, name) => saveGif(clip, settings.fps, name));
});
find("save-strip").addEventListener("click", () => save(saveStrip));
find("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(location.href);
    find("copy").textContent = "Copied";
  } catch {
    find("copy").textContent = "Copy the address above"; // no clipboard without https
  }
  setTimeout(() => (find("copy").textContent = "Copy link"), 2000);
});
addEventListener("hashchange", () => change(readAddress(page, about)));

change({});
tell("Loading the model.", "loading");
requestAnimationFrame(tick);
try {
  model = await loadModel(about, page.runtime);
  change({ seed: settings.seed });
} catch (error) {
  tell(`The model could not be loaded: ${error.message}`, "failed");
  throw error;
}
