"""The clothes and builds of figures: names, colors and styles."""

import numpy as np

SKINS = {
    "porcelain": (255, 224, 200),
    "peach": (246, 200, 164),
    "honey": (224, 168, 118),
    "bronze": (184, 122, 78),
    "coffee": (142, 92, 60),
    "cocoa": (106, 70, 50),
}
HAIR_COLORS = {
    "black": (44, 38, 48),
    "brown": (112, 68, 40),
    "blonde": (240, 200, 84),
    "red": (206, 84, 36),
    "gray": (164, 164, 172),
    "pink": (236, 104, 164),
    "blue": (72, 112, 220),
}
TOP_COLORS = {
    "red": (226, 62, 62),
    "orange": (246, 146, 40),
    "yellow": (250, 212, 56),
    "green": (74, 178, 90),
    "teal": (40, 172, 176),
    "blue": (62, 120, 224),
    "purple": (144, 88, 204),
    "white": (250, 250, 250),
}
LEGS_COLORS = {
    "navy": (44, 62, 118),
    "denim": (84, 124, 186),
    "brown": (128, 92, 62),
    "gray": (110, 116, 128),
    "olive": (112, 124, 62),
    "maroon": (136, 48, 66),
    "sand": (206, 176, 128),
    "black": (52, 52, 60),
}
SHOES_COLORS = {
    "black": (36, 36, 44),
    "white": (244, 244, 248),
    "red": (204, 52, 52),
    "blue": (52, 96, 208),
    "brown": (100, 64, 40),
    "yellow": (240, 196, 48),
}
BACKGROUNDS = {
    "sky": (178, 216, 246),
    "mint": (176, 228, 202),
    "cream": (250, 234, 184),
    "rose": (248, 198, 206),
    "lilac": (208, 194, 244),
}
HAIR_STYLES = ("short", "bob", "long", "ponytail", "bun", "curly")
TOPS = ("T-shirt", "sweater")
LEGS = ("trousers", "shorts")

# Names as in `sprites`, where they mean the same.
_COLORS = {
    "skin": SKINS,
    "hair_color": HAIR_COLORS,
    "top_color": TOP_COLORS,
    "legs_color": LEGS_COLORS,
    "shoes_color": SHOES_COLORS,
    "background": BACKGROUNDS,
}
_STYLES = {"hair": HAIR_STYLES, "top": TOPS, "legs": LEGS}
ATTRIBUTE_NAMES = {
    name: tuple(_STYLES.get(name) or _COLORS[name])
    for name in (
        "skin",
        "hair",
        "hair_color",
        "top",
        "top_color",
        "legs",
        "legs_color",
        "shoes_color",
        "background",
    )
}
# Relative to a figure of average build.
PROPORTIONS = {"height": (0.84, 1.0), "width": (0.82, 1.22), "head_size": (0.9, 1.14)}
NUM_DRAWS = len(ATTRIBUTE_NAMES) + len(PROPORTIONS)


def choose_looks(draws):
    """Turns draws into looks.

    Args:
        draws: Array of shape `(n, NUM_DRAWS)` of uniform numbers in 0..1.

    Returns:
        Dictionary of attribute -> `int32` array `(n,)` of indices into
        `ATTRIBUTE_NAMES[attribute]`, then of proportion -> `float32` array `(n,)`.
    """
    columns = iter(draws.T)
    looks = {
        name: (next(columns) * len(values)).astype(np.int32)
        for name, values in ATTRIBUTE_NAMES.items()
    }
    for name, (least, most) in PROPORTIONS.items():
        looks[name] = (least + (most - least) * next(columns)).astype(np.float32)
    return looks


def colors_of(looks):
    """Attribute -> `float32` array `(n, 3)` in 0..255, for attributes with a color."""
    return {
        name: np.array(list(colors.values()), np.float32)[looks[name]]
        for name, colors in _COLORS.items()
    }
