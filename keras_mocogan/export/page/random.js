// Random numbers that Python draws too: keras_mocogan/export/page_random.py says how.

/** Generator "sfc32" of Chris Doty-Humphrey's PractRand: a function to 32 random bits. */
function bits(seed, kind, index) {
  let a = seed | 0;
  let b = kind | 0;
  let c = index | 0;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** `count` numbers from N(0, 1), by the method of Box and Muller. */
function normals(seed, kind, index, count) {
  const next = bits(seed, kind, index);
  const drawn = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log((next() + 1) / 2 ** 32));
    const angle = (2 * Math.PI * next()) / 2 ** 32;
    drawn[i] = radius * Math.cos(angle);
    if (i + 1 < count) drawn[i + 1] = radius * Math.sin(angle);
  }
  return drawn;
}

const CONTENT = 0;
const STATE = 1;
const NOISE = 2;

export const drawContent = (seed, index, size) => normals(seed, CONTENT, index, size);
export const drawState = (seed, index, size) => normals(seed, STATE, index, size);
/** Noise of all frames, one after the other: a longer path continues a shorter one. */
export const drawNoise = (seed, index, size) => normals(seed, NOISE, index, size);
