"""From layers to frames: sheets are read once, and stacked pixel by pixel."""

import numpy as np

from keras_mocogan.data.frames.images import open_picture, to_array
from keras_mocogan.data.sprite_layers.wardrobe import CELL, DIRECTIONS

# Some sheets have stray pixels with an alpha of 1 to 4, which would tint the
# background.
_LEAST_ALPHA = 26


class LayerReader:
    """Reads each sheet once, and stacks sheets.

    Only the pixels that a sheet covers are kept, a tenth of all: a whole folder of
    layers fits into memory, and a layer is stacked within microseconds.
    """

    def __init__(self):
        self._rows = {}

    def stack(self, paths, direction, background):
        """Draws the cells of one direction.

        Args:
            paths: Paths of the sheets from the lowest layer to the top. The first one
                may not exist.
            direction: One of `DIRECTIONS`.
            background: `(red, green, blue)`, each in 0..255.

        Returns:
            `uint8` array of shape `(columns, 64, 64, 3)`.

        Raises:
            ValueError: If a sheet does not have one row for each direction, or as many
                columns as the others.
        """
        behind, *others = (self._row(path, direction) for path in paths)
        columns = others[0][0]
        cells = np.full(columns * CELL * CELL, _pack(background), np.uint32)
        for path, row in zip(paths, (behind, *others), strict=True):
            if row is None:
                continue
            if row[0] != columns:
                raise ValueError(
                    "Layers of one action must have the same number of columns. "
                    f"Received: {path} with {row[0]}, {paths[1]} with {columns}. Get "
                    "both from one release."
                )
            cells[row[1]] = row[2]
        return cells.view(np.uint8).reshape(columns, CELL, CELL, 4)[..., :3]

    def _row(self, path, direction):
        """Number of columns, positions of covered pixels, and their packed colors."""
        if path not in self._rows:
            self._rows[path] = _read(path)
        rows = self._rows[path]
        return rows and rows[DIRECTIONS.index(direction)]


def _pack(color):
    """A color as one number, so that a pixel is written in one step."""
    return np.array([*color, 255], np.uint8).view(np.uint32)[0]


def _read(path):
    """The covered pixels of each row of a sheet; None if there is no such file."""
    if not path.is_file():
        return None
    with open_picture(str(path)) as picture:
        sheet = to_array(picture, 4)
    height, width = sheet.shape[:2]
    if height != CELL * len(DIRECTIONS) or width % CELL:
        raise ValueError(
            f"A sheet must have a row of cells of {CELL}x{CELL} pixels for each of "
            f"{DIRECTIONS}. Received: {path} with {width}x{height} pixels. It does not "
            "show an action: leave it out of `actions`."
        )
    columns = width // CELL
    cells = sheet.reshape(len(DIRECTIONS), CELL, columns, CELL, 4).swapaxes(1, 2)
    return [_covered(row, columns) for row in cells]


def _covered(cells, columns):
    pixels = np.ascontiguousarray(cells).reshape(-1, 4)
    positions = np.flatnonzero(pixels[:, 3] >= _LEAST_ALPHA).astype(np.int32)
    colors = np.where([True, True, True, False], pixels[positions], 255)
    colors = np.ascontiguousarray(colors.astype(np.uint8)).view(np.uint32)[:, 0]
    return columns, positions, colors
