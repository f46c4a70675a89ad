"""Drawn people: where their joints are, how they move, and what is painted there."""

import numpy as np
import pytest

from keras_mocogan import data
from keras_mocogan.data.figure_drawing import looks
from keras_mocogan.data.figure_drawing.capsules import draw_capsules

pytestmark = pytest.mark.once

ONE_SPEED = {"speed": (1, 1)}


def joint(clips, name):
    """Places of a joint in all frames, `(n, frames, 2)`, as (right, down)."""
    return clips.poses[:, :, clips.joint_names.index(name)].astype(float)


def bend(clips, side, root, middle, end):
    """How far a limb is bent at its middle joint, counterclockwise on the screen."""
    first = joint(clips, f"{side}_{middle}") - joint(clips, f"{side}_{root}")
    second = joint(clips, f"{side}_{end}") - joint(clips, f"{side}_{middle}")
    cross = first[..., 1] * second[..., 0] - first[..., 0] * second[..., 1]
    return np.arctan2(cross, (first * second).sum(-1))


def test_shapes_types_and_names():
    clips = data.figures(14, num_frames=5, image_size=32)
    assert clips.videos.shape == (14, 5, 32, 32, 3)
    assert clips.videos.dtype == np.uint8 and clips.labels.dtype == np.int32
    assert clips.labels.tolist() == [*range(12), 0, 1]
    assert clips.class_names[:4] == (
        "walk_left",
        "walk_right",
        "walk_front",
        "run_left",
    )
    assert clips.poses.shape == (14, 5, len(clips.joint_names), 2)
    assert clips.poses.dtype == clips.phases.dtype == np.float32
    assert clips.phases.shape == (14, 5)
    for name, values in clips.attributes.items():
        assert values.shape == (14,)
        if name in clips.attribute_names:
            assert values.dtype == np.int32
            assert 0 <= values.min() <= values.max() < len(clips.attribute_names[name])
        else:
            assert (
                values.dtype == np.float32 and 0.8 < values.min() <= values.max() < 1.3
            )
    assert set(clips.attributes) - set(clips.attribute_names) == {
        "height",
        "width",
        "head_size",
    }
    videos, labels = clips[:2]
    assert videos is clips.videos and labels is clips.labels


def test_a_video_does_not_depend_on_how_many_there_are():
    few, many = (data.figures(count, 3, image_size=16, seed=1) for count in (3, 300))
    np.testing.assert_array_equal(few.videos, many.videos[:3])
    np.testing.assert_array_equal(few.poses, many.poses[:3])
    other = data.figures(3, 3, image_size=16, seed=2)
    assert not (few.videos == other.videos).all(axis=(1, 2, 3, 4)).any()


def test_a_longer_clip_begins_like_a_shorter_one():
    short, long = (data.figures(8, frames, image_size=16) for frames in (4, 20))
    np.testing.assert_array_equal(short.videos, long.videos[:, :4])


def test_attributes_are_balanced():
    attributes = data.figures(2000, 1, image_size=16, actions=("wave",)).attributes
    for name, names in data.figures(1, 1).attribute_names.items():
        share = np.bincount(attributes[name], minlength=len(names)) / 2000
        np.testing.assert_allclose(share, 1 / len(names), atol=0.05)


@pytest.mark.parametrize(
    ("action", "cycle"), [("walk", 12), ("run", 8), ("jump", 14), ("wave", 8)]
)
def test_motions_repeat_themselves(action, cycle):
    clips = data.figures(6, 2 * cycle, actions=(action,), **ONE_SPEED)
    np.testing.assert_array_equal(clips.videos[:, :cycle], clips.videos[:, cycle:])
    assert (np.abs(np.diff(clips.videos.astype(int), axis=1)).max((2, 3, 4)) > 20).all()
    np.testing.assert_allclose(
        np.diff(clips.phases, axis=1) % 1, 1 / cycle, rtol=0, atol=1e-5
    )


