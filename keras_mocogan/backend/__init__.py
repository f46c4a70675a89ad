"""The only code that differs between Keras' backends: how a loss is differentiated.

Each module offers the same seven things:

- `KeepsState`: base of every `keras.Model` here, whose variables an exception in a step
  must not cost their values;
- `TrainStep`, a `KeepsState`: `train_step` and `test_step` in the signature that Keras
  wants there, both calling `adversarial_step(data)` and `evaluation_step(data)`;
- `value_and_gradients(model, loss_fn, variables)`: `loss_fn()` returns
  `(loss, metrics)`; gives `((loss, metrics), gradients)` for `variables` alone;
- `input_gradients(score_fn, x)`: the gradient of the scalar `score_fn(x)`, which
  changes no variable, with respect to `x`; differentiable in turn;
- `fold_in_replica(seed)`: the seed of a draw, another one on each replica;
- `shard_batch(x)`: `x`, whose rows the devices share as they share the real clips;
- `no_gradient()`: a context in which nothing is recorded for differentiation.
"""

import keras

if keras.config.backend() == "tensorflow":
    from keras_mocogan.backend.tensorflow import (
        KeepsState,
        TrainStep,
        fold_in_replica,
        input_gradients,
        no_gradient,
        shard_batch,
        value_and_gradients,
    )
elif keras.config.backend() == "jax":
    from keras_mocogan.backend.jax import (
        KeepsState,
        TrainStep,
        fold_in_replica,
        input_gradients,
        no_gradient,
        shard_batch,
        value_and_gradients,
    )
elif keras.config.backend() == "torch":
    from keras_mocogan.backend.torch import (
        KeepsState,
        TrainStep,
        fold_in_replica,
        input_gradients,
        no_gradient,
        shard_batch,
        value_and_gradients,
    )
else:
    raise ImportError(
        f"keras_mocogan trains on the Keras backends 'tensorflow', 'jax' and 'torch'; "
        f"this process runs '{keras.config.backend()}'. Set the environment variable "
        "KERAS_BACKEND to one of the three before Keras is imported."
    )

__all__ = [
    "KeepsState",
    "TrainStep",
    "input_gradients",
    "no_gradient",
    "fold_in_replica",
    "shard_batch",
    "value_and_gradients",
]
