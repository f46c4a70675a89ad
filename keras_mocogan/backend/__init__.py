"""The only code that differs between Keras' backends: how a loss is differentiated.

Each module offers the same nine things:

- `KeepsState`: base of every `keras.Model` here; its variables keep their values when a
  step raises an exception;
- `TrainStep`, a `KeepsState`: `train_step` and `test_step` with the signature that
  Keras expects on this backend, which call `adversarial_step(data)` and
  `evaluation_step(data)`;
- `value_and_gradients(model, loss_fn, variables, after=None)`: `loss_fn()` returns
  `(loss, metrics)`; gives `((loss, metrics), gradients)` for `variables` alone; with a
  list of tensors for `after` a graph waits for them, and then frees what it took;
- `input_gradients(score_fn, x)`: the gradient of the scalar `score_fn(x)` with respect
  to `x`, which can be differentiated again; `score_fn` changes no variable;
- `fold_in_replica(seed)`: the seed of a draw, a different one on each replica;
- `draw_batch(draw, shape)`: what `draw(shape)` gives, its rows divided among the
  devices and processes like the real clips;
- `mean_over_processes(values)`: the means of a structure of numbers that each process
  has computed from its own part of the batch;
- `largest(number)`: the largest of all processes' integers; `int` waits for it;
- `no_gradient()`: a context in which nothing is recorded for differentiation.
"""

import keras

if keras.config.backend() == "tensorflow":
    from keras_mocogan.backend.tensorflow import (
        KeepsState,
        TrainStep,
        draw_batch,
        fold_in_replica,
        input_gradients,
        largest,
        mean_over_processes,
        no_gradient,
        value_and_gradients,
    )
elif keras.config.backend() == "jax":
    from keras_mocogan.backend.jax import (
        KeepsState,
        TrainStep,
        draw_batch,
        fold_in_replica,
        input_gradients,
        largest,
        mean_over_processes,
        no_gradient,
        value_and_gradients,
    )
elif keras.config.backend() == "torch":
    from keras_mocogan.backend.torch import (
        KeepsState,
        TrainStep,
        draw_batch,
        fold_in_replica,
        input_gradients,
        largest,
        mean_over_processes,
        no_gradient,
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
    "draw_batch",
    "fold_in_replica",
    "input_gradients",
    "largest",
    "mean_over_processes",
    "no_gradient",
    "value_and_gradients",
]
