"""The functions of an exported model, in TensorFlow; see `export_saved_model`."""

import math

import tensorflow as tf

from keras_mocogan.networks.discriminator_blocks import logits_of
from keras_mocogan.networks.image_discriminator import frames_together
from keras_mocogan.training.scoring import with_others

# Frames that are decoded at once: this bounds the memory of long videos.
_SLICE_FRAMES = 256
_SLICES_IN_BLOCK = 16
# The most that one request may ask for: bytes of uint8 video.
_MAX_BYTES = 2**28


def make_signatures(model):
    """`{name: (function, input signature)}` of a MoCoGAN, VGAN or TGAN."""
    family = _ContentMotion if hasattr(model, "sample_motion") else _Latent
    exported = family(model)
    scalars = [
        tf.TensorSpec((), tf.int64, "seed"),
        tf.TensorSpec((), tf.int32, "count"),
        tf.TensorSpec((), tf.int32, "num_frames"),
        tf.TensorSpec((), tf.int32, "label"),
    ]
    spec = model.clip_spec
    videos = [tf.TensorSpec(spec.shape, tf.uint8, "videos")]
    return {
        "serving_default": (exported.generate, scalars),
        **exported.more(),
        "score": (exported.score, videos),
    }


class _Exported:
    """What all families share; a subclass defines `_draw`, `more` and its decoding."""

    def __init__(self, model):
        self.model = model
        self.spec = model.clip_spec

    def generate(self, seed, count, num_frames, label):
        frames = tf.where(tf.equal(num_frames, 0), self.default_frames, num_frames)
        with tf.control_dependencies(self._checks(count, frames, label)):
            # So that drawing waits for the checks.
            count, frames = tf.identity(count), tf.identity(frames)
        seeds = tf.random.split(tf.stack([seed, tf.cast(1, seed.dtype)]), 4)
        labels = self._labels(count, label, seeds[0])
        videos = self._draw(seeds[1:], count, frames, labels)
        videos = tf.clip_by_value(tf.round((videos + 1.0) * 127.5), 0.0, 255.0)
        return {"videos": tf.cast(videos, tf.uint8)}

    def _checks(self, count, frames, label):
        check, classes = tf.debugging.Assert, self.spec.num_classes
        pixels = math.prod(self.model.frame_shape())
        # In float64, in which huge numbers do not wrap around.
        size = tf.cast(count, tf.float64) * tf.cast(frames, tf.float64) * pixels
        largest = max(0, classes - 1)
        wanted = f"`label` must be -1 or a class from 0 to {largest}. Received:"
        if not classes:
            wanted = "`label` must be -1: this model has no classes. Received:"
        most = f"`count` and `num_frames` must make at most {_MAX_BYTES} bytes."
        return [
            check(count >= 1, ["`count` must be at least 1. Received:", count]),
            check(frames >= 1, ["`num_frames` must be at least 1. Received:", frames]),
            check(size <= _MAX_BYTES, [f"{most} Received:", size]),
            check((label >= -1) & (label < max(classes, 0)), [wanted, label]),
        ]

    def _labels(self, count, label, seed):
        if not self.spec.num_classes:
            return None
        drawn = tf.random.stateless_uniform(
            (count,), seed, 0, self.spec.num_classes, tf.int32
        )
        return tf.where(label >= 0, tf.fill((count,), label), drawn)

    def _code(self, labels):
        """One-hot codes; a class that does not exist is an error."""
        classes = self.spec.num_classes
        wanted = f"`label` must hold classes from 0 to {classes - 1}. Received:"
        fits = tf.reduce_all((labels >= 0) & (labels < classes))
        with tf.control_dependencies([tf.debugging.Assert(fits, [wanted, labels])]):
            return tf.one_hot(labels, classes)

    def _clips(self, codes):
        return self.model.clip_generator()(codes, training=False)["clips"]

    def score(self, videos):
        """Mean scores over all windows of uint8 videos, a dictionary."""
        length, frames = self.spec.clip_frames, tf.shape(videos)[1]
        wanted = f"`videos` must have at least {length} frames. Received:"
        check = tf.debugging.Assert(frames >= length, [wanted, frames])
        with tf.control_dependencies([check]):
            frames = tf.identity(frames)
        videos = tf.cast(videos, tf.float32) / 127.5 - 1.0

        def judge(start):
            window = videos[:, start : start + length]
            window = tf.ensure_shape(window, (None, length, *videos.shape[2:]))
            return self.model(window)

        scores = {"video": tf.float32}
        if self.model.image_discriminator is not None:
            scores["image"] = tf.float32
        if self.spec.num_classes:
            scores["category"] = tf.float32
        found = tf.map_fn(
            lambda start: {name: judge(start)[name] for name in scores},
            tf.range(frames - length + 1),
            fn_output_signature=scores,
        )
        means = {name: tf.reduce_mean(each, 0) for name, each in found.items()}
        if "image" in means:
            means["image"] = self._image_scores(videos)
        return means

    def _image_scores(self, videos):
        judge = self.model.image_discriminator
        frames = with_others(videos, frames_together(judge))
        logits = logits_of(judge(frames, training=False))
        return tf.reduce_mean(tf.reshape(logits, (tf.shape(videos)[0], -1)), -1)


