"""What training scripts share: flags of the data and the schedule, and the run itself.

The run directory gets `model.keras` (with the generator's averaged weights, for
generate_videos.py), `checkpoint.keras` (for --resume), `previews/` (GIFs: a column a
content, a row a motion), `losses.png`, `history.csv`, `tensorboard/` and `flags.txt`.
"""

import sys
from pathlib import Path

import keras
from absl import app, flags

import keras_mocogan as km

flags.DEFINE_string("run_dir", "runs/mocogan", "Folder for all that the run writes.")
flags.DEFINE_bool("resume", False, "Go on from the run directory's checkpoint.")
flags.DEFINE_string("data_dir", None, "Folder of videos, strips, frames or records.")
flags.DEFINE_enum("dataset", None, ["shapes"], "Synthetic data instead of a folder.")
flags.DEFINE_integer("image_size", 64, "Side of a frame, a multiple of 16, 32 to 256.")
flags.DEFINE_integer("channels", 3, "1 (grey) to 4 (RGB and alpha).")
flags.DEFINE_integer("clip_frames", 16, "T, the frames that D_V judges.")
flags.DEFINE_integer("every_nth", 1, "Take every n-th frame of the videos.")
flags.DEFINE_integer("num_classes", None, "Default: as many as the data has.")
flags.DEFINE_integer("batch_size", 16, "Clips in a step (3 in the published code).")
flags.DEFINE_float("generator_rate", 2e-4, "Adam's learning rate for R_M and G_I.")
flags.DEFINE_float("image_discriminator_rate", 2e-4, "Adam's learning rate for D_I.")
flags.DEFINE_float("video_discriminator_rate", 2e-4, "Adam's learning rate for D_V.")
flags.DEFINE_float("final_rate", 1.0, "Cosine decay of all rates to this share.")
flags.DEFINE_float("beta_1", 0.5, "Adam's first momentum.")
flags.DEFINE_float("beta_2", 0.999, "Adam's second momentum.")
flags.DEFINE_float("averaging", 0.99, "Momentum of the generator's weight average.")
flags.DEFINE_integer("steps", 100_000, "Training steps, rounded up to whole epochs.")
flags.DEFINE_integer("steps_per_epoch", 500, "Steps between checkpoints.", 1)
flags.DEFINE_integer("preview_every", 1, "Epochs between previews.", 1)
flags.DEFINE_bool("mixed_precision", False, "Compute in bfloat16.")
flags.DEFINE_integer("seed", 0, "Of weights, noise, order of clips and windows.")
FLAGS = flags.FLAGS


def values(names):
    """The flags of these names, as keyword arguments."""
    return {name: FLAGS[name].value for name in names.split()}


def own_flags():
    """The scripts' flags alone: other modules define some when they are loaded."""
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


def train(make_model):
    """Trains `make_model(num_classes)`, or goes on with the run directory's model."""
    run_dir = Path(FLAGS.run_dir)
    if FLAGS.resume:
        model = keras.models.load_model(run_dir / "checkpoint.keras")
        dataset = make_dataset(first_step=int(model.optimizer.iterations))
    else:
        dataset = make_dataset(first_step=0)
        wanted = FLAGS.num_classes
        model = make_model(dataset.num_classes if wanted is None else wanted)
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
            keras.callbacks.TerminateOnNaN(raise_error=True),
            km.callbacks.Checkpoint(run_dir / "checkpoint.keras"),
        ],
    )
    with km.callbacks.averaged_weights(model):
        km.callbacks.save_atomically(model, run_dir / "model.keras")
    print(f"Saved {run_dir / 'model.keras'}; previews lie in {run_dir / 'previews'}.")
