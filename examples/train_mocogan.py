"""Trains MoCoGAN on a folder of videos or on synthetic moving shapes.

    python examples/train_mocogan.py --dataset=shapes --run_dir=runs/shapes
    python examples/train_mocogan.py --data_dir=my_videos --run_dir=runs/mine
    python examples/train_mocogan.py --flagfile=runs/mine/flags.txt --resume

KERAS_BACKEND=tensorflow, jax or torch chooses the backend. The run directory gets
`model.keras` (with the generator's averaged weights, for generate_videos.py),
`checkpoint.keras` (for --resume), `previews/` (GIFs: a column a content, a row a
motion), `losses.png`, `history.csv`, `tensorboard/` and `flags.txt`.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import keras
from absl import app, flags

flags.DEFINE_string("run_dir", "runs/mocogan", "Folder for all that the run writes.")
flags.DEFINE_bool("resume", False, "Go on from the run directory's checkpoint.")
flags.DEFINE_string("data_dir", None, "Folder of videos, strips or frame folders.")
flags.DEFINE_enum("dataset", None, ["shapes"], "Synthetic data instead of a folder.")
flags.DEFINE_integer("image_size", 64, "Side of a frame, a multiple of 16, 32 to 256.")
flags.DEFINE_integer("channels", 3, "1 (grey) to 4 (RGB and alpha).")
flags.DEFINE_integer("clip_frames", 16, "T, the frames that D_V judges.")
flags.DEFINE_integer("num_frames", None, "K >= T, the frames generated; default: T.")
flags.DEFINE_integer("every_nth", 1, "Take every n-th frame of the videos.")
flags.DEFINE_integer("batch_size", 16, "Clips in a step (3 in the published code).")
flags.DEFINE_integer("content_dim", 50, "d_C, size of the content vector.")
flags.DEFINE_integer("motion_dim", 10, "d_M, size of a motion vector.")
flags.DEFINE_integer("noise_dim", None, "Size of R_M's noise; default: motion_dim.")
flags.DEFINE_integer("num_classes", None, "Default: as many as the data has.")
flags.DEFINE_enum("category_input", "motion", ["motion", "frame"], "To R_M or to G_I.")
flags.DEFINE_integer("generator_filters", 64, "Channels of G_I's last hidden level.")
flags.DEFINE_integer("discriminator_filters", 64, "Channels of D_I's, D_V's first.")
flags.DEFINE_bool("image_discriminator", True, "Without: the paper's ablation.")
flags.DEFINE_integer("image_frames", 1, "Frames of each clip that D_I judges.")
flags.DEFINE_integer("video_discriminator_levels", 4, "3 is the paper's table 6.")
flags.DEFINE_float("instance_noise", 0.1, "Noise before the discriminators' layers.")
flags.DEFINE_enum("loss", "non_saturating", km.losses.NAMES, "The adversarial loss.")
flags.DEFINE_float("category_weight", 1.0, "lambda of the InfoGAN term.")
flags.DEFINE_float("generator_rate", 2e-4, "Adam's learning rate for R_M and G_I.")
flags.DEFINE_float("image_discriminator_rate", 2e-4, "Adam's learning rate for D_I.")
flags.DEFINE_float("video_discriminator_rate", 2e-4, "Adam's learning rate for D_V.")
flags.DEFINE_float("final_rate", 1.0, "Cosine decay of all rates to this share.")
flags.DEFINE_float("beta_1", 0.5, "Adam's first momentum.")
flags.DEFINE_float("beta_2", 0.999, "Adam's second momentum.")
flags.DEFINE_float("averaging", 0.99, "Momentum of the generator's weight average.")
flags.DEFINE_integer("steps", 100_000, "Training steps in all.")
flags.DEFINE_integer("steps_per_epoch", 500, "Steps from checkpoint to checkpoint.")
flags.DEFINE_integer("preview_every", 1, "Epochs from preview to preview.")
flags.DEFINE_bool("mixed_precision", False, "Compute in bfloat16.")
flags.DEFINE_integer("seed", 0, "Of weights, noise, order of clips and windows.")
FLAGS = flags.FLAGS


def values(names):
    return {name: FLAGS[name].value for name in names.split()}


def own_flags():
    """This script's flags alone: other modules define some when they are loaded."""
    own = FLAGS.get_key_flags_for_module(sys.argv[0])
    return "\n".join(flag.serialize() for flag in own if flag.value is not None)


def make_dataset(first_step):
    source = FLAGS.data_dir
    if (source is None) == (FLAGS.dataset is None):
        raise app.UsageError("Give either --data_dir=FOLDER or --dataset=shapes.")
    if FLAGS.dataset == "shapes":
        size = {"num_frames": FLAGS.clip_frames, "image_size": FLAGS.image_size}
        source = km.data.shape_motion(**size, seed=FLAGS.seed)
    names = "image_size channels clip_frames every_nth batch_size seed"
    labels = None if FLAGS.num_classes == 0 else "folders"
    order = {"repeat": True, "first_step": first_step}
    return km.data.video_dataset(source, labels=labels, **order, **values(names))


def adam(rate, **averaging):
    if FLAGS.final_rate != 1:
        decay = keras.optimizers.schedules.CosineDecay
        rate = decay(rate, FLAGS.steps, alpha=FLAGS.final_rate)
    return keras.optimizers.Adam(rate, **values("beta_1 beta_2"), **averaging)


def make_model(num_classes):
    model = km.MoCoGAN(
        num_classes=num_classes if FLAGS.num_classes is None else FLAGS.num_classes,
        dtype="mixed_bfloat16" if FLAGS.mixed_precision else "float32",
        **values(
            "image_size channels clip_frames num_frames content_dim motion_dim "
            "noise_dim category_input generator_filters discriminator_filters "
            "image_discriminator image_frames video_discriminator_levels "
            "instance_noise seed"
        ),
    )
    image_rate = FLAGS.image_discriminator_rate
    model.compile(
        adam(FLAGS.generator_rate, use_ema=True, ema_momentum=FLAGS.averaging),
        adam(image_rate) if FLAGS.image_discriminator else None,
        adam(FLAGS.video_discriminator_rate),
        **values("loss category_weight"),
    )
    return model


def main(_):
    run_dir = Path(FLAGS.run_dir)
    if FLAGS.resume:
        model = keras.models.load_model(run_dir / "checkpoint.keras")
        dataset = make_dataset(first_step=int(model.optimizer.iterations))
    else:
        dataset = make_dataset(first_step=0)
        model = make_model(dataset.num_classes)
        run_dir.mkdir(parents=True, exist_ok=True)
        (run_dir / "flags.txt").write_text(own_flags())
    model.fit(
        dataset,
        steps_per_epoch=FLAGS.steps_per_epoch,
        epochs=-(-FLAGS.steps // FLAGS.steps_per_epoch),
        initial_epoch=int(model.optimizer.iterations) // FLAGS.steps_per_epoch,
        shuffle=False,  # the data set does it
        verbose=2,
        callbacks=[
            km.callbacks.LossCurves(run_dir),
            km.callbacks.PreviewGrid(run_dir / "previews", every=FLAGS.preview_every),
            keras.callbacks.TensorBoard(run_dir / "tensorboard"),
            keras.callbacks.TerminateOnNaN(),
            km.callbacks.Checkpoint(run_dir / "checkpoint.keras"),
        ],
    )
    with km.callbacks.averaged_weights(model):
        km.callbacks.save_atomically(model, run_dir / "model.keras")
    print(f"Saved {run_dir / 'model.keras'}; previews lie in {run_dir / 'previews'}.")


if __name__ == "__main__":
    app.run(main)
