"""Characters from a wardrobe: drawing one at random, and which are held out."""

import functools
import hashlib

import numpy as np

from keras_mocogan.data.sprite_layers.wardrobe import PARTS, Body

# In the order in which they are drawn: an item decides which colors are available.
ATTRIBUTES = ("body", "skin") + tuple(
    name for part in PARTS for name in (part, f"{part}_color")
)
# What shows in every frame, from all sides. Shirts that differ in the collar look the
# same from the back, as do trousers and bodies in some poses, and skin may be hidden.
_DECIDE_ON_SPLIT = ("hair_color", "top_color", "legs_color")
# 37 of the 384 combinations in the subset for which this was chosen.
_HELD_OUT_PART = 0.11
# A split that a thousand draws miss counts as empty.
_MOST_DRAWS = 1000


def attribute_values(bodies):
    """Names of the values of each attribute: attribute -> sorted tuple of names."""
    found = {name: set() for name in ATTRIBUTES}
    found["body"] = set(bodies)
    for body in bodies.values():
        found["skin"] |= body.skins.keys()
        for part, items in body.parts.items():
            found[part] |= items.keys()
            found[f"{part}_color"] |= {
                color for item in items.values() for color in item
            }
    return {name: tuple(sorted(values)) for name, values in found.items()}


def restrict(bodies, only):
    """The bodies and clothes whose attributes all have allowed values.

    Args:
        bodies: Body -> `Body`.
        only: Attribute -> allowed names. Other attributes are free.

    Raises:
        ValueError: If a name is unknown, or no character is left.
    """
    values = attribute_values(bodies)
    for attribute, names in only.items():
        if attribute not in values:
            raise ValueError(
                f"`only` must have keys from {ATTRIBUTES}. Received: only={only!r}."
            )
        if isinstance(names, str) or not set(names) <= set(values[attribute]):
            raise ValueError(
                f"`only[{attribute!r}]` must be a sequence of names from "
                f"{values[attribute]}. Received: only[{attribute!r}]={names!r}."
            )

    def allowed(attribute, options):
        names = only.get(attribute, options)
        return {name: options[name] for name in options if name in names}

    left = {}
    for name, body in allowed("body", bodies).items():
        parts = {
            part: _without_empty(
                {
                    item: allowed(f"{part}_color", colors)
                    for item, colors in allowed(part, items).items()
                }
            )
            for part, items in body.parts.items()
        }
        left[name] = Body(allowed("skin", body.skins), parts)
    left = {
        name: body
        for name, body in left.items()
        if body.skins and all(body.parts.values())
    }
    if not left:
        raise ValueError(
            f"`only` must leave at least one character. Received: only={only!r}. Each "
            "name exists, but no character has all of them. Allow more names."
        )
    return left


def draw_character(bodies, split, generator):
    """Draws a character of a split, as a dictionary of attribute -> name.

    Raises:
        ValueError: If the split has none.
    """
    for _ in range(_MOST_DRAWS):
        character = _draw(bodies, generator.random(len(ATTRIBUTES)))
        if split == "all" or split == split_of(character):
            return character
    raise ValueError(
        "`only` must leave a character of `split`. Received: "
        f"split={split!r}, and none of {_MOST_DRAWS} characters belongs to it. Allow "
        "more names of colors, or pass split='all'."
    )


def split_of(character):
    """`"held_out"` for a tenth of the combinations of colors, or `"training"`."""
    return _split_of_colors(*(character[name] for name in _DECIDE_ON_SPLIT))


@functools.cache
def _split_of_colors(*names):
    # By names, so that new layers in the folder do not move characters between splits.
    digest = hashlib.sha256("|".join(names).encode()).digest()
    part = int.from_bytes(digest[:8], "big") / 2**64
    return "held_out" if part < _HELD_OUT_PART else "training"


def layer_paths(bodies, character, sheet):
    """Paths of a character's sheets with this name, from the lowest layer to the top.

    The first is for hair behind the body, which few styles have.
    """
    body = bodies[character["body"]]
    torso, head = body.skins[character["skin"]]
    hair, top, legs, shoes = (
        body.parts[part][character[part]][character[f"{part}_color"]] for part in PARTS
    )
    color = hair[sheet].parent
    behind = color.parent / "_Behind" / color.name / hair[sheet].name
    # If trousers came after the shoes, they would cover the shoes' upper edge.
    layers = (torso, legs, shoes, top, head, hair)
    return [behind, *(layer[sheet] for layer in layers)]


def _draw(bodies, uniform):
    draws = iter(uniform)

    def choose(options):
        names = sorted(options)
        return names[int(next(draws) * len(names))]

    character = {"body": choose(bodies)}
    body = bodies[character["body"]]
    character["skin"] = choose(body.skins)
    for part in PARTS:
        items = body.parts[part]
        character[part] = choose(items)
        character[f"{part}_color"] = choose(items[character[part]])
    return character


def _without_empty(items):
    return {item: colors for item, colors in items.items() if colors}


def attribute_indices(characters, values):
    """Attribute -> `int32` array of the characters' indices among its values."""
    return {
        attribute: np.array(
            [names.index(character[attribute]) for character in characters], np.int32
        )
        for attribute, names in values.items()
    }
