"""The networks of each system, by flags: MoCoGAN, VGAN and TGAN."""

from collections.abc import Callable
from typing import Any, NamedTuple

from absl import app, flags

import keras_mocogan as km
from keras_mocogan.cli.settings import judge_options, values

flags.DEFINE_integer("generator_filters", None, "Channels of the last hidden levels.")
flags.DEFINE_enum(
    "generator_normalization",
    None,
    ["batch", "synchronized_batch", "group"],
    "MoCoGAN: for G_I.",
)
flags.DEFINE_integer(
    "num_frames", None, "MoCoGAN: K >= T, frames to generate; default: T."
)
flags.DEFINE_integer("content_dim", None, "MoCoGAN: d_C, size of the content vector.")
flags.DEFINE_integer("motion_dim", None, "Size of a frame's vector; d_M of MoCoGAN.")
flags.DEFINE_integer(
    "noise_dim", None, "MoCoGAN: size of R_M's noise; default: motion_dim."
)
flags.DEFINE_enum(
    "category_input", None, ["motion", "frame"], "MoCoGAN: into R_M or into G_I."
)
flags.DEFINE_enum(
    "content_input",
    None,
    ["concatenation", "modulation", "pixels"],
    "MoCoGAN: into G_I's first layer, to scale and shift its channels, or to color "
    "each pixel.",
)
flags.DEFINE_integer(
    "palette_size", None, "MoCoGAN: colors of a content; not with 'concatenation'."
)
flags.DEFINE_integer(
    "modulation_units",
    None,
    "MoCoGAN: width of G_I's layer for the content; not with 'concatenation'.",
)
flags.DEFINE_bool(
    "frame_level", None, "MoCoGAN: a hidden level of G_I as large as the frame."
)
flags.DEFINE_bool(
    "smooth_start", None, "MoCoGAN: first weights of G_I that draw no checkerboard."
)
flags.DEFINE_bool(
    "cyclic", None, "MoCoGAN: an R_M made for motions that repeat, such as steps."
)
flags.DEFINE_bool(
    "image_encoder", None, "MoCoGAN: contents come from images, for `animate`."
)
flags.DEFINE_bool(
    "image_discriminator", True, "MoCoGAN: without it, the paper's ablation."
)
flags.DEFINE_integer(
    "image_frames", None, "MoCoGAN: frames of each clip that D_I judges."
)
flags.DEFINE_integer(
    "frames_together", None, "MoCoGAN: frames of a clip that D_I judges as one group."
)
flags.DEFINE_enum(
    "frame_fusion",
    None,
    ["early", "late"],
    "MoCoGAN: D_I stacks these frames, or judges each and compares them.",
)
flags.DEFINE_enum(
    "features",
    None,
    ["none", "efficientnet_lite0"],
    "MoCoGAN: of a pretrained network, which D_I judges too.",
)
flags.DEFINE_integer(
    "video_discriminator_levels", None, "MoCoGAN: 3 is the paper's table 6."
)
flags.DEFINE_integer("latent_dim", None, "VGAN, TGAN: size of the clip's vector.")
flags.DEFINE_float("mask_sparsity", None, "VGAN: weight of the mask's mean.")
FLAGS = flags.FLAGS

_NOT_OF_ALL = {
    "generator_normalization": "mocogan",
    "num_frames": "mocogan",
    "content_dim": "mocogan",
    "motion_dim": "mocogan tgan",
    "noise_dim": "mocogan",
    "category_input": "mocogan",
    "content_input": "mocogan",
    "palette_size": "mocogan",
    "modulation_units": "mocogan",
    "frame_level": "mocogan",
    "smooth_start": "mocogan",
    "cyclic": "mocogan",
    "image_encoder": "mocogan",
    "image_discriminator": "mocogan",
    "image_discriminator_rate": "mocogan",
    "image_frames": "mocogan",
    "frames_together": "mocogan",
    "frame_fusion": "mocogan",
    "features": "mocogan",
    "content_weight": "mocogan",
    "mismatch_weight": "mocogan",
    "video_discriminator_levels": "mocogan",
    "latent_dim": "vgan tgan",
    "mask_sparsity": "vgan",
}
# What is of no use without D_I.
_OF_FRAMES = (
    "image_discriminator_rate image_frames frames_together frame_fusion features "
    "content_weight mismatch_weight"
)


