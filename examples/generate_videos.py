"""Generates videos with a saved model and writes GIF or MP4 files.

    python examples/generate_videos.py --model=runs/shapes/model.keras --count=16
    python examples/generate_videos.py --model=... --fixed_content --label=1 --seed=3
    python examples/generate_videos.py --model=... --num_frames=64 --speed=0.5 --grid

Any backend can use a model that another one trained, and one seed gives one result.
With MoCoGAN you can choose content, motion, length and speed. With VGAN, --parts writes
foreground, mask and background beside each video. In Python it is three lines:

    model = keras.models.load_model("model.keras")
    motion = km.latents.change_speed(model.sample_motion(16, num_frames=64), 0.5)
    km.video.write_gif("videos.gif", model.generate(16, motion=motion))

The same as `keras-mocogan generate`.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

from absl import app, flags

from keras_mocogan.cli import generate

flags.adopt_module_key_flags(generate)

if __name__ == "__main__":
    app.run(generate.main)