class _ContentMotion(_Exported):
    """MoCoGAN: a motion path, and clips of content and motion."""

    def __init__(self, model):
        super().__init__(model)
        self.default_frames = model.num_frames
        classes = bool(model.num_classes)
        self.class_in_motion = classes and model.category_input == "motion"
        self.class_in_frame = classes and model.category_input == "frame"

    def more(self):
        """The signatures of content and motion, beside those of every system."""
        model, label = self.model, tf.TensorSpec((None,), tf.int32, "label")
        content = tf.TensorSpec((None, model.content_dim), tf.float32, "content")
        motion = tf.TensorSpec((None, None, model.motion_dim), tf.float32, "motion")
        noise = tf.TensorSpec((None, None, model.noise_dim), tf.float32, "noise")
        state = tf.TensorSpec((None, model.motion_dim), tf.float32, "state")
        decode = [content, motion, *[label] * self.class_in_frame]
        path = [noise, state, *[label] * self.class_in_motion]
        found = {
            "decode": (self.decode, decode),
            "motion": (lambda *inputs: {"motion": self.motion(*inputs)}, path),
        }
        if model.image_encoder is not None:
            shape = (None, *model.frame_shape())
            images = tf.TensorSpec(shape, tf.uint8, "images")
            found["encode"] = (self.encode, [images])
        return found

    def encode(self, images):
        images = tf.cast(images, tf.float32) / 127.5 - 1.0
        return {"content": self.model.image_encoder(images, training=False)}

    def motion(self, noise, state, label=None):
        path = {"noise": noise, "state": state}
        if label is not None:
            path["category"] = self._code(label)
        return self.model.motion_generator(path, training=False)

    def decode(self, content, motion, label=None):
        n, frames = tf.shape(motion)[0], tf.shape(motion)[1]
        held = {"content": content}
        if label is not None:
            held["category"] = self._code(label)
        # Every frame is a clip of its own, so slices do not depend on the clips'
        # length.
        codes = {name: tf.repeat(code, frames, axis=0) for name, code in held.items()}
        codes["motion"] = tf.reshape(motion, (-1, 1, motion.shape[-1]))
        frame = self.model.frame_shape()
        clips = _in_slices(self._clips, codes, _SLICE_FRAMES, (1, *frame))
        return {"videos": tf.reshape(clips, (n, frames, *frame))}

    def _draw(self, seeds, count, frames, labels):
        model, normal = self.model, tf.random.stateless_normal
        content = normal((count, model.content_dim), seeds[0])
        noise = normal((count, frames, model.noise_dim), seeds[1])
        state = normal((count, model.motion_dim), seeds[2])
        motion = self.motion(noise, state, labels if self.class_in_motion else None)
        frame_labels = labels if self.class_in_frame else None
        return self.decode(content, motion, frame_labels)["videos"]


class _Latent(_Exported):
    """VGAN and TGAN: clips of one length."""

    def __init__(self, model):
        super().__init__(model)
        self.default_frames = model.clip_frames

    def more(self):
        latent = tf.TensorSpec((None, self.model.latent_dim), tf.float32, "latent")
        label = tf.TensorSpec((None,), tf.int32, "label")
        specs = [latent, label] if self.spec.num_classes else [latent]
        return {"decode": (self.decode, specs)}

    def decode(self, latent, label=None):
        codes = {"latent": latent}
        if label is not None:
            codes["category"] = self._code(label)
        frames = self.spec.clip_frames
        rows = max(1, _SLICE_FRAMES // frames)
        shape = (frames, *self.model.frame_shape())
        return {"videos": _in_slices(self._clips, codes, rows, shape)}

    def _checks(self, count, frames, label):
        only = self.default_frames
        wanted = f"`num_frames` must be {only}: this model makes {only}. Received:"
        fits = tf.debugging.Assert(frames == self.default_frames, [wanted, frames])
        return [*super()._checks(count, frames, label), fits]

    def _draw(self, seeds, count, frames, labels):
        shape = (count, self.model.latent_dim)
        if self.model.latent_distribution == "uniform":
            latent = tf.random.stateless_uniform(shape, seeds[0], -1.0, 1.0)
        else:
            latent = tf.random.stateless_normal(shape, seeds[0])
        return self.decode(latent, labels)["videos"]


def _in_slices(function, codes, size, shape):
    """`function` of slices of the codes' rows, so that memory stays bounded."""

    def of_block(block):
        return _joined(function, block, size, shape)

    # Each slice is copied with all before it in its block, and each block likewise.
    return _joined(of_block, codes, _SLICES_IN_BLOCK * size, shape)


def _joined(function, codes, size, shape):
    """Results of slices, one after the other.

    A `TensorArray` would copy less, but LiteRT has none for results of any size.
    """
    total = tf.shape(next(iter(codes.values())))[0]

    def add(start, made):
        part = function(
            {name: code[start : start + size] for name, code in codes.items()}
        )
        return start + size, tf.concat([made, part], 0)

    first = (tf.constant(0), tf.zeros((0, *shape)))
    _, made = tf.while_loop(
        lambda start, _: start < total,
        add,
        first,
        shape_invariants=(tf.TensorShape(()), tf.TensorShape((None, *shape))),
    )
    return made
