"""Differentiation on JAX, where Keras' state travels as values in and out."""

import contextlib

import jax
import keras


class TrainStep:
    """Keras' stateless `train_step` and `test_step` for JAX."""

    def train_step(self, state, data):
        groups = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        )
        return _run_stateless(self.adversarial_step, groups, state, data)

    def test_step(self, state, data):
        groups = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.metrics_variables,
        )
        return _run_stateless(self.evaluation_step, groups, state, data)


def _run_stateless(step, groups, state, data):
    pairs = [
        pair
        for variables, values in zip(groups, state, strict=True)
        for pair in zip(variables, values, strict=True)
    ]
    with keras.StatelessScope(state_mapping=pairs) as scope:
        logs = step(data)
    new_state = tuple([scope.get_current_value(v) for v in group] for group in groups)
    return logs, new_state


def value_and_gradients(model, loss_fn, variables):
    """Returns `((loss, metrics), gradients)`; see `keras_mocogan.backend`."""
    chosen = {id(variable) for variable in variables}
    others = [v for v in model.variables if id(v) not in chosen]
    # Scopes do not nest: the inner one sees only what it is seeded with, and a
    # variable missing there would read a stale value.
    before = [variable.value for variable in others]

    def stateless_loss(weights):
        pairs = [
            *zip(variables, weights, strict=True),
            *zip(others, before, strict=True),
        ]
        with keras.StatelessScope(state_mapping=pairs) as scope:
            loss, metrics = loss_fn()
        return loss, (metrics, [scope.get_current_value(v) for v in others])

    weights = [variable.value for variable in variables]
    gradient_fn = jax.value_and_grad(stateless_loss, has_aux=True)
    (loss, (metrics, after)), gradients = gradient_fn(weights)
    for variable, old, new in zip(others, before, after, strict=True):
        if new is not old:  # batch-norm statistics, seeds
            variable.assign(new)
    return (loss, metrics), gradients


def of_replica(seed):
    """The step runs once for all devices: one seed."""
    return seed


def input_gradients(score_fn, x):
    """Returns the gradient of `score_fn(x)`; see `keras_mocogan.backend`."""
    return jax.grad(score_fn)(x)


# XLA's gradient of a strided convolution on a CPU is 12 times slower than of another.
SLOW_STRIDES = True


def on_cpu():
    """Whether convolutions run on the CPU."""
    return jax.default_backend() == "cpu"


def convolve(x, kernel, strides, widths):
    """A convolution, channels last; `widths` pad with zeros: see the package."""
    if any(map(any, widths)):
        # A tensor as the value: see the notes on a wrong fusion in TensorFlow.
        zero = keras.ops.zeros((), x.dtype)
        x = keras.ops.pad(x, [(0, 0), *widths, (0, 0)], constant_values=zero)
    return keras.ops.conv(x, kernel, strides, data_format="channels_last")


def convolve_transposed(x, kernel, strides):
    """A transposed convolution to `strides` times the size; see the package."""
    return keras.ops.conv_transpose(
        x, kernel, strides, "same", data_format="channels_last"
    )


matmul = keras.ops.matmul


def batch_norm(x, gamma, beta, epsilon):
    """Returns `(y, mean, variance)`; see `keras_mocogan.backend`."""
    axes = tuple(range(x.ndim - 1))
    wide = x.astype("float32")
    mean, variance = wide.mean(axes), wide.var(axes)
    y = apply_batch_norm(x, mean, variance, gamma, beta, epsilon)
    return y, mean, variance


def apply_batch_norm(x, mean, variance, gamma, beta, epsilon):
    """Normalizes by known statistics; see `keras_mocogan.backend`."""
    scale = jax.lax.rsqrt(variance + epsilon) * gamma.value
    y = (x.astype("float32") - mean) * scale + beta.value
    return y.astype(x.dtype)


def has_fused_adam():
    """XLA fuses Keras' own."""
    return False


fused_adam = None


def no_gradient():
    """JAX differentiates functions only: nothing to switch off."""
    return contextlib.nullcontext()
