"""Paints figures, beginning with the parts that are farthest away."""

import numpy as np

from keras_mocogan.data.figure_drawing.capsules import draw_capsules
from keras_mocogan.data.figure_drawing.heads import HeadPainter
from keras_mocogan.data.figure_drawing.looks import LEGS, TOPS
from keras_mocogan.data.figure_drawing.skeleton import FOOT_RADIUS, PLACES, SIDES

# Radii, as parts of the height of a figure: of limbs, at their start and end.
_UPPER_ARM, _SLEEVE, _FOREARM, _HAND = (0.038, 0.034), 0.044, (0.036, 0.031), 0.04
_THIGH, _SHIN = (0.06, 0.05), (0.045, 0.038)
_TRUNK, _HIPS, _NECK = 0.058, 0.062, 0.04
# Limbs this far behind the body, in heights, are darker by this part.
_FAR, _SHADE = 0.05, 0.24
# The cloth on an arm is a little darker, or it would not show in front of the trunk.
_ARM_SHADE = 0.9
_SHADOW_COLOR, _SHADOW_RADIUS = 0.86, 0.022
_SHADOW_WIDTH, _SHADOW_SHRINKS = 0.16, 0.25


class FigurePainter:
    """Paints the figures of `n` frames, all of them at once.

    Args:
        canvas: `float32` array of shape `(n, height, width, 3)`, painted into.
        places: Array of shape `(n, len(PLACES), 3)`: right and down in pixels, and
            towards the viewer in heights of a figure.
        head_axes: As of `HeadPainter`.
        scale: Array of shape `(n,)`: pixels for the height of a figure.
        ground: How far down the ground is, in pixels.
        looks, colors: As `choose_looks` and `colors_of` give them, for each frame.
    """

    def __init__(self, canvas, places, head_axes, scale, ground, looks, colors):
        self._canvas = canvas
        self._places = dict(zip(PLACES, np.moveaxis(places, 1, 0), strict=True))
        self._scale = scale
        # Limbs are wider by half as much as the figure.
        self._thickness = scale * (1 + looks["width"]) / 2
        self._ground = ground
        self._looks = looks
        self._colors = colors
        centre = self._places["head"][:, :2]
        self._head = HeadPainter(canvas, centre, head_axes, looks, colors)

    def paint(self):
        """Paints background, shadow and figures."""
        self._canvas[:] = self._colors["background"][:, None, None]
        trunk = (self._places["neck"] + self._places["pelvis"])[:, 2] / 2
        arms = [
            (arm, self._depth(arm, "elbow", "hand") < trunk)
            for arm in self._by_depth("shoulder", "hand")
        ]
        self._shadow()
        self._head.paint_far_hair()
        for arm, is_behind in arms:
            self._arm(arm, is_behind)
        for leg in self._by_depth("hip", "ankle"):
            self._leg(leg)
        self._trunk()
        self._head.paint()
        for arm, is_behind in arms:
            self._arm(arm, ~is_behind)

    def _by_depth(self, root, end):
        """The two limbs of each frame, the farther ones first.

        Returns:
            Two arrays of shape `(n,)`, of 0 for the left limb and 1 for the right.
        """
        # From the side, a limb on the far side of the body stays there; from the front,
        # both limbs begin at the same distance, and their ends decide.
        left, right = (
            5 * self._places[f"{side}_{root}"][:, 2]
            + self._places[f"{side}_{end}"][:, 2]
            for side in SIDES
        )
        far = (right < left).astype(np.int64)
        return far, 1 - far

    def _limb(self, limb, *names):
        """Places of joints, each `(n, 3)`, of the left (0) or the right (1) limb."""
        return [
            np.where(limb[:, None] == 0, *(self._places[f"{s}_{name}"] for s in SIDES))
            for name in names
        ]

    def _depth(self, limb, *names):
        return sum(place[:, 2] for place in self._limb(limb, *names)) / len(names)

    def _shadow(self):
        """Paints a shadow that shrinks as the figure leaves the ground."""
        bottom = np.maximum.reduce(
            [
                self._places[f"{side}_{end}"][:, 1]
                for side in SIDES
                for end in ("toe", "heel")
            ]
        )
        height = np.maximum(self._ground - bottom, 0) / self._scale
        half = (_SHADOW_WIDTH - _SHADOW_SHRINKS * height) * self._looks["width"]
        middle = self._places["pelvis"].copy()
        middle[:, 1] = self._ground
        reach = (half * self._scale)[:, None] * (1, 0, 0)
        color = _SHADOW_COLOR * self._colors["background"]
        self._capsule(middle - reach, middle + reach, _SHADOW_RADIUS, color)

    def _leg(self, limb):
        hip, knee, ankle, toe, heel = self._limb(
            limb, "hip", "knee", "ankle", "toe", "heel"
        )
        shade = self._shade(limb, "hip", "ankle")
        cloth, skin, shoes = (
            shade * self._colors[name] for name in ("legs_color", "skin", "shoes_color")
        )
        shorts = self._looks["legs"] == LEGS.index("shorts")
        foot = (FOOT_RADIUS, 0.86 * FOOT_RADIUS)
        self._capsule(heel, toe, foot, shoes)
        self._capsule(knee, ankle, _SHIN, np.where(shorts[:, None], skin, cloth))
        self._capsule(hip, knee, _THIGH, cloth)

    def _arm(self, limb, where):
        shoulder, elbow, hand = self._limb(limb, "shoulder", "elbow", "hand")
        shade = self._shade(limb, "shoulder", "hand")
        cloth = _ARM_SHADE * shade * self._colors["top_color"]
        skin = shade * self._colors["skin"]
        bare = (self._looks["top"] == TOPS.index("T-shirt"))[:, None]
        sleeve = np.where(bare, skin, cloth)
        end = np.where(bare, shoulder + 0.62 * (elbow - shoulder), elbow)
        self._capsule(shoulder, elbow, _UPPER_ARM, sleeve, where)
        self._capsule(elbow, hand, _FOREARM, sleeve, where)
        self._capsule(hand, hand, _HAND, skin, where)
        self._capsule(shoulder, end, _SLEEVE, cloth, where)

    def _trunk(self):
        hips = [self._places[f"{side}_hip"] for side in SIDES]
        shoulders = [self._places[f"{side}_shoulder"] for side in SIDES]
        neck, head = self._places["neck"], self._places["head"]
        self._capsule(*hips, _HIPS, self._colors["legs_color"])
        self._capsule(neck, head, _NECK, 0.9 * self._colors["skin"])
        # Strokes from within the shoulders to above the hips, and one along the hem.
        tops = [0.72 * shoulder + 0.28 * neck for shoulder in shoulders]
        ends = [
            0.76 * hip + 0.24 * shoulder
            for hip, shoulder in zip(hips, shoulders, strict=True)
        ]
        tops.append(sum(tops) / 2)
        ends.append(sum(ends) / 2)
        tops.append(ends[0])
        ends.append(ends[1])
        for top, end in zip(tops, ends, strict=True):
            self._capsule(top, end, _TRUNK, self._colors["top_color"])

    def _shade(self, limb, root, end):
        """How bright a limb is, `(n, 1)`."""
        depth = self._depth(limb, root, root, end)
        return 1 - _SHADE * np.clip(-depth / _FAR, 0, 1)[:, None]

    def _capsule(self, start, end, radii, color, where=None):
        radii = [radius * self._thickness for radius in np.broadcast_to(radii, 2)]
        draw_capsules(self._canvas, start[:, :2], end[:, :2], radii, color, where)
