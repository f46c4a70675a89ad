// The graphs: motion paths, and frames of contents and motions.

const AT_ONCE = 8; // frames in a call, so that the page stays responsive between calls

const wait = () => new Promise((resolve) => setTimeout(resolve));

/** Loads onnxruntime-web from an address, and the graphs beside the page. */
export async function loadModel(about, runtime) {
  const base = new URL(runtime, document.baseURI).href;
  const ort = await import(`${base}ort.wasm.min.mjs`);
  ort.env.wasm.wasmPaths = base;
  ort.env.wasm.numThreads = 1; // more need headers that plain servers do not send
  const load = (name) => ort.InferenceSession.create(new URL(name, document.baseURI).href);
  const start = about.motion_start ? await load("motion_start.onnx") : null;
  const step = await load("motion_step.onnx");
  const image = await load("image_generator.onnx");
  return new Model(ort, about, start, step, image);
}

class Model {
  #ort;
  #start;
  #step;
  #image;
  #last = Promise.resolve();

  constructor(ort, about, start, step, image) {
    this.#ort = ort;
    this.#start = start;
    this.#step = step;
    this.#image = image;
    this.about = about;
  }

  /** The motion path of one row: an array of motion vectors, one for each frame. */
  async path(state, noise, label, frames) {
    const { noise_dim: size, motion_dim: width } = this.about;
    const path = [];
    if (this.#start) {
      const drawn = { state: this.#rows(state, 1, width), ...this.#category("motion", label, 1) };
      state = (await this.#run(this.#start, drawn)).first_state.data;
    }
    for (let t = 0; t < frames; t++) {
      const inputs = {
        state: this.#rows(state, 1, width),
        noise: this.#rows(noise.subarray(t * size, (t + 1) * size), 1, size),
        ...this.#category("motion", label, 1),
      };
      const outputs = await this.#run(this.#step, inputs);
      path.push(outputs.motion.data);
      state = outputs.next_state.data;
    }
    return path;
  }

  /** Pixels `(n, height, width, channels)`, one frame for each content and motion. */
  async frames(contents, motions, label) {
    const { content_dim: size, motion_dim: width } = this.about;
    const n = contents.length;
    const inputs = {
      content: this.#rows(joined(contents, size), n, size),
      motion: this.#rows(joined(motions, width), n, width),
      ...this.#category("frame", label, n),
    };
    return (await this.#run(this.#image, inputs)).frames.data;
  }

  /** A clip of one content: a list of `ImageData`, or null where it was given up. */
  async clip(content, path, label, isWanted) {
    const clip = [];
    for (let start = 0; start < path.length; start += AT_ONCE) {
      const part = path.slice(start, start + AT_ONCE);
      const pixels = await this.frames(part.map(() => content), part, label);
      if (!isWanted()) return null;
      part.forEach((_, i) => clip.push(this.picture(pixels, i)));
      await wait();
    }
    return clip;
  }

  /** Frame `i` of what `frames` gave, as `ImageData`. */
  picture(pixels, i) {
    const { height, width, channels } = this.about;
    const picture = new ImageData(width, height);
    const gray = channels < 3;
    for (let p = 0, q = i * height * width * channels; p < height * width; p++, q += channels) {
      for (let k = 0; k < 3; k++) {
        // The array of `ImageData` rounds, and cuts to 0 to 255.
        picture.data[4 * p + k] = (pixels[q + (gray ? 0 : k)] + 1) * 127.5;
      }
      picture.data[4 * p + 3] = 255;
    }
    return picture;
  }

  #category(where, label, n) {
    const { category_input: input, num_classes: classes } = this.about;
    if (input !== where) return {};
    const code = new Float32Array(n * classes);
    for (let i = 0; i < n; i++) code[i * classes + label] = 1;
    return { category: this.#rows(code, n, classes) };
  }

  #rows(data, n, size) {
    return new this.#ort.Tensor("float32", data, [n, size]);
  }

  /** One call at a time: a session must not be entered twice. */
  #run(session, inputs) {
    const run = this.#last.then(() => session.run(inputs));
    this.#last = run.catch(() => {});
    return run;
  }
}

function joined(rows, size) {
  const all = new Float32Array(rows.length * size);
  rows.forEach((row, i) => all.set(row, i * size));
  return all;
}
