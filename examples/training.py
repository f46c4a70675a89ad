"""The run of a training script: its data, its schedule and its files.

The run directory gets `model.keras` (with the generator's averaged weights, for
generate_videos.py), `checkpoints/` (for --resume), `previews/` (GIFs; with MoCoGAN,
each column has one content and each row one motion), `losses.png`, `history.csv`,
`tensorboard/` and `flags.txt`.
"""

from pathlib import Path

import devices
import keras
import resuming
import settings
from absl import app, flags
from settings import values

import keras_mocogan as km

flags.DEFINE_string("run_dir", "runs/mocogan", "Folder for all files of the run.")
flags.DEFINE_string("data_dir", None, "Folder of videos, strips, frames or records.")
flags.DEFINE_enum("dataset", None, ["shapes"], "Synthetic data instead of a folder.")
flags.DEFINE_integer("image_size", 64, "Side of a frame: 32 to 256, a multiple of 16.")
flags.DEFINE_integer("channels", 3, "1 (gray) to 4 (RGB and alpha).")
flags.DEFINE_integer("clip_frames", 16, "T, the frames that D_V judges.")
flags.DEFINE_integer("frame_stride", 1, "Take every n-th frame of the videos.")
flags.DEFINE_integer("num_classes", None, "Number of classes; default: the data's.")
flags.DEFINE_integer("steps_per_epoch", 500, "Steps in a row of the history.", 1)
flags.DEFINE_integer("preview_every", 1, "Epochs between previews.", 1)
flags.DEFINE_integer("seed", 0, "Seed of weights, noise, order of clips and windows.")
flags.adopt_module_key_flags(devices)
flags.adopt_module_key_flags(resuming)
flags.adopt_module_key_flags(settings)
FLAGS = flags.FLAGS

# Arguments that all models take about their clips, besides the classes.
SIZES = "image_size channels clip_frames seed"


def make_dataset(batch_size, first_step):
    source = FLAGS.data_dir
    if (source is None) == (FLAGS.dataset is None):
        raise app.UsageError("Give either --data_dir=FOLDER or --dataset=shapes.")
    if FLAGS.dataset == "shapes":
        size = {"num_frames": FLAGS.clip_frames, "image_size": FLAGS.image_size}
        source = km.data.shape_motion(**size, seed=FLAGS.seed)
    names = "image_size channels clip_frames frame_stride seed"
    labels = None if FLAGS.num_classes == 0 else "folders"
    order = {"repeat": True, "first_step": first_step, "shard": km.processes.shard()}
    return km.data.video_dataset(
        source, labels=labels, batch_size=batch_size, **order, **values(names)
    )


def make_callbacks(run_dir):
    return [
        km.callbacks.ResumeEpoch(),
        km.callbacks.HistoryLogger(run_dir),
        km.callbacks.PreviewGrid(run_dir / "previews", every=FLAGS.preview_every),
        *devices.callbacks_of_first(
            keras.callbacks.TensorBoard(run_dir / "tensorboard")
        ),
        resuming.make_checkpoint(run_dir),
    ]


def train(model_class, **arguments):
    """Trains a model by the flags' recipe, or goes on with the run directory's model.

    Args:
        model_class: A class such as `km.MoCoGAN`.
        **arguments: Arguments of the constructor that override the recipe's.
    """
    recipe = settings.make_recipe(model_class, **values(SIZES), **arguments)
    devices.start(recipe.batch_size)
    run_dir = Path(FLAGS.run_dir)
    checkpoint = resuming.find_checkpoint(run_dir)
    if checkpoint:
        with devices.scope():
            model = keras.models.load_model(checkpoint)
        dataset = make_dataset(recipe.batch_size, first_step=model.global_step)
    else:
        dataset = make_dataset(recipe.batch_size, first_step=0)
        wanted = FLAGS.num_classes
        with devices.scope():
            model = settings.make_model(
                model_class, recipe, dataset.num_classes if wanted is None else wanted
            )
    if km.processes.is_primary():
        resuming.write_flags(run_dir)
    with resuming.told_how(run_dir):
        model.fit(
            dataset,
            steps_per_epoch=FLAGS.steps_per_epoch,
            epochs=-(-recipe.steps // FLAGS.steps_per_epoch),
            initial_epoch=model.global_step // FLAGS.steps_per_epoch,
            shuffle=False,  # the data set does that
            verbose=2 if km.processes.is_primary() else 0,
            callbacks=make_callbacks(run_dir),
        )
    with km.callbacks.ema_weights(model):
        km.callbacks.save_atomically(model, run_dir / "model.keras")
    if km.processes.is_primary():
        print(
            f"Saved {run_dir / 'model.keras'}; previews are in {run_dir / 'previews'}."
        )