class System(NamedTuple):
    """A class of models, and how flags become its constructor's arguments.

    Attributes:
        model_class: Such as `km.MoCoGAN`.
        arguments: Function without arguments that returns the constructor's.
        clip_frames: Usual lengths of its clips, the paper's last.
    """

    model_class: type
    arguments: Callable[[], dict[str, Any]]
    clip_frames: tuple[int, ...]


def get(name):
    """The `System` of a name; refuses flags that are of another one."""
    for flag, systems in _NOT_OF_ALL.items():
        # A file of flags holds --image_discriminator, which is the default.
        is_given = FLAGS[flag].value not in (None, FLAGS[flag].default)
        if is_given and name not in systems.split():
            raise app.UsageError(
                f"--{flag} is of {' and '.join(systems.split())}. Received: it with "
                f"--system={name}. Leave it out."
            )
    judged = values(_OF_FRAMES)
    if judged and not FLAGS.image_discriminator:
        raise app.UsageError(
            f"--{next(iter(judged))} is of D_I. Received: it with "
            "--noimage_discriminator. Leave one of them out."
        )
    return SYSTEMS[name]


def _mocogan():
    levels = FLAGS.video_discriminator_levels
    names = "num_frames content_dim motion_dim noise_dim category_input image_frames"
    motion = values("cyclic")
    return {
        **({"motion_generator": motion} if motion else {}),
        "image_generator": _image_generator(),
        "image_discriminator": FLAGS.image_discriminator and _image_judge(),
        "video_discriminator": judge_options() | ({"levels": levels} if levels else {}),
        **({"image_encoder": _filters()} if FLAGS.image_encoder else {}),
        **values(names),
    }


def _image_judge():
    names = {
        "frames_together": "frames",
        "frame_fusion": "fusion",
        "features": "features",
    }
    given = {names[flag]: value for flag, value in values(" ".join(names)).items()}
    return judge_options() | given


def _image_generator():
    names = {
        "generator_filters": "filters",
        "generator_normalization": "normalization",
        "palette_size": "palette_size",
        "modulation_units": "modulation_units",
        "frame_level": "frame_level",
        "smooth_start": "smooth_start",
    }
    options = {names[k]: value for k, value in values(" ".join(names)).items()}
    if FLAGS.content_input is not None:
        concatenates = FLAGS.content_input == "concatenation"
        options["modulation_dim"] = 0 if concatenates else "content"
        in_pixels = FLAGS.content_input == "pixels"
        options["modulated"] = "pixels" if in_pixels else "levels"
    return options


def _vgan():
    return {
        "foreground_generator": _filters(),
        "background_generator": _filters(),
        "video_discriminator": judge_options(),
        **values("latent_dim mask_sparsity"),
    }


def _tgan():
    return {
        "temporal_generator": _filters(),
        "image_generator": _filters(),
        "video_discriminator": judge_options(),
        **values("latent_dim motion_dim"),
    }


def _filters():
    filters = FLAGS.generator_filters
    return {"filters": filters} if filters else {}


SYSTEMS = {
    "mocogan": System(km.MoCoGAN, _mocogan, tuple(range(4, 17))),
    "tgan": System(km.TGAN, _tgan, (4, 8, 16)),
    "vgan": System(km.VGAN, _vgan, (4, 8, 16, 32)),
}


def check(model, system, checkpoint):
    """Refuses a checkpoint of another system.

    Args:
        model: The model in the checkpoint.
        system: `System` that the flags, or the script, ask for.
        checkpoint: `Path` of the file.
    """
    if type(model) is system.model_class:
        return
    found = type(model).__name__
    raise app.UsageError(
        f"The system must be that of {checkpoint}, a {found}. Received: "
        f"{system.model_class.__name__}. Go on by `keras-mocogan train "
        f"--system={found.lower()}`, or begin another --run_dir."
    )
