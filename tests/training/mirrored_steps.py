"""Two steps on two replicas, or on one device, on the same global batch.

    python tests/mirrored_steps.py RESULT.npz REPLICAS

Writes losses, weights before and after, and what two replicas draw from one seed.
"""

import sys
import threading
from contextlib import nullcontext
from pathlib import Path

import tensorflow as tf

REPLICAS = int(sys.argv[2])
CPU = tf.config.list_physical_devices("CPU")[0]
DEVICES = [tf.config.LogicalDeviceConfiguration() for _ in range(REPLICAS)]
tf.config.set_logical_device_configuration(CPU, DEVICES)

import keras  # noqa: E402
import numpy as np  # noqa: E402
from device_steps import (  # noqa: E402
    BATCH,
    STEPS,
    labeled_clips,
    make_model,
    train,
)
from testing import (  # noqa: E402
    TINY,
    both_discriminators,
    tiny_image_gan,
    tiny_tgan,
    tiny_vgan,
    values,
)

import keras_mocogan as km  # noqa: E402
from keras_mocogan.training.rng import StepRandom  # noqa: E402

DRAWS = threading.local()  # replicas are traced in threads, in turns


class Replaying(km.MoCoGAN):
    """Its noise is cut from one array, each replica takes its rows."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.rng = ReplayedRandom(self.seed_generator)

    def adversarial_step(self, data):
        DRAWS.made = 0
        self.rng.step = tf.cast(self.optimizer.iterations.value, tf.int32)
        return super().adversarial_step(data)


class ReplayedRandom(StepRandom):
    def normal(self, shape):
        random = self._random()
        drawn = random.standard_normal((STEPS, BATCH, *shape[1:])).astype("f4")
        return self._rows(tf.constant(drawn)[self.step])

    def uniform(self, shape, low=0.0, high=1.0):
        drawn = self._random().uniform(low, high, (STEPS, BATCH, *shape[1:]))
        return self._rows(tf.constant(drawn.astype("f4"))[self.step])

    def integers(self, shape, end):
        shape = (BATCH, *shape[1:]) if len(shape) else ()
        drawn = self._random().integers(0, end, (STEPS, *shape), "int32")
        drawn = tf.constant(drawn)[self.step]
        return self._rows(drawn) if shape else drawn

    def _random(self):
        DRAWS.made += 1
        return np.random.default_rng([1, DRAWS.made])

    def _rows(self, drawn):
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        rows = BATCH // REPLICAS
        return tf.slice(
            drawn,
            [replica * rows] + [0] * (drawn.ndim - 1),
            [rows] + [-1] * (drawn.ndim - 1),
        )


def own_draws(strategy):
    """What each replica draws without injected noise."""
    with strategy.scope():
        model = km.MoCoGAN(**TINY)

    def draw():
        return model.rng.normal((3, 2))

    drawn = tf.function(lambda: strategy.run(draw))()
    return np.stack([v.numpy() for v in strategy.experimental_local_results(drawn)])


def train_all(strategy, videos):
    """Losses of the models whose discriminators are changed after their steps."""
    with strategy.scope():
        clipped = tiny_tgan()
        clipped.compile(weight_constraint=km.constraints.SingularValueClipping(every=2))
        spectral = tiny_vgan(
            video_discriminator={"normalization": "spectral"}, num_classes=0
        )
        spectral.compile(gradient_penalty=1.0, discriminator_steps=2)
    norms, losses = [], []
    for model in (clipped, spectral):
        history = model.fit(videos, batch_size=BATCH, epochs=2, verbose=0)
        losses.append(history.history["loss"][-1])
    for layer in clipped.video_discriminator.layers:
        if hasattr(layer, "kernel"):
            matrix = values([layer.kernel])[0].reshape(-1, layer.kernel.shape[-1])
            norms.append(np.linalg.norm(matrix, 2))
    return {"losses": losses, "norms": norms}


def move_between_devices(strategy, videos, folder):
    """A run begun on two replicas goes on on one device, and then on two again.

    Each part ends within an epoch of the next. The result tells the steps made, the
    losses that each part's logs count, and whether each part began with all that the
    one before it had.
    """
    found = {"moved/steps": [], "moved/counted": [], "moved/same": []}
    left = None
    for epoch, place in zip(
        (2, 3, 4), (strategy.scope, nullcontext, strategy.scope), strict=True
    ):
        with place():
            if left is None:
                model = tiny_image_gan()
                model.compile()
            else:
                model = keras.models.load_model(km.callbacks.latest_checkpoint(folder))
                found["moved/same"].append(np.array_equal(state(model), left))
        model.fit(
            tf.data.Dataset.from_tensors(videos[:, :1]).repeat(),
            steps_per_epoch=epoch,
            verbose=0,
            callbacks=[km.callbacks.ResumeEpoch(), km.callbacks.Checkpoint(folder)],
        )
        left = state(model)
        found["moved/steps"].append(model.global_step)
        count = keras.ops.convert_to_numpy(model.metrics[0].count)
        found["moved/counted"].append(int(count))
    return found


def state(model):
    """All variables, the state of the logs' means too, one after the other."""
    own = model.variables, model.optimizer.variables, model.metrics_variables
    arrays = [keras.ops.convert_to_numpy(v) for group in own for v in group]
    return np.concatenate([a.astype("float64").ravel() for a in arrays])


def main(path):
    if REPLICAS > 1:
        devices = [f"CPU:{i}" for i in range(REPLICAS)]
        strategy = tf.distribute.MirroredStrategy(devices)
    else:
        strategy = tf.distribute.get_strategy()
    norm = "synchronized_batch"
    norms = both_discriminators(normalization=norm)
    norms["image_generator"] = {"normalization": norm}
    with strategy.scope():
        model = make_model(Replaying, **norms)
    videos, labels = labeled_clips()
    dataset = tf.data.Dataset.from_tensor_slices((videos, labels)).batch(BATCH)
    result = train(model, dataset.repeat(STEPS))
    if REPLICAS > 1:
        result |= train_all(strategy, videos)
        result |= move_between_devices(strategy, videos, Path(path).parent / "moved")
    np.savez(path, draws=own_draws(strategy), **result)


if __name__ == "__main__":
    main(sys.argv[1])
