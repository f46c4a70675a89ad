"""Trains the classifier of clips behind MCS, inception score and distances.

    python tools/train_classifier.py --data_dir=clips --output=classifier.keras
    python tools/train_classifier.py --dataset=shapes --image_size=32 --clip_frames=8
    python tools/train_classifier.py --data_dir=actions --group_size=8 --folds=9
    python tools/train_classifier.py --arrays=clips.npz --clip_frames=8

The same as `keras-mocogan classifier`.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

from absl import app, flags

from keras_mocogan.cli import classifier

flags.adopt_module_key_flags(classifier)

if __name__ == "__main__":
    app.run(classifier.main)
