"""Scores videos by a model's discriminators."""

from typing import Any

from keras import ops

from keras_mocogan.networks.discriminator_blocks import logits_of
from keras_mocogan.networks.image_discriminator import frames_together
from keras_mocogan.training import inputs


def score_videos(model: Any, videos: Any, training: bool = False) -> dict[str, Any]:
    """Scores videos; see `AdversarialModel.call`."""
    model.clip_spec.check_videos(videos.shape, inputs.dtype_name(videos))
    videos = inputs.to_model_range(videos)
    scores = {}
    if model.video_discriminator is not None:
        scores = _score_windows(model, videos, training)
    if model.image_discriminator is not None:
        together = frames_together(model.image_discriminator)
        frames = with_others(videos, together)
        logits = logits_of(model.image_discriminator(frames, training=training))
        logits = ops.reshape(logits, (ops.shape(videos)[0], -1))  # those of all frames
        scores["image"] = ops.mean(logits, axis=-1)
    return scores


def with_others(videos: Any, together: int) -> Any:
    """Every frame, with the other frames of its video that are judged with it.

    They are evenly spread: two frames are half a video apart.
    """
    if together == 1:
        return ops.reshape(videos, (-1, *videos.shape[2:]))
    length = ops.shape(videos)[1]
    shifted = [
        ops.roll(videos, -(i * length // together), axis=1) for i in range(together)
    ]
    frames = ops.stack(shifted, axis=2)
    return ops.reshape(frames, (-1, together, *videos.shape[2:]))


def _score_windows(model, videos, training):
    count = ops.shape(videos)[1] - model.clip_spec.clip_frames + 1
    if videos.shape[1] is not None:
        windows = [_score_window(model, videos, i, training) for i in range(count)]
        return {name: sum(w[name] for w in windows) / count for name in windows[0]}

    # In TensorFlow's graph the number of frames is unknown: a loop sums up the scores.
    def add(start, total):
        scores = _score_window(model, videos, start, training)
        return {name: total[name] + scores[name] for name in total}

    total = ops.fori_loop(1, count, add, _score_window(model, videos, 0, training))
    return {name: x / ops.cast(count, x.dtype) for name, x in total.items()}


def _score_window(model, videos, start, training):
    window = videos[:, start : start + model.clip_spec.clip_frames]
    window = ops.reshape(
        window, (-1, model.clip_spec.clip_frames, *model.clip_spec.shape[2:])
    )
    judged = model.video_discriminator(window, training=training)
    logits = ops.reshape(judged["logits"], (ops.shape(window)[0], -1))
    scores = {"video": ops.mean(logits, axis=-1)}
    if model.clip_spec.num_classes:
        scores["category"] = ops.softmax(judged["category_logits"])
    return scores