def test_speeds_lie_in_their_range():
    clips = data.figures(300, 2, image_size=16, actions=("run",), speed=(0.5, 2))
    speeds = 8 * (np.diff(clips.phases, axis=1) % 1)
    assert 0.5 <= speeds.min() < 0.53 and 1.9 < speeds.max() <= 2.001
    # As many slow as quick ones.
    assert 0.4 < (speeds < 1).mean() < 0.6


@pytest.mark.parametrize("action", ["walk", "run", "jump", "wave"])
@pytest.mark.parametrize("direction", ["left", "right"])
def test_knees_and_elbows_bend_one_way(action, direction):
    clips = data.figures(20, 28, actions=(action,), directions=(direction,))
    # Seen from the left, a knee bends the other way round than from the right.
    sign = {"left": 1, "right": -1}[direction]
    for side in ("left", "right"):
        knee = sign * bend(clips, side, "hip", "knee", "ankle")
        assert knee.min() > -0.06
        if action != "wave":
            assert knee.max() > 0.7
            elbow = -sign * bend(clips, side, "shoulder", "elbow", "hand")
            assert elbow.min() > -0.12


def test_feet_touch_the_ground():
    clips = data.figures(40, 24, directions=("left", "right"))
    lowest = np.maximum(joint(clips, "left_ankle"), joint(clips, "right_ankle"))[..., 1]
    action = np.array([name.split("_")[0] for name in clips.class_names])[clips.labels]
    # An ankle over a flat sole, for each figure: the lowest that it ever gets.
    above = (lowest.max(axis=1, keepdims=True) - lowest) / 64
    assert (above[action == "wave"] < 0.01).all()
    assert (above[action == "walk"] < 0.06).all()
    # In the air for a third of a jump: higher than ever when walking.
    flight = above[action == "jump"].max(axis=1)
    assert (flight > 0.1).all() and (flight < 0.25).all()
    assert (np.median(above[action == "jump"], axis=1) < 0.06).all()


@pytest.mark.parametrize("action", ["walk", "run"])
def test_arms_swing_against_legs(action):
    clips = data.figures(20, 24, actions=(action,), directions=("left", "right"))
    for side in ("left", "right"):
        leg = (joint(clips, f"{side}_ankle") - joint(clips, f"{side}_hip"))[..., 0]
        arm = (joint(clips, f"{side}_hand") - joint(clips, f"{side}_shoulder"))[..., 0]
        for one, other in zip(leg, arm, strict=True):
            assert np.corrcoef(one, other)[0, 1] < -0.5


def test_runners_lean_and_take_larger_steps():
    lean, step, elbow = {}, {}, {}
    for action in ("walk", "run"):
        clips = data.figures(20, 24, actions=(action,), directions=("right",))
        trunk = joint(clips, "neck") - joint(clips, "pelvis")
        lean[action] = np.arctan2(trunk[..., 0], -trunk[..., 1]).mean()
        apart = joint(clips, "left_ankle") - joint(clips, "right_ankle")
        step[action] = np.abs(apart[..., 0]).max(axis=1).mean()
        elbow[action] = bend(clips, "right", "shoulder", "elbow", "hand").mean()
    assert lean["run"] > lean["walk"] + 0.15
    assert step["run"] > 1.1 * step["walk"]
    assert elbow["run"] > elbow["walk"] + 0.7


def test_one_hand_waves():
    clips = data.figures(
        30, 16, actions=("wave",), directions=("left", "right", "front")
    )
    hands = [joint(clips, f"{side}_hand") for side in ("left", "right")]
    neck = joint(clips, "neck")
    for i in range(30):
        raised = [hand[i, :, 1].min() < neck[i, :, 1].mean() - 3 for hand in hands]
        assert sum(raised) == 1
        moved, still = (
            np.linalg.norm(np.ptp(hands[raised.index(up)][i], axis=0))
            for up in (True, False)
        )
        assert moved > 6 > 3 > still


def test_the_left_is_the_mirror_image_of_the_right():
    clips = {
        direction: data.figures(8, 6, directions=(direction,))
        for direction in ("left", "right")
    }
    difference = clips["left"].videos.astype(int) - clips["right"].videos[:, :, :, ::-1]
    assert np.abs(difference).max() <= 1
    for name in clips["left"].joint_names:
        other = name.replace("left", "x").replace("right", "left").replace("x", "right")
        mirrored = joint(clips["right"], other)
        mirrored[..., 0] = 64 - mirrored[..., 0]
        np.testing.assert_allclose(joint(clips["left"], name), mirrored, atol=1e-3)


