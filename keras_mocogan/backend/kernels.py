"""The operations that a training step spends its time on, as fast as the backend can.

Each module offers the same things. Results equal those of Keras' operations, apart from
rounding:

- `on_cpu()`: whether the backend computes on a CPU (or, inside
  `device.computed_on("cpu")`, whether the code is written for one);
- `SLOW_STRIDES`: whether gradients of strided convolutions are slow on that CPU;
- `SLOW_DEPTHWISE`: whether a depthwise convolution is slow on that CPU;
- `convolve(x, kernel, strides, pads)`: a convolution, channels last; `pads` are pairs,
  the numbers of zeros before and after each axis that the kernel moves along;
- `convolve_transposed(x, kernel, strides)`: a transposed convolution, to `strides`
  times the size; on each axis the window is the stride, or 4 where the stride is 2;
- `matmul(a, b)`: the product of two matrices;
- `pick(x, index)`: for `x` of `(n, length, ...)` and int32 `(n, count)`, the entries of
  axis 1 at these places, `(n, count, ...)`;
- `batch_norm(x, gamma, beta, epsilon)`: `(y, mean, variance)`, `x` normalized over
  all axes but the last, and its statistics in float32, which have no gradient;
- `has_processes()`: whether several processes share a batch without knowing of each
  other's rows, and if that is true `batch_norm_over_processes(x, gamma, beta,
  epsilon)`: `batch_norm` over the rows of all of them;
- `apply_batch_norm(x, mean, variance, gamma, beta, epsilon)`: the same with known
  statistics;
- `normal(shape, stddev, dtype, seed)`: Gaussian noise, drawn for every value from a
  seed generator;
- `has_fused_adam()`, and if that is true `fused_adam(variables, gradients, means,
  squares, step, rate, beta_1, beta_2, epsilon)`: a step of `keras.optimizers.Adam`.

`is_reference()` says whether they are switched off; see `reference`.
"""

import keras

from keras_mocogan.backend import device
from keras_mocogan.backend.reference import is_reference  # noqa: F401  (for users)

if keras.config.backend() == "tensorflow":
    from keras_mocogan.backend import tensorflow_kernels as _module
elif keras.config.backend() == "jax":
    from keras_mocogan.backend import jax_kernels as _module
else:
    from keras_mocogan.backend import torch_kernels as _module

SLOW_DEPTHWISE = _module.SLOW_DEPTHWISE
SLOW_STRIDES = _module.SLOW_STRIDES
apply_batch_norm = _module.apply_batch_norm
batch_norm = _module.batch_norm
batch_norm_over_processes = _module.batch_norm_over_processes
convolve = _module.convolve
convolve_transposed = _module.convolve_transposed
fused_adam = _module.fused_adam
has_fused_adam = _module.has_fused_adam
has_processes = _module.has_processes
matmul = _module.matmul
normal = _module.normal
pick = _module.pick


def on_cpu():
    """Whether convolutions take the form for a CPU."""
    kind = device.chosen()
    return _module.on_cpu() if kind is None else kind == "cpu"
