"""The content of a folder of layers: bodies, and the hair and clothes that fit them.

The layout is that of the Liberated Pixel Cup's revised characters, all or some of them:

    Characters/Body/BODY/SKIN/ACTION.png
    Characters/Head/HEAD/SKIN/ACTION.png
    Characters/Hair/STYLE/COLOR/ACTION.png
    Characters/Hair/STYLE/_Behind/COLOR/ACTION.png      for hair behind the body
    Characters/Clothing/FIT/(Torso|Legs|Feet)/ITEM/COLOR/ACTION.png

A sheet has cells of 64x64 pixels: a row for each direction, a column for each frame.
"""

from pathlib import Path
from typing import NamedTuple

CELL = 64
# Rows of a sheet from the top, by where the character faces.
DIRECTIONS = ("back", "left", "front", "right")
SOURCE = "https://github.com/ElizaWy/LPC"
# Part of a character -> its folder among the clothes of a fit.
CLOTHES = {"top": "Torso", "legs": "Legs", "shoes": "Feet"}
PARTS = ("hair", *CLOTHES)


class Body(NamedTuple):
    """The skins, hair and clothes that fit one body.

    Sheets are a dictionary from name, such as `"walk"` in lower case, to path.

    Attributes:
        skins: Skin -> sheets of the body, and those of the head.
        parts: Part (`"hair"`, `"top"`, `"legs"`, `"shoes"`) -> item -> color -> sheets.
    """

    skins: dict[str, tuple[dict[str, Path], dict[str, Path]]]
    parts: dict[str, dict[str, dict[str, dict[str, Path]]]]


def find_bodies(layers_dir, sheets):
    """Finds everything that has all of the sheets, as a dictionary of body -> `Body`.

    Args:
        layers_dir: Path of the folder that holds `Characters`.
        sheets: Names of sheets without `.png`; case does not matter.

    Raises:
        ValueError: If no body can be dressed and has all of the sheets.
    """
    characters = Path(layers_dir).expanduser() / "Characters"
    bodies, reasons = {}, []
    for name in _names(characters / "Body"):
        try:
            bodies[name] = _find_body(characters, name, sheets)
        except _Incomplete as reason:
            reasons.append(f"{name}: {reason}")
    if bodies:
        return bodies
    if not reasons:
        found = _names(characters.parent) if characters.parent.is_dir() else "nothing"
        reasons = [f"`Characters/Body` holds no body. Found in the folder: {found}"]
    raise ValueError(
        "`layers_dir` must hold the layers of at least one character, with a sheet for "
        f"every action. Received: layers_dir={str(layers_dir)!r}, sheets "
        f"{list(sheets)}. {'; '.join(reasons)}. Leave out the actions that are "
        f"missing, or get the missing layers from {SOURCE}."
    )


class _Incomplete(Exception):
    """Says what a body lacks: wings and the like are not characters."""


def _find_body(characters, name, sheets):
    # "Body 01 - Feminine, Thin" wears "Feminine, Thin" and gets "Head 01 - Feminine".
    fit = name.split(" - ", 1)[-1]
    clothing = characters / "Clothing" / fit
    if not clothing.is_dir():
        raise _Incomplete(f"{clothing} is missing")
    skins = _common_skins(
        _colors(characters / "Body" / name, sheets),
        _colors(_find_head(characters / "Head", fit), sheets),
    )
    folders = {part: clothing / folder for part, folder in CLOTHES.items()}
    folders = {"hair": characters / "Hair", **folders}
    return Body(skins, {part: _items(path, sheets) for part, path in folders.items()})


def _find_head(heads, fit):
    kind = fit.split(",")[0]
    for head in _names(heads):
        if head.split(" - ", 1)[-1] == kind:
            return heads / head
    raise _Incomplete(f"{heads} has no head '... - {kind}', only {_names(heads)}")


def _common_skins(bodies, heads):
    skins = {skin: (bodies[skin], heads[skin]) for skin in bodies if skin in heads}
    if not skins:
        raise _Incomplete(
            f"body and head have no skin in common: {sorted(bodies)}, {sorted(heads)}"
        )
    return skins


def _items(folder, sheets):
    """Item -> color -> sheets, for items with all of the sheets in some color."""
    items, lacking = {}, _Incomplete(f"{folder} holds no item")
    for name in _names(folder):
        try:
            items[name] = _colors(folder / name, sheets)
        except _Incomplete as reason:
            lacking = reason
    if not items:
        raise lacking
    return items


def _colors(item, sheets):
    """Color -> sheets, for colors of an item with all of the sheets."""
    found = {name: _sheets(item / name) for name in _names(item)}
    wanted = {sheet.lower() for sheet in sheets}
    colors = {name: paths for name, paths in found.items() if wanted <= paths.keys()}
    if not colors:
        there = {path.stem for paths in found.values() for path in paths.values()}
        raise _Incomplete(
            f"{item} has no color with all of these sheets, only {sorted(there)}"
        )
    return colors


def _sheets(folder):
    # Sheets of children have names in lower case.
    return {path.stem.lower(): path for path in sorted(folder.glob("*.png"))}


def _names(folder):
    """Names of the folders in a folder; pictures beside them are templates."""
    if not folder.is_dir():
        return []
    # Names that start with "_" are not colors: `_Behind`, `_Alternate Colors`.
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.is_dir() and not path.name.startswith(("_", "."))
    )