def value_colors(module_colors, clips, name):
    return np.array(list(module_colors.values()))[clips.attributes[name]]


def test_colors_are_where_the_pose_says():
    clips = data.figures(60, 4, image_size=96, directions=("front",), actions=("wave",))

    def color_at(places):
        column, row = np.moveaxis(np.floor(places).astype(int), -1, 0)
        index = np.indices(column.shape)
        return clips.videos[index[0], index[1], row, column].astype(int)

    def expect(places, colors, name):
        wanted = value_colors(colors, clips, name)[:, None]
        assert np.abs(color_at(places) - wanted).max() <= 1

    forehead = joint(clips, "head") - [0, 3]
    expect(forehead, looks.SKINS, "skin")
    trunk = (joint(clips, "neck") + joint(clips, "pelvis")) / 2
    expect(trunk, looks.TOP_COLORS, "top_color")
    hips = joint(clips, "pelvis") + [0, 2]
    expect(hips, looks.LEGS_COLORS, "legs_color")
    corner = np.full_like(hips, 2)
    expect(corner, looks.BACKGROUNDS, "background")
    # Shins are bare below shorts.
    shins = (joint(clips, "left_knee") + joint(clips, "left_ankle")) / 2
    shorts = clips.attributes["legs"] == clips.attribute_names["legs"].index("shorts")
    skin = value_colors(looks.SKINS, clips, "skin")
    cloth = value_colors(looks.LEGS_COLORS, clips, "legs_color")
    wanted = np.where(shorts[:, None], skin, cloth)[:, None]
    # What is a little behind is a little darker.
    assert np.abs(color_at(shins) - wanted).max() <= 8
    assert 10 < shorts.sum() < 50


def test_far_limbs_are_darker():
    clips = data.figures(60, 1, image_size=96, directions=("right",), actions=("walk",))
    brightness = {}
    for side in ("left", "right"):
        place = joint(clips, f"{side}_ankle")[:, 0]
        place += joint(clips, f"{side}_knee")[:, 0]
        column, row = np.floor(place / 2).astype(int).T
        shown = clips.videos[np.arange(60), 0, row, column]
        shorts = clips.attributes["legs"] == clips.attribute_names["legs"].index(
            "shorts"
        )
        skin = value_colors(looks.SKINS, clips, "skin")
        cloth = value_colors(looks.LEGS_COLORS, clips, "legs_color")
        brightness[side] = shown / np.where(shorts[:, None], skin, cloth)
    # To the right goes who shows the right side. Where legs cross, neither is seen.
    assert np.abs(np.median(brightness["right"], axis=0) - 1).max() < 0.01
    assert (np.median(brightness["left"], axis=0) < 0.9).all()


@pytest.mark.parametrize("image_size", [32, 64, 100])
def test_everybody_is_inside_the_frame(image_size):
    clips = data.figures(
        48, 14, image_size, directions=("left", "right", "front", "back")
    )
    assert clips.poses.min() > 0.02 * image_size
    assert clips.poses.max() < 0.98 * image_size
    background = clips.videos[:, :, :1, :1]
    for edge in (clips.videos[:, :, 0], clips.videos[:, :, :, 0]):
        assert (edge == background[:, :, 0]).all()
    painted = (clips.videos != background).any(-1).mean(axis=(2, 3))
    assert (painted > 0.04).all() and (painted < 0.3).all()


def test_builds_show():
    clips = data.figures(200, 1, actions=("wave",), directions=("front",))
    tall = joint(clips, "right_ankle")[:, 0, 1] - joint(clips, "head")[:, 0, 1]
    wide = (
        joint(clips, "left_shoulder")[:, 0, 0] - joint(clips, "right_shoulder")[:, 0, 0]
    )
    height, width = clips.attributes["height"], clips.attributes["width"]
    assert np.corrcoef(tall, height)[0, 1] > 0.95
    assert np.corrcoef(wide / height, width)[0, 1] > 0.95


