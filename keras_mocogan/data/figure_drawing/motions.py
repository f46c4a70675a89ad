"""Walking, running, jumping and waving: joint angles as functions of a phase.

A motion repeats itself as its phase goes from 0 to 1. Each angle is the smooth periodic
curve through a few poses, evenly spaced over the cycle.
"""

from typing import NamedTuple

import numpy as np

# Frames of a cycle at speed 1.
CYCLES = {"walk": 12.0, "run": 8.0, "jump": 14.0, "wave": 8.0}

# Walking and running start at the moment when this leg's heel strikes.
_WALK_HIP = (30, 25, 14, 2, -11, -18, -6, 16, 31, 35)
_WALK_KNEE = (6, 16, 13, 7, 10, 32, 58, 56, 28, 6)
_WALK_FOOT = (20, 4, 0, 0, -8, -34, -48, -24, 2, 20)
_RUN_HIP = (34, 24, 4, -18, -28, -14, 16, 46, 55, 48)
_RUN_KNEE = (20, 36, 28, 18, 34, 78, 106, 94, 56, 24)
_RUN_FOOT = (8, 0, -6, -34, -58, -78, -72, -38, -8, 8)

# Jumping: stand, crouch (0.25), leave the ground (0.38), land (0.72), straighten up.
_JUMP_HIP = (2, 14, 46, 68, 44, 8, 24, 34, 20, 30, 44, 16)
_JUMP_KNEE = (5, 24, 76, 102, 64, 10, 46, 62, 28, 50, 74, 28)
_JUMP_FOOT = (0, 0, 0, 0, -12, -52, -42, -26, -8, 0, 0, 0)
_JUMP_LEAN = (2, 9, 24, 30, 17, 2, 0, 2, 4, 14, 20, 9)
_JUMP_ARM = (2, -18, -46, -52, 20, 112, 138, 132, 108, 62, 24, 8)
_JUMP_ELBOW = (10, 12, 14, 10, 24, 24, 18, 18, 24, 26, 20, 12)
# The height of the jump, in heights; its middle, and half its duration.
_JUMP_TOP, _JUMP_MIDDLE, _JUMP_HALF = 0.14, 0.55, 0.17


class Angles(NamedTuple):
    """Angles in radians of the clips' frames.

    Attributes:
        lean: The trunk's, forward, `(n, frames)`.
        twist: The shoulders' about the spine, left one forward, `(n, frames)`.
        tilt: The trunk's to the left, `(n, frames)`.
        lift: Height of the lower foot above the ground, as a part of the figure's
            height, `(n, frames)`.
        stride: Whether the hips stay in place, as in walking, or the feet do, `(n, 1)`.
        hip, knee, foot: Forward; backward; toes up from the ground, each
            `(n, frames, 2)` for the left and the right.
        arm, azimuth, elbow: Up from hanging down; its direction, from forward (0) to
            sideways; the forearm's further up, each `(n, frames, 2)`.
    """

    lean: np.ndarray
    twist: np.ndarray
    tilt: np.ndarray
    lift: np.ndarray
    stride: np.ndarray
    hip: np.ndarray
    knee: np.ndarray
    foot: np.ndarray
    arm: np.ndarray
    azimuth: np.ndarray
    elbow: np.ndarray


def move(actions, phases):
    """The `Angles` of clips, each with an action and the phases of its frames.

    Args:
        actions: List of `n` names from `CYCLES`.
        phases: Array of shape `(n, frames)`, in cycles.
    """
    actions = np.array(actions)
    parts = {name: np.flatnonzero(actions == name) for name in _MOTIONS}
    parts = {name: clips for name, clips in parts.items() if len(clips)}
    moved = [_MOTIONS[name](phases[clips]) for name, clips in parts.items()]
    back = np.argsort(np.concatenate(list(parts.values())))
    return Angles(*(np.concatenate(field)[back] for field in zip(*moved, strict=True)))


def mirror(angles, where):
    """Exchanges left and right in some of the clips.

    Args:
        angles: `Angles` of `n` clips.
        where: Array of shape `(n,)` of bool.
    """
    signs = {"twist": -1, "tilt": -1}

    def exchange(name, value):
        # If there are two sides, they are the last axis.
        other = value[..., ::-1] if value.ndim == 3 else signs.get(name, 1) * value
        return np.where(where.reshape(-1, *[1] * (value.ndim - 1)), other, value)

    return Angles(**{name: exchange(name, v) for name, v in angles._asdict().items()})


