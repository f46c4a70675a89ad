"""Paints heads: hair in six styles, and a face that looks in the figure's direction."""

import itertools

import numpy as np

from keras_mocogan.data.figure_drawing.capsules import draw_capsules
from keras_mocogan.data.figure_drawing.looks import HAIR_STYLES

# Points of a head are given forward, up and left of its center, in radii.
_CAP, _CAP_RADIUS = (-0.1, 0.16, 0.0), 1.02
_FACE, _FACE_RADIUS = (0.2, -0.12, 0.0), 0.88
_NOSE, _NOSE_RADIUS = (1.06, -0.24, 0.0), 0.13
_EYES = ((0.82, -0.06, 0.4), (0.82, -0.06, -0.4))
_EYE_RADIUS, _PUPIL_RADIUS = 0.19, 0.12
# A smile: two strokes that meet below.
_MOUTH, _MOUTH_RADIUS = (
    ((0.85, -0.42, 0.26), (0.88, -0.54, 0), (0.85, -0.42, -0.26)),
    0.055,
)
# Hair in addition to the cap: from, to, and the radii at both ends.
_LOCKS = {
    "short": (),
    "bob": (
        ((-0.1, 0.1, 0.8), (-0.12, -0.72, 0.76), 0.34, 0.28),
        ((-0.1, 0.1, -0.8), (-0.12, -0.72, -0.76), 0.34, 0.28),
        ((-0.55, 0.0, 0.0), (-0.5, -0.7, 0.0), 0.6, 0.4),
    ),
    "long": (
        ((-0.3, 0.2, 0.72), (-0.4, -1.5, 0.62), 0.4, 0.26),
        ((-0.3, 0.2, -0.72), (-0.4, -1.5, -0.62), 0.4, 0.26),
        ((-0.6, 0.0, 0.0), (-0.62, -1.5, 0.0), 0.55, 0.36),
    ),
    "ponytail": (((-1.0, 0.6, 0.0), (-1.4, -0.7, 0.0), 0.26, 0.2),),
    "bun": (((-0.35, 1.25, 0.0), (-0.35, 1.25, 0.0), 0.44, 0.44),),
    "curly": (
        ((-0.4, 0.35, 0.6), (-0.4, 0.35, 0.6), 0.76, 0.76),
        ((-0.4, 0.35, -0.6), (-0.4, 0.35, -0.6), 0.76, 0.76),
        ((-0.3, 0.65, 0.0), (-0.3, 0.65, 0.0), 0.78, 0.78),
    ),
}
# Locks within this distance of the center, toward the viewer, are beside the face.
_BESIDE = 0.3
_EYE_COLOR, _PUPIL_COLOR = (252, 252, 252), (30, 26, 36)
# In pixels: a pupil is never smaller. Mouths and the whites of eyes begin to show when
# heads are larger than the first number, and show fully above the second.
_SMALLEST_PUPIL = 0.5
_COARSE, _FINE = 3.5, 5.0


class HeadPainter:
    """Paints the heads of figures in `n` frames.

    Args:
        canvas: `float32` array of shape `(n, height, width, 3)`, painted into.
        centre: Array of shape `(n, 2)`: right and down in pixels.
        axes: Array of shape `(n, 3, 3)`: forward, up and left, each as long as the
            head's radius: right and down in pixels, then towards the viewer.
        looks: Attribute -> array of shape `(n,)` of indices.
        colors: Attribute -> array of shape `(n, 3)`.
    """

    def __init__(self, canvas, centre, axes, looks, colors):
        self._canvas = canvas
        self._centre = centre
        self._axes = axes
        self._radius = np.linalg.norm(axes[:, 1], axis=-1)
        self._looks = looks
        self._colors = colors

    def paint_far_hair(self):
        """Paints the hair that falls behind the body."""
        self._locks(lambda near: near < -_BESIDE)

    def paint(self):
        """Paints the head in front of the body."""
        self._locks(lambda near: np.abs(near) <= _BESIDE)
        hair, away = self._colors["hair_color"], self._near((1, 0, 0)) < -_BESIDE
        self._ball(_CAP, _CAP_RADIUS, hair, ~away)
        self._face()
        self._ball(_CAP, _CAP_RADIUS, hair, away)
        self._locks(lambda near: near > _BESIDE)

    def _face(self):
        skin = self._colors["skin"]
        self._ball(_FACE, _FACE_RADIUS, skin)
        self._ball(_NOSE, _NOSE_RADIUS, 0.93 * skin, self._near(_NOSE) > -0.2)
        white, dark = (
            np.broadcast_to(color, skin.shape) for color in (_EYE_COLOR, _PUPIL_COLOR)
        )
        fine = np.clip((self._radius - _COARSE) / (_FINE - _COARSE), 0, 1)
        pupil = np.maximum(_PUPIL_RADIUS, _SMALLEST_PUPIL / self._radius)
        for eye in _EYES:
            seen = self._near(eye) > 0.1
            self._ball(eye, _EYE_RADIUS, white, seen, fine)
            self._ball(eye, pupil, dark, seen)
        red = skin * (0.74, 0.5, 0.48)
        for start, end in itertools.pairwise(_MOUTH):
            seen = np.minimum(self._near(start), self._near(end)) > 0
            radii = (_MOUTH_RADIUS, _MOUTH_RADIUS)
            self._capsule(start, end, radii, red, seen, fine)

    def _locks(self, is_here):
        """Paints the locks of each style for whose nearness `is_here` is true."""
        color = 0.9 * self._colors["hair_color"]
        for number, style in enumerate(HAIR_STYLES):
            worn = self._looks["hair"] == number
            for start, end, *radii in _LOCKS[style]:
                near = (self._near(start) + self._near(end)) / 2
                self._capsule(start, end, radii, color, worn & is_here(near))

    def _near(self, point):
        """How much nearer to the viewer than the center points are, in radii."""
        return self._axes[..., 2] @ np.array(point) / self._radius

    def _ball(self, point, radius, color, where=None, opacity=None):
        self._capsule(point, point, (radius, radius), color, where, opacity)

    def _capsule(self, start, end, radii, color, where=None, opacity=None):
        start, end = (
            self._centre + np.array(point) @ self._axes[..., :2]
            for point in (start, end)
        )
        radii = [radius * self._radius for radius in radii]
        draw_capsules(self._canvas, start, end, radii, color, where, opacity)