def exact_cover(size, start, end, radii, samples=16):
    """A capsule by 256 points in each pixel, tapered along its axis."""
    grid = (np.arange(size * samples) + 0.5) / samples
    points = np.stack(np.meshgrid(grid, grid), axis=-1)
    axis = end - start
    along = np.clip((points - start) @ axis / max(axis @ axis, 1e-9), 0, 1)
    distance = np.linalg.norm(points - start - along[..., None] * axis, axis=-1)
    inside = distance < radii[0] + along * (radii[1] - radii[0])
    return inside.reshape(size, samples, size, samples).mean(axis=(1, 3))


def test_a_capsule_covers_its_pixels():
    generator = np.random.default_rng(0)
    starts, ends = generator.uniform(4, 16, (2, 20, 2))
    ends[:3] = starts[:3]  # Three of them are disks.
    radii = generator.uniform(1, 3, (2, 20))
    canvas = np.zeros((20, 20, 20, 3), np.float32)
    colors = np.tile([1.0, 0.5, 0.25], (20, 1))
    draw_capsules(canvas, starts, ends, radii, colors)
    for i in range(20):
        expected = exact_cover(20, starts[i], ends[i], radii[:, i])
        np.testing.assert_allclose(canvas[i, ..., 0], expected, atol=0.16)
        assert abs(canvas[i, ..., 0].sum() / expected.sum() - 1) < 0.03
        np.testing.assert_allclose(canvas[i, ..., 2], canvas[i, ..., 0] / 4, atol=1e-6)


def test_capsules_are_drawn_where_asked_and_as_opaque_as_asked():
    canvas = np.full((3, 12, 12, 3), 100, np.float32)
    middle, radii = np.full((3, 2), 6.0), np.full((2, 3), 3.0)
    where, opacity = np.array([True, False, True]), np.array([1.0, 1.0, 0.25])
    draw_capsules(canvas, middle, middle, radii, np.zeros((3, 3)), where, opacity)
    assert canvas[:, 6, 6, 0].tolist() == [0, 100, 75]
    # What lies outside of the frame is cut off.
    draw_capsules(canvas, middle - 7, middle - 7, radii, np.zeros((3, 3)))
    assert (canvas[:, 0, 0] == 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_videos": 0}, "`num_videos` must .* at least 1"),
        ({"num_frames": 0}, "`num_frames` must .* at least 1"),
        ({"image_size": 8}, "`image_size` must .* at least 16"),
        ({"image_size": (32, 48)}, r"are drawn square. Received: .*=\(32, 48\)"),
        ({"seed": -1}, "`seed` must .* at least 0"),
        (
            {"actions": "walk"},
            "`actions` must be a sequence .* Received: actions='walk'",
        ),
        ({"actions": ()}, "`actions` must be a sequence of at least one"),
        (
            {"actions": ("fly",)},
            "`actions` must be one of 'walk', 'run', 'jump', 'wave'",
        ),
        ({"directions": ("left", "left")}, "`directions` must .* none twice"),
        ({"directions": ("up",)}, "`directions` must be one of 'left', 'right'"),
        ({"actions": 5}, "`actions` must be a sequence .* Received: actions=5"),
        ({"speed": 1}, r"`speed` must be the smallest .* or \(1, 1\) .*speed=1"),
        ({"speed": (2, 1)}, "`speed` must be the smallest and the largest"),
        ({"speed": (0, 1)}, "`speed` must be .* both positive"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        data.figures(**({"num_videos": 1} | arguments))


def test_what_is_drawn_needs_numpy_alone(run_backend):
    code = """
        import sys

        for name in ("tensorflow", "PIL", "av", "matplotlib"):
            sys.modules[name] = None
        from keras_mocogan import data

        print(data.figures(2)[0].shape, data.shape_motion(2)[0].shape)
    """
    shapes = run_backend("jax", code).splitlines()[-1]
    assert shapes == "(2, 16, 64, 64, 3) (2, 16, 64, 64, 3)"