def _curve(degrees, phases):
    """The smoothest periodic curve through evenly spaced values, in radians."""
    waves = np.fft.rfft(np.radians(degrees)) / len(degrees)
    # These coefficients also stand for their conjugates.
    waves[1 : (len(degrees) + 1) // 2] *= 2
    turns = np.exp(2j * np.pi * np.multiply.outer(phases, np.arange(len(waves))))
    return (turns @ waves).real


def _both_sides(phases):
    """The phases of the left and of the right leg, half a cycle apart."""
    return np.stack([phases, phases + 0.5], axis=-1)


def _constant(phases, degrees):
    return np.full(phases.shape, np.radians(degrees))


def _walk(phases):
    steps = _both_sides(phases)
    # An arm swings against the leg on its side.
    swing = np.cos(2 * np.pi * steps)
    return Angles(
        lean=_constant(phases, 4),
        twist=np.radians(-9 * np.cos(2 * np.pi * phases)),
        tilt=np.radians(2 * np.sin(2 * np.pi * phases)),
        lift=np.zeros(phases.shape),
        stride=np.ones((len(phases), 1)),
        hip=_curve(_WALK_HIP, steps),
        knee=np.maximum(_curve(_WALK_KNEE, steps), 0),
        foot=_curve(_WALK_FOOT, steps),
        arm=np.radians(4 - 34 * swing),
        azimuth=_constant(steps, 8),
        elbow=np.radians(22 - 14 * swing),
    )


def _run(phases):
    steps = _both_sides(phases)
    swing = np.cos(2 * np.pi * (steps - 0.04))
    # Both feet are off the ground just before either of them strikes.
    flight = (np.cos(4 * np.pi * (phases - 0.43)) - 0.637) / 0.363
    return Angles(
        lean=_constant(phases, 16),
        twist=np.radians(-13 * np.cos(2 * np.pi * phases)),
        tilt=np.radians(2 * np.sin(2 * np.pi * phases)),
        lift=0.055 * np.maximum(flight, 0),
        stride=np.ones((len(phases), 1)),
        hip=_curve(_RUN_HIP, steps),
        knee=np.maximum(_curve(_RUN_KNEE, steps), 0),
        foot=_curve(_RUN_FOOT, steps),
        arm=np.radians(2 - 48 * swing),
        azimuth=_constant(steps, 6),
        elbow=np.radians(88 - 18 * swing),
    )


def _jump(phases):
    both = np.stack([phases, phases], axis=-1)
    # The path of a thrown stone: a parabola over the time in the air.
    air = ((phases % 1) - _JUMP_MIDDLE) / _JUMP_HALF
    return Angles(
        lean=_curve(_JUMP_LEAN, phases),
        twist=np.zeros(phases.shape),
        tilt=np.zeros(phases.shape),
        lift=_JUMP_TOP * np.maximum(1 - air**2, 0),
        stride=np.zeros((len(phases), 1)),
        hip=_curve(_JUMP_HIP, both),
        knee=np.maximum(_curve(_JUMP_KNEE, both), 0),
        foot=_curve(_JUMP_FOOT, both),
        arm=_curve(_JUMP_ARM, both),
        azimuth=_constant(both, 28),
        elbow=np.maximum(_curve(_JUMP_ELBOW, both), 0),
    )


def _wave(phases):
    """The left arm waves, forward and sideways.

    A figure that faces right shows its right side. Its waving hand is then in front of
    the face and not of the trunk.
    """
    beat = np.sin(2 * np.pi * phases)
    rest = np.zeros(phases.shape)

    def sides(left, right):
        return np.radians(np.stack([rest + left, rest + right], axis=-1))

    return Angles(
        lean=rest,
        twist=rest,
        tilt=np.radians(-4 - 2 * beat),
        lift=rest,
        stride=np.zeros((len(phases), 1)),
        hip=sides(-1, 3),
        knee=sides(4, 4) * (1.5 + beat)[..., None],
        foot=sides(0, 0),
        arm=sides(98 + 6 * beat, 6 + 2 * beat),
        azimuth=sides(46, 30),
        elbow=sides(40 + 36 * beat, 14),
    )


_MOTIONS = {"walk": _walk, "run": _run, "jump": _jump, "wave": _wave}
