"""Writes tiny layers of characters, in the layout of the real ones."""

import itertools

import numpy as np
from PIL import Image

SHEETS = {"Walk": 8, "Run": 8, "Jump": 6, "Combat 1h - Halfslash": 6}
# Each layer fills a box of its own: (top, bottom) rows of a cell. The box moves right
# by a pixel a column, and down by one a row of the sheet, so that frames tell both.
BOXES = {"behind": (2, 30), "body": (20, 56), "legs": (40, 56), "shoes": (54, 60)}
BOXES |= {"top": (26, 42), "head": (10, 26), "hair": (6, 14)}
SKINS = {"Peach": (240, 200, 170), "Coffee": (90, 60, 40)}
COLORS = {
    "hair": {"Red": (200, 20, 20), "Blue": (20, 20, 200), "Pink": (250, 150, 200)},
    "top": {"Lemon": (240, 240, 40), "Cyan": (40, 240, 240), "White": (250, 250, 250)},
    "legs": {"Oak": (120, 80, 20), "Fern": (60, 120, 60)},
    "shoes": {"Leather": (80, 40, 10), "White": (251, 251, 251)},
}
BODIES = {"Feminine": "Body 01", "Masculine": "Body 02"}


def write_sheet(path, part, color, columns, left=16):
    sheet = np.zeros((4, 64, columns, 64, 4), np.uint8)
    sheet[..., 3] = 4  # Stray pixels: nearly transparent, and white.
    sheet[..., :3] = 255
    top, bottom = BOXES[part]
    for row, column in itertools.product(range(4), range(columns)):
        cell = sheet[row, :, column]
        cell[top + row : bottom + row, left + column : left + column + 16] = (
            *color,
            255,
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet.reshape(256, columns * 64, 4)).save(path)


def write_layer(folder, part, color, sheets=SHEETS, left=16):
    for name, columns in sheets.items():
        write_sheet(folder / f"{name}.png", part, color, columns, left)


def write_layers(root):
    """Two bodies, two hair styles, and two shirts that are alike from every side."""
    characters = root / "Characters"
    for kind, body in BODIES.items():
        left = 16 if kind == "Feminine" else 18
        for skin, color in SKINS.items():
            write_layer(
                characters / "Body" / f"{body} - {kind}, Thin" / skin,
                "body",
                color,
                left=left,
            )
            head = characters / "Head" / f"Head 0{left - 15} - {kind}" / skin
            write_layer(head, "head", color, left=left)
        fit = characters / "Clothing" / f"{kind}, Thin"
        for item in ("Shirt 01 - Longsleeve Shirt", "Shirt 02 - V-neck"):
            for name, color in COLORS["top"].items():
                write_layer(fit / "Torso" / item / name, "top", color)
        for name, color in COLORS["legs"].items():
            write_layer(fit / "Legs" / "Pants 03 - Pants" / name, "legs", color)
        for name, color in COLORS["shoes"].items():
            write_layer(fit / "Feet" / "Shoes 01 - Shoes" / name, "shoes", color)
        # As in the whole collection: boots that cannot fight, templates beside the
        # colors, and folders that are no colors.
        boots = fit / "Feet" / "Boots 01 - Boots"
        write_layer(
            boots / "Red", "shoes", (200, 0, 0), {"Walk": 8, "Run": 8, "Jump": 6}
        )
        write_sheet(boots / "Walk.png", "shoes", (1, 2, 3), 8)
        write_layer(boots / "_Alternate Colors" / "Gold", "shoes", (9, 9, 9))
    for style in ("Short 02 - Parted", "Medium 02 - Curly"):
        for name, color in COLORS["hair"].items():
            write_layer(characters / "Hair" / style / name, "hair", color)
    for name in COLORS["hair"]:
        behind = characters / "Hair" / "Medium 02 - Curly" / "_Behind" / name
        write_layer(behind, "behind", COLORS["hair"][name], left=10)
    # Wings are no body: nothing is cut to fit them.
    write_layer(
        characters / "Body" / "Wings 01 - Feathered" / "White", "body", (9, 9, 9)
    )
