"""Scores of videos by a model's discriminators."""

from keras import ops

from keras_mocogan import inputs


def score_videos(model, videos, training=False):
    """Scores videos; see `AdversarialModel.call`."""
    model.clip_spec.check_videos(videos.shape, inputs.dtype_name(videos))
    videos = inputs.to_model_range(videos)
    scores = {}
    if model.video_discriminator is not None:
        scores = _score_windows(model, videos, training)
    if model.image_discriminator is not None:
        frames = ops.reshape(videos, (-1, *videos.shape[2:]))
        logits = model.image_discriminator(frames, training=training)
        logits = ops.mean(logits, axis=(1, 2, 3))  # (batch * frames,)
        logits = ops.reshape(logits, (-1, videos.shape[1]))
        scores["image"] = ops.mean(logits, axis=-1)
    return scores


def _score_windows(model, videos, training):
    length = model.clip_spec.clip_frames
    logits, probabilities = [], []
    for start in range(videos.shape[1] - length + 1):
        window = videos[:, start : start + length]
        judged = model.video_discriminator(window, training=training)
        logits.append(ops.mean(judged["logits"], axis=(1, 2, 3, 4)))
        if model.clip_spec.num_classes:
            probabilities.append(ops.softmax(judged["category_logits"]))
    scores = {"video": sum(logits) / len(logits)}
    if probabilities:
        scores["category"] = sum(probabilities) / len(probabilities)
    return scores
