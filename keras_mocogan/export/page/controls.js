// The form elements: they show the settings, and tell what a person changes.

import { letter } from "./grid.js";

const find = (id) => document.getElementById(id);

/** A class in words: names of files and folders often have underscores. */
export const className = (about, label) => about.class_names[label].replaceAll("_", " ");

/** Fills in what depends on the model: ranges, classes, sliders of the content. */
export function makeControls(page, about) {
  document.title = find("title").textContent = page.title;
  find("frames").max = page.most_frames;
  if (page.credits) find("credits").append(...linked(page.credits));
  find("credits").hidden = !page.credits;
  find("label-field").hidden = !about.num_classes;
  about.class_names.forEach((_, label) => find("label").append(new Option(className(about, label), label)));
  for (let c = 0; c < page.contents; c++) find("toward").append(new Option(letter(c), c));
  page.directions.forEach((_, i) => find("looks").append(slider(`Look ${i + 1}`, `look-${i}`)));
}

/** A text, with its addresses as links. */
function linked(text) {
  return text.split(/(https:\/\/[^\s,;()]+)/).map((part, i) => {
    if (i % 2 === 0) return part;
    const link = document.createElement("a");
    link.href = link.textContent = part;
    return link;
  });
}

function slider(text, id) {
  const label = document.createElement("label");
  label.htmlFor = id; // it would label the output
  const input = document.createElement("input");
  Object.assign(input, { id, type: "range", min: -3, max: 3, step: 0.1, value: 0 });
  input.setAttribute("value", 0);
  const told = document.createElement("output");
  told.id = `${id}-told`;
  label.append(`${text} `, told, input);
  return label;
}

/** Shows settings in the controls. */
export function showSettings(settings) {
  for (const id of ["fps", "frames", "seed", "mix"]) find(id).value = settings[id];
  find("label").value = settings.label ?? "";
  find("toward").value = towardOf(settings);
  settings.look.forEach((value, i) => {
    find(`look-${i}`).value = value;
    find(`look-${i}-told`).value = value.toFixed(1);
  });
  find("fps-told").value = `${settings.fps} a second`;
  find("frames-told").value = `${settings.frames} frame${settings.frames > 1 ? "s" : ""}`;
  find("mix-told").value = `${Math.round(100 * settings.mix)} %`;
  find("frame").max = settings.frames;
}

/** The content that the chosen one is mixed with; at first its neighbor. */
export function towardOf(settings) {
  if (settings.toward >= 0) return settings.toward;
  return settings.content ? 0 : find("toward").length - 1 ? 1 : 0;
}

/** Calls `change(part of the settings)` for whatever a person changes. */
export function onChange(settings, change) {
  const number = (id) => find(id).addEventListener("input", () => {
    if (find(id).checkValidity()) change({ [id]: Number(find(id).value) });
  });
  ["fps", "frames", "seed"].forEach(number);
  find("settings").addEventListener("submit", (event) => event.preventDefault());
  find("label").addEventListener("change", ({ target }) => {
    change({ label: target.value === "" ? null : Number(target.value) });
  });
  find("another").addEventListener("click", () => {
    change({ seed: crypto.getRandomValues(new Uint32Array(1))[0] });
  });
  settings.look.forEach((_, i) => find(`look-${i}`).addEventListener("input", ({ target }) => {
    change({ look: settings.look.with(i, Number(target.value)) });
  }));
  const mix = () => change({ toward: Number(find("toward").value), mix: Number(find("mix").value) });
  find("toward").addEventListener("change", mix);
  find("mix").addEventListener("input", mix);
  find("reset").addEventListener("click", () => {
    change({ toward: -1, mix: 0, look: settings.look.map(() => 0) });
  });
}
