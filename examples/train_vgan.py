"""Trains VGAN on a folder of videos or on synthetic moving shapes.

    python examples/train_vgan.py --dataset=shapes --run_dir=runs/vgan
    python examples/train_vgan.py --data_dir=my_videos --recipe=short

--recipe is "paper" or "short"; any other flag overrides it.
KERAS_BACKEND=tensorflow, jax or torch chooses the backend. The run directory is
described in keras_mocogan/cli/training.py. In Python:

    model = km.VGAN.from_recipe("paper", clip_frames=32)
    model.fit(dataset, epochs=100, callbacks=[km.callbacks.PreviewGrid("previews")])

`keras-mocogan train --system=vgan` is the same with other defaults: it chooses sizes by
the clips, and the recipe by the machine.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

from absl import app, flags

from keras_mocogan.cli import training

for module in (training, *training.MODULES):
    flags.adopt_module_key_flags(module)
FLAGS = flags.FLAGS
# The paper's.
FLAGS.set_default("recipe", "paper")
FLAGS.set_default("clip_frames", 32)
FLAGS.set_default("run_dir", "runs/vgan")
FLAGS.set_default("image_size", 64)
FLAGS.set_default("preview_every", 1)


def main(_):
    training.train("vgan")


if __name__ == "__main__":
    app.run(main)
