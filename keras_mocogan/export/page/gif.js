// Animated GIFs: one palette by median cut, and the LZW code of GIF89a.

/** Encodes pictures (`ImageData`, all of one size) as the bytes of a looping GIF. */
export function encodeGif(pictures, fps) {
  const { width, height } = pictures[0];
  const { palette, indexOf } = makePalette(pictures);
  const bytes = [...new TextEncoder().encode("GIF89a")];
  const short = (n) => bytes.push(n & 255, n >> 8);
  short(width);
  short(height);
  bytes.push(0xf7, 0, 0); // a global palette of 256 colors
  for (let i = 0; i < 256; i++) bytes.push(...(palette[i] ?? [0, 0, 0]));
  bytes.push(0x21, 0xff, 11, ...new TextEncoder().encode("NETSCAPE2.0"), 3, 1, 0, 0, 0);
  for (const picture of pictures) {
    bytes.push(0x21, 0xf9, 4, 0);
    short(Math.max(2, Math.round(100 / fps))); // hundredths of a second
    bytes.push(0, 0, 0x2c, 0, 0, 0, 0);
    short(width);
    short(height);
    bytes.push(0, 8);
    const code = compress(indices(picture, indexOf));
    for (let i = 0; i < code.length; i += 255) {
      const block = code.slice(i, i + 255);
      bytes.push(block.length, ...block);
    }
    bytes.push(0);
  }
  bytes.push(0x3b);
  return new Uint8Array(bytes);
}

// Colors are counted with 5 bits for each channel.
const key = (d, i) => ((d[i] >> 3) << 10) | ((d[i + 1] >> 3) << 5) | (d[i + 2] >> 3);

function indices(picture, indexOf) {
  const d = picture.data;
  return Uint8Array.from({ length: d.length / 4 }, (_, p) => indexOf[key(d, 4 * p)]);
}

/** At most 256 colors, and the index of the color that stands for each key. */
function makePalette(pictures) {
  const seen = new Map(); // key -> [count, sums of red, green and blue]
  for (const { data } of pictures) {
    for (let i = 0; i < data.length; i += 4) {
      const k = key(data, i);
      let sums = seen.get(k);
      if (!sums) seen.set(k, (sums = [0, 0, 0, 0]));
      sums[0]++;
      for (let c = 0; c < 3; c++) sums[c + 1] += data[i + c];
    }
  }
  const colors = [...seen].map(([k, [n, ...sums]]) => ({ k, n, rgb: sums.map((s) => s / n) }));
  const boxes = medianCut(colors);
  const indexOf = new Uint8Array(1 << 15);
  boxes.forEach((box, i) => box.forEach((color) => (indexOf[color.k] = i)));
  return { palette: boxes.map(mean), indexOf };
}

function medianCut(colors) {
  const boxes = [{ colors, ...spread(colors) }];
  while (boxes.length < 256) {
    boxes.sort((a, b) => a.extent - b.extent);
    const { colors: box, channel, extent } = boxes.pop();
    if (!extent) {
      boxes.push({ colors: box, channel, extent });
      break;
    }
    box.sort((a, b) => a.rgb[channel] - b.rgb[channel]);
    const half = box.reduce((n, color) => n + color.n, 0) / 2;
    let cut = 0;
    for (let n = 0; n < half && cut < box.length - 1; cut++) n += box[cut].n;
    for (const part of [box.slice(0, cut), box.slice(cut)]) {
      boxes.push({ colors: part, ...spread(part) });
    }
  }
  return boxes.map((box) => box.colors);
}

/** The channel in which colors differ most, and by how much. */
function spread(colors) {
  const extents = [0, 1, 2].map((c) => {
    const values = colors.map((color) => color.rgb[c]);
    return values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));
  });
  const extent = Math.max(...extents);
  return { channel: extents.indexOf(extent), extent };
}

function mean(box) {
  const total = box.reduce((n, color) => n + color.n, 0);
  return [0, 1, 2].map((c) => Math.round(box.reduce((s, x) => s + x.n * x.rgb[c], 0) / total));
}

/** GIF's LZW for 8 bits a pixel. */
function compress(pixels) {
  const CLEAR = 256;
  const END = 257;
  const out = [];
  let held = 0;
  let bits = 0;
  let size = 9;
  let table = new Map();
  const emit = (code) => {
    held |= code << bits;
    for (bits += size; bits >= 8; bits -= 8, held >>>= 8) out.push(held & 255);
  };
  emit(CLEAR);
  let prefix = pixels[0];
  for (let i = 1; i < pixels.length; i++) {
    const pair = (prefix << 8) | pixels[i];
    const known = table.get(pair);
    if (known !== undefined) {
      prefix = known;
      continue;
    }
    emit(prefix);
    const next = END + 1 + table.size;
    if (next < 4096) {
      table.set(pair, next);
      if (next === 1 << size) size++;
    } else {
      emit(CLEAR);
      table = new Map();
      size = 9;
    }
    prefix = pixels[i];
  }
  emit(prefix);
  // A reader adds an entry for this code too, and may read the next one longer.
  if (END + 1 + table.size === 1 << size && size < 12) size++;
  emit(END);
  if (bits) out.push(held & 255);
  return out;
}
