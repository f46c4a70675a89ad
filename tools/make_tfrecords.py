"""Decodes and resizes clips once, and writes TFRecord shards, which are read faster.

    python tools/make_tfrecords.py --source=my_videos --output_dir=my_records \\
        --image_size=64 --workers=2

The same as `keras-mocogan records`.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

from absl import app, flags

from keras_mocogan.cli import records

flags.adopt_module_key_flags(records)

if __name__ == "__main__":
    app.run(records.main)
