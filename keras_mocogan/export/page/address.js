// What is seen, in the page's address: a link shows it again.

/** The settings that an address holds; what it leaves out, or wrongly has, is default. */
export function readAddress(page, about) {
  const given = new URLSearchParams(location.hash.slice(1));
  const whole = (name, low, high, otherwise) => {
    const n = Number(given.get(name) ?? NaN);
    return Number.isInteger(n) && n >= low && n <= high ? n : otherwise;
  };
  const real = (text, limit) => Math.max(-limit, Math.min(limit, Number(text) || 0));
  const look = (given.get("look") ?? "").split(",");
  return {
    seed: whole("seed", 0, 2 ** 32 - 1, 1),
    frames: whole("frames", 1, page.most_frames, about.num_frames),
    fps: whole("fps", 1, 30, page.fps),
    label: whole("class", 0, about.num_classes - 1, null),
    content: whole("content", 1, page.contents, 1) - 1,
    motion: whole("motion", 1, page.motions, 1) - 1,
    toward: whole("toward", 1, page.contents, 0) - 1,
    mix: Math.abs(real(given.get("mix"), 1)),
    look: page.directions.map((_, i) => real(look[i], 3)),
  };
}

/** Writes settings into the address, without a new entry in the history. */
export function writeAddress(settings) {
  const { seed, frames, fps, label, content, motion, toward, mix, look } = settings;
  const told = new URLSearchParams({ seed, frames, fps });
  if (label !== null) told.set("class", label);
  told.set("content", content + 1);
  told.set("motion", motion + 1);
  if (toward >= 0 && mix) {
    told.set("toward", toward + 1);
    told.set("mix", mix);
  }
  if (look.some(Boolean)) told.set("look", look.join());
  history.replaceState(null, "", `#${told}`.replaceAll("%2C", ","));
}
