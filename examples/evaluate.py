"""Scores a saved model, or a folder of generated videos, against real ones.

    python examples/evaluate.py --model=runs/shapes/model.keras --dataset=shapes \\
        --classifier=classifier.keras
    python examples/evaluate.py --videos=generated --data_dir=clips --i3d=i3d.pt \\
        --protocol=fvd2048 --nocolors

Prints the ACD of a shape's color; with a classifier from tools/train_classifier.py also
MCS, inception score, Fréchet and kernel distances; with I3D's weights the Fréchet video
distance. The scores of real videos are printed beside them. A JSON file keeps the
scores and all settings. The same as `keras-mocogan evaluate`.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

from absl import app, flags

from keras_mocogan.cli import evaluate

flags.adopt_module_key_flags(evaluate)

if __name__ == "__main__":
    app.run(evaluate.main)
