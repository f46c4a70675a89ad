// The grid of videos: a button with a canvas for each content and motion.

export const letter = (column) => String.fromCharCode(65 + (column % 26));

export class Grid {
  #cells = [];
  #rowNames = [];
  #columns;

  /**
   * @param element Where it goes.
   * @param columns, rows Numbers of contents and motions.
   * @param frame `{height, width}` of a frame.
   * @param choose Called with column and row of the cell that is clicked.
   */
  constructor(element, columns, rows, frame, choose) {
    this.#columns = columns;
    element.style.setProperty("--columns", columns);
    element.append(textCell("corner", ""));
    for (let c = 0; c < columns; c++) element.append(textCell("column", letter(c)));
    for (let r = 0; r < rows; r++) {
      const name = textCell("row", "");
      this.#rowNames.push(name);
      element.append(name);
      for (let c = 0; c < columns; c++) {
        const button = document.createElement("button");
        button.type = "button";
        button.append(newCanvas(frame));
        button.addEventListener("click", () => choose(c, r));
        element.append(button);
        this.#cells.push({ button, context: button.firstChild.getContext("2d"), clip: [] });
      }
    }
    element.addEventListener("keydown", (event) => this.#move(event));
  }

  /** Names the rows, for the eye and for screen readers. */
  name(rowNames) {
    this.#rowNames.forEach((element, r) => (element.textContent = rowNames[r]));
    this.#cells.forEach(({ button }, i) => {
      const [c, r] = [i % this.#columns, Math.floor(i / this.#columns)];
      button.setAttribute("aria-label", `Content ${letter(c)}, ${rowNames[r]}`);
    });
  }

  /** Marks the chosen cell, the one that the tabulator key reaches. */
  choose(column, row) {
    this.#cells.forEach(({ button }, i) => {
      const isChosen = i === row * this.#columns + column;
      button.setAttribute("aria-pressed", isChosen);
      button.tabIndex = isChosen ? 0 : -1;
    });
  }

  clear() {
    for (const cell of this.#cells) cell.clip = [];
  }

  add(column, row, picture) {
    this.#cells[row * this.#columns + column].clip.push(picture);
  }

  clip(column, row) {
    return this.#cells[row * this.#columns + column].clip;
  }

  draw(frame) {
    for (const { context, clip } of this.#cells) {
      if (clip[frame]) context.putImageData(clip[frame], 0, 0);
    }
  }

  #move(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.#columns, ArrowDown: this.#columns };
    const from = this.#cells.findIndex(({ button }) => button === event.target);
    const to = this.#cells[from + steps[event.key]];
    if (from < 0 || !to) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    to.button.tabIndex = 0;
    to.button.focus();
  }
}

export function newCanvas({ height, width }, canvas = document.createElement("canvas")) {
  canvas.height = height;
  canvas.width = width;
  canvas.style.aspectRatio = `${width} / ${height}`;
  canvas.classList.toggle("small-frames", Math.max(height, width) <= 64);
  return canvas;
}

function textCell(kind, text) {
  const cell = document.createElement("span");
  cell.className = kind;
  cell.textContent = text;
  return cell;
}
