// Clips as files: an animated GIF, and a PNG of all frames side by side.

import { encodeGif } from "./gif.js";

const SMALLEST_SIDE = 256; // of a saved GIF's frames: tiny ones are enlarged

export function saveGif(clip, fps, name) {
  const factor = Math.max(1, Math.floor(SMALLEST_SIDE / clip[0].width));
  const large = clip.map((picture) => enlarged(picture, factor));
  download(new Blob([encodeGif(large, fps)], { type: "image/gif" }), `${name}.gif`);
}

export async function saveStrip(clip, name) {
  const { height, width } = clip[0];
  const canvas = new OffscreenCanvas(width * clip.length, height);
  const context = canvas.getContext("2d");
  clip.forEach((picture, i) => context.putImageData(picture, i * width, 0));
  download(await canvas.convertToBlob({ type: "image/png" }), `${name}.png`);
}

function enlarged(picture, factor) {
  const { height, width } = picture;
  const large = new ImageData(width * factor, height * factor);
  const from = new Uint32Array(picture.data.buffer);
  const to = new Uint32Array(large.data.buffer);
  for (let y = 0; y < large.height; y++) {
    const row = Math.floor(y / factor) * width;
    for (let x = 0; x < large.width; x++) {
      to[y * large.width + x] = from[row + Math.floor(x / factor)];
    }
  }
  return large;
}

function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
