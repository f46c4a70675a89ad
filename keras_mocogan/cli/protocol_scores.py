"""Scores by the protocol of a paper."""

import dataclasses

import numpy as np
from absl import app, flags

import keras_mocogan as km
from keras_mocogan.cli import resizing, stored

flags.DEFINE_string(
    "real_features", None, "File that keeps the features of the real clips."
)
flags.DEFINE_bool("extrapolate", False, "Estimate FVD for infinitely many clips, too.")
FLAGS = flags.FLAGS

UNSEEN = 10**6  # a seed for synthetic clips that no training uses
_BATCH = 64


def names():
    """The protocols that `show` knows."""
    return list(km.metrics.PROTOCOLS)


def measure():
    """`"fvd"`, `"inception_score"`, or None for what is not the protocol of a paper."""
    protocol = km.metrics.PROTOCOLS.get(FLAGS.protocol)
    return protocol and protocol.measure


def show(size):
    """Prints the score by the protocol that the flags name, for evaluate's main.

    Args:
        size: Arguments of `video_dataset` for the frames of --videos.

    Returns:
        What the JSON file keeps, a dictionary.
    """
    protocol = km.metrics.get_protocol(FLAGS.protocol)
    if FLAGS.count is not None:
        protocol = protocol.with_clips(FLAGS.count)
    found, size = _score(protocol, size)
    print(found)
    kept = found._asdict() | {"protocol": dataclasses.asdict(protocol)}
    if kept.get("extrapolated") is not None:
        kept["extrapolated"] = kept["extrapolated"]._asdict()
    return {
        "scores": [{"key": protocol.measure, **kept}],
        "settings": size | {"count": protocol.generated},
    }


def _score(protocol, size):
    network = _network(protocol)
    size = size | {"clip_frames": protocol.span}
    if FLAGS.videos is None:
        model = stored.load()
        size |= {"image_size": model.image_size, "channels": model.channels}
        _check_frames(model, protocol)
        generated = _generate(model, protocol)
    else:
        generated = _read(FLAGS.videos, False, **size)
        _check_number(generated.num_clips, protocol)
    if protocol.measure == "inception_score":
        found = km.metrics.video_inception_score(generated, network, protocol)
        return found, size
    found = km.metrics.fvd(
        generated,
        _real(protocol, size),
        network,
        protocol,
        FLAGS.real_features,
        FLAGS.extrapolate,
        FLAGS.seed,
    )
    return found, size


def _check_frames(model, protocol):
    """Refuses models of another length now, not after all real clips are read."""
    if hasattr(model, "sample_motion") or model.clip_frames == protocol.span:
        return
    raise app.UsageError(
        f"--protocol={FLAGS.protocol} needs videos of {protocol.span} frames. "
        f"Received: a {type(model).__name__}, which generates {model.clip_frames}. "
        "Choose a protocol of that length, or a MoCoGAN, which generates any."
    )


def _check_number(found, protocol):
    """Refuses too few generated videos now, not after all real clips are read."""
    wanted, enough = protocol.generated * protocol.runs, found // protocol.runs
    if found >= wanted:
        return
    advice = "Generate more."
    if enough >= 2:
        advice = f"Generate more; or give --count={enough}, which the score will tell."
    raise app.UsageError(
        f"--protocol={FLAGS.protocol} needs {wanted} generated videos. Received: "
        f"{found} in {FLAGS.videos}. {advice}"
    )


def _network(protocol):
    """What the protocol's clips are given to."""
    if protocol.measure == "fvd" and FLAGS.i3d:
        # All these protocols resize as PyTorch does, whatever kind of file this is.
        return km.metrics.i3d(FLAGS.i3d, half_pixel_centers=True)
    if not FLAGS.classifier:
        wanted = (
            "--i3d or --classifier" if protocol.measure == "fvd" else "--classifier"
        )
        raise app.UsageError(f"--protocol={FLAGS.protocol} needs {wanted}.")
    judge = km.metrics.load_classifier(FLAGS.classifier)
    frames = judge.input_shape[1]
    if frames != protocol.frames:
        raise app.UsageError(
            f"--protocol={FLAGS.protocol} has clips of {protocol.frames} frames, and "
            f"{FLAGS.classifier} takes {frames}. Train one with "
            f"--clip_frames={protocol.frames}."
        )
    name = f"the classifier {FLAGS.classifier}"
    if protocol.measure == "fvd":
        return km.metrics.FeatureExtractor(judge, "uint8", name=name)

    def classify(clips):
        return judge.classify(clips)[1]

    classify.name = name
    return classify


def _generate(model, protocol):
    """Yields batches of generated clips, as many as all runs take."""
    for start in range(0, protocol.generated * protocol.runs, _BATCH):
        count = min(_BATCH, protocol.generated * protocol.runs - start)
        labels = None
        if model.num_classes:
            labels = np.arange(start, start + count) % model.num_classes
        seed = int(np.random.SeedSequence([FLAGS.seed, start]).generate_state(1)[0])
        yield model.generate(count, protocol.span, labels=labels, seed=seed)


def _real(protocol, size):
    if FLAGS.dataset == "shapes":
        span, side = protocol.span, size["image_size"]
        return km.data.shape_motion(protocol.real, span, side, seed=UNSEEN)[0]
    return _read(FLAGS.data_dir, True, frame_stride=FLAGS.frame_stride, **size)


def _read(source, shuffle, **size):
    return km.data.video_dataset(
        source,
        batch_size=1,
        labels=None,
        shuffle=shuffle,
        seed=FLAGS.seed,
        **resizing.arguments(),
        **size,
    )
