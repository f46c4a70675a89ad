"""Two steps of SGD on one global batch: what tests of several devices share."""

import keras
import numpy as np
from testing import TINY, merged, random_clips, values

import keras_mocogan as km

BATCH, STEPS = 4, 2


def make_model(model_class=km.MoCoGAN, **arguments):
    """A tiny model with SGD, whose kernels let signals through: no update is zero."""
    model = model_class(**merged(TINY, arguments))
    model.compile(
        **{f"{p.name}_optimizer": keras.optimizers.SGD(0.05) for p in model.phases}
    )
    for i, variable in enumerate(model.trainable_variables):
        if variable.name == "kernel":
            drawn = np.random.default_rng([2, i]).standard_normal(variable.shape)
            variable.assign(drawn / np.sqrt(np.prod(variable.shape[:-1])))
    return model


def labeled_clips(n=BATCH, frames=4):
    """Videos and labels."""
    return random_clips(n, frames, seed=3), np.arange(n, dtype="int32") // 2 % 2


def train(model, dataset, **fit_arguments):
    """Trains for `STEPS` steps.

    Returns:
        Dictionary of arrays: `logs/NAME`, `before/PHASE` and `after/PHASE`, the last
        two all weights of a phase in a row.
    """
    result = {f"before/{k}": v for k, v in _phase_weights(model).items()}
    arguments = {"epochs": 1, "steps_per_epoch": STEPS, "verbose": 0}
    history = model.fit(dataset, **arguments, **fit_arguments)
    result |= {f"logs/{k}": v[-1] for k, v in history.history.items()}
    return result | {f"after/{k}": v for k, v in _phase_weights(model).items()}


def _phase_weights(model):
    return {phase.name: _flat(phase.variables) for phase in model.phases}


def _flat(variables):
    return np.concatenate([v.astype("float64").ravel() for v in values(variables)])


def check_logs(one, other):
    """Fails unless losses and accuracies are the same, to 1e-4 of them."""
    names = [name for name in one if name.startswith("logs/")]
    assert len(names) == 9
    for name in names:
        np.testing.assert_allclose(other[name], one[name], rtol=1e-4)


def check_updates(one, other, phase):
    """Fails unless a phase's update is not zero and the same, to 1e-2 of its norm."""
    one, other = (r[f"after/{phase}"] - r[f"before/{phase}"] for r in (one, other))
    assert np.linalg.norm(one) > 1e-2
    assert np.linalg.norm(other - one) < 1e-2 * np.linalg.norm(one)
