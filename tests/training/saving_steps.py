"""Saves a trained model on one backend, or loads and trains on what others saved.

    KERAS_BACKEND=jax python tests/saving_steps.py save FOLDER/jax
    KERAS_BACKEND=torch python tests/saving_steps.py load RESULT FOLDER/jax ...

`save` writes FOLDER/jax.keras and what is known of it to FOLDER/jax.npz; `load`
writes the same of each file that it loaded, from before and after one more epoch,
to RESULT.jax.npz.
"""

import sys
from pathlib import Path

import keras
import numpy as np
from testing import (
    BATCH,
    EAGER,
    PHASES,
    enliven,
    labels_for,
    random_clips,
    tiny_model,
    values,
)

from keras_mocogan.sampling import latents


def train(model):
    videos = random_clips(2 * BATCH)
    requested, model.run_eagerly = model.run_eagerly, EAGER
    history = model.fit(
        videos, labels_for(videos), batch_size=BATCH, shuffle=False, verbose=0
    )
    model.run_eagerly = requested
    return history


def flat(variables):
    return np.concatenate([a.astype("float64").ravel() for a in values(variables)])


def describe(model):
    content = latents.sample_content(2, model.content_dim, seed=5)
    motion = model.sample_motion(2, seed=6)
    known = {
        "generate": model.generate(2, num_frames=6, seed=3),
        "decode": model.decode(content, motion),
        "weights": flat(model.weights),
        "noise_state": flat([model.seed_generator.state]),
        "means": flat(model.metrics_variables),
        "steps": int(flat([model.optimizer.iterations])[0]),
        "requested_jit_compile": str(model._requested_jit_compile),
        "jit_compile": bool(model.jit_compile),
    }
    for phase in PHASES:
        optimizer = model.optimizer[phase]
        known[f"optimizer/{phase}"] = flat(optimizer.variables)
        known[f"config/{phase}"] = str(sorted(optimizer.get_config().items()))
    return known


def save(path):
    model = tiny_model()
    enliven(model)
    # Rates unlike each other, so that mixing them up shows; all else as most tests
    # have it, so that JAX has it compiled.
    rates = {
        "generator": 1e-3,
        "image_discriminator": 2e-3,
        "video_discriminator": 3e-3,
    }
    model.compile()
    for phase, rate in rates.items():
        model.optimizer[phase].learning_rate = rate
    train(model)
    model.save(f"{path}.keras")
    np.savez(f"{path}.npz", **describe(model))


def load(result, path):
    model = keras.models.load_model(f"{path}.keras")
    known = describe(model)
    known["losses"] = np.array(train(model).history["loss"])
    known["weights_after"] = flat(model.weights)
    counts = [model.optimizer[phase].iterations for phase in PHASES]
    known["steps_after"] = flat([model.optimizer.iterations, *counts])
    np.savez(f"{result}.{Path(path).name}.npz", **known)


def main(command, path, *saved):
    if command == "save":
        save(path)
    for each in saved:
        load(path, each)


if __name__ == "__main__":
    main(*sys.argv[1:])
