"""The clips that variants are trained on, the same for all of them."""

import functools

import keras_mocogan as km

_NUM_SHAPES = 2000
_TURNS = {
    "right": "left_to_right",
    "left": "right_to_left",
    "down": "top_to_bottom",
    "up": "bottom_to_top",
}


def make_dataset(data, **arguments):
    """A `video_dataset` of `(videos, labels)`; `arguments` add to the data's."""
    source, names = data["source"], ("image_size", "clip_frames", "batch_size")
    if source == "shapes":
        num_frames = data["frame_stride"] * (data["clip_frames"] - 1) + 1
        source = _shapes(num_frames, data["image_size"], tuple(data["directions"]))
    settings = {name: data[name] for name in (*names, "frame_stride")}
    return km.data.video_dataset(source, **(settings | arguments))


@functools.cache
def _shapes(num_frames, image_size, directions):
    return km.data.shape_motion(
        _NUM_SHAPES, num_frames, image_size, directions=turns(directions)
    )


def turns(directions):
    """Names of `shape_motion` for ways such as `"up"`."""
    return [_TURNS[way] for way in directions]
