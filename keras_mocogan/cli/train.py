"""Trains MoCoGAN, VGAN or TGAN on a folder of clips.

    keras-mocogan train --data_dir=my_videos
    keras-mocogan train --data_dir=my_videos --run_dir=runs/mine --hours=8
    keras-mocogan train --run_dir=runs/mine --resume
    keras-mocogan train --data_dir=my_videos --init_from=sprites

The folder may hold video files, strips, folders of numbered frames, or records, either
directly or in class folders. The plan is told first: clips, sizes, and when the
training will end. Previews appear in the run directory within two minutes.
"""

from absl import flags

from keras_mocogan.cli import systems, training

FIRST_FLAGS = (
    "data_dir run_dir hours steps recipe image_size clip_frames frame_stride "
    "batch_size num_classes mixed_precision resume"
)

flags.DEFINE_enum("system", "mocogan", list(systems.SYSTEMS), "What is trained.")
FLAGS = flags.FLAGS


def main(_):
    training.train()
