"""From angles to joints: in space, where the feet find the ground, and on the frame.

Lengths are parts of the height of a figure of average build. The axes of space are
forward, up, and to the figure's left.
"""

from typing import NamedTuple

import numpy as np

_THIGH, _SHIN, _TRUNK, _NECK = 0.19, 0.185, 0.25, 0.03
_UPPER_ARM, _FOREARM = 0.155, 0.15
_HALF_HIPS, _HALF_SHOULDERS, _BELOW_NECK = 0.055, 0.1, 0.03
_HEAD_RADIUS = 0.14
# The sole below the ankle, the heel behind it, the length of a foot.
_ANKLE, _HEEL, _FOOT = 0.03, 0.025, 0.1
FOOT_RADIUS = 0.036

SIDES = ("left", "right")
JOINTS = ("head", "neck", "pelvis") + tuple(
    f"{side}_{joint}"
    for side in SIDES
    for joint in ("shoulder", "elbow", "hand", "hip", "knee", "ankle", "toe")
)
# Heels are not joints, but they are painted.
PLACES = (*JOINTS, "left_heel", "right_heel")
_SOLES = [PLACES.index(f"{side}_{end}") for side in SIDES for end in ("toe", "heel")]
_ANKLES = [PLACES.index(f"{side}_ankle") for side in SIDES]

# Where a figure faces, in degrees from the viewer. A face seen from the side is turned
# slightly toward the viewer.
YAWS = {"left": -74, "right": 74, "front": 0, "back": 180}
# The camera looks down a little: what is nearer to it is lower in the frame.
_PITCH = np.radians(12)


class Build(NamedTuple):
    """Proportions of figures, each an array of shape `(n,)` around 1."""

    height: np.ndarray
    width: np.ndarray
    head_size: np.ndarray


def place_joints(angles, build):
    """Places the joints in space, and the lower foot on the ground or above it.

    Args:
        angles: `Angles` of `n` clips.
        build: `Build` of the `n` figures.

    Returns:
        Places, an array of shape `(n, frames, len(PLACES), 3)`, and the axes of the
        head, `(n, frames, 3, 3)`: forward, up and left, each as long as its radius.
    """
    width = build.width[:, None, None]
    radius = _HEAD_RADIUS * build.head_size[:, None, None]
    level = np.zeros_like(angles.lean)
    spine = _unit(np.sin(angles.lean), np.cos(angles.lean), np.sin(angles.tilt))
    pelvis = np.zeros(spine.shape)
    neck = pelvis + _TRUNK * spine
    # The head stays more upright than the trunk.
    up = _unit(*np.moveaxis(spine + [0, 0.8, 0], -1, 0))
    forward = _unit(up[..., 1], -up[..., 0], level)
    axes = np.stack([forward, up, np.cross(forward, up)], axis=-2)

    found = {
        "pelvis": pelvis,
        "neck": neck,
        "head": neck + (_NECK + 0.85 * radius) * up,
    }
    for number, side in enumerate(SIDES):
        arm = _arm(angles, number, neck - _BELOW_NECK * spine, width)
        leg = _leg(angles, number, pelvis, width)
        found |= {f"{side}_{name}": place for name, place in (arm | leg).items()}
    places = _to_the_ground(np.stack([found[name] for name in PLACES], axis=-2), angles)
    height = build.height[:, None, None, None]
    return height * places, height * radius[..., None] * axes


def view(points, yaws):
    """Turns points to the camera.

    Args:
        points: Array of shape `(n, frames, points, 3)`.
        yaws: Array of shape `(n,)` in degrees, as in `YAWS`.

    Returns:
        Array of the same shape: to the right, down, towards the viewer.
    """
    yaws = np.radians(yaws)[:, None, None]
    forward, up, left = np.moveaxis(points, -1, 0)
    right = forward * np.sin(yaws) + left * np.cos(yaws)
    near = forward * np.cos(yaws) - left * np.sin(yaws)
    down = near * np.sin(_PITCH) - up * np.cos(_PITCH)
    # Nearness is left level: a shoulder is no nearer than a hip for being higher.
    return np.stack([right, down, near], axis=-1)


def _unit(*coordinates):
    """Vectors of length 1, `(..., 3)`."""
    vectors = np.stack(coordinates, axis=-1)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _arm(angles, number, top, width):
    sign = 1 - 2 * number  # 1 to the left
    turn = angles.twist * sign
    offset = _unit(np.sin(turn), np.zeros_like(turn), sign * np.cos(turn))
    shoulder = top + _HALF_SHOULDERS * width * offset
    upper = angles.arm[..., number]
    fore = upper + angles.elbow[..., number]
    azimuth = angles.azimuth[..., number]

    def direction(angle, out):
        aside = np.sin(angle) * np.sin(azimuth) + out
        return _unit(np.sin(angle) * np.cos(azimuth), -np.cos(angle), sign * aside)

    # Arms hang a little away from the trunk.
    elbow = shoulder + _UPPER_ARM * direction(upper, 0.16)
    hand = elbow + _FOREARM * direction(fore, 0.05)
    return {"shoulder": shoulder, "elbow": elbow, "hand": hand}


def _leg(angles, number, pelvis, width):
    aside = np.array([0, 0, 1 - 2 * number])
    thigh, pitch = angles.hip[..., number], angles.foot[..., number]
    shin = thigh - angles.knee[..., number]
    level = np.zeros_like(thigh)
    hip = pelvis + _HALF_HIPS * width * aside
    knee = hip + _THIGH * _unit(np.sin(thigh), -np.cos(thigh), level)
    ankle = knee + _SHIN * _unit(np.sin(shin), -np.cos(shin), level)
    along = _unit(np.cos(pitch), np.sin(pitch), level)
    below = _unit(np.sin(pitch), -np.cos(pitch), level)
    heel = ankle + _ANKLE * below - _HEEL * along
    # Toes point outward a little.
    toe = heel + _FOOT * (along + 0.12 * aside)
    return {"hip": hip, "knee": knee, "ankle": ankle, "toe": toe, "heel": heel}


def _to_the_ground(places, angles):
    lowest = places[..., _SOLES, 1].min(axis=-1) - FOOT_RADIUS
    ahead = places[..., _ANKLES, 0].mean(axis=-1) * (1 - angles.stride)
    shift = np.stack([-ahead, angles.lift - lowest, np.zeros_like(lowest)], axis=-1)
    return places + shift[..., None, :]
