"""Which precision is faster here, found by measuring one convolution in both."""

import time

import numpy as np
from keras import ops

from keras_mocogan.backend import kernels

# A middle level of the discriminators: about 20 ms in float32 on one core.
_INPUT, _KERNEL = (8, 34, 34, 64), (3, 3, 64, 128)
_ROUNDS = 5
# The rest of a step gains less than a convolution, or nothing.
_WORTH_IT = 0.9


def faster_policy() -> tuple[str, dict[str, float]]:
    """The faster dtype policy for training on this machine and backend.

    Processors differ. With AMX, or on AMD's since Zen 4, bfloat16 convolutions run at
    twice the rate of float32; on an Intel processor with bf16 instructions but no AMX
    they ran at half of it. So this function measures for about a second: the same
    convolution in both types, in turns, after a first call of each (which JAX
    compiles).

    Returns:
        `(policy, seconds)`: `"mixed_bfloat16"` if it takes at most nine tenths of
        float32's time, otherwise `"float32"`; and the shortest time of a call in each
        type, a dictionary with the keys `"float32"` and `"bfloat16"`.

    Example:

    ```python
    policy, _ = km.precision.faster_policy()
    model = km.MoCoGAN(dtype=policy)
    ```
    """
    random = np.random.default_rng(0)
    drawn = [random.standard_normal(shape, "float32") for shape in (_INPUT, _KERNEL)]
    arguments = {
        dtype: [ops.convert_to_tensor(each, dtype) for each in drawn]
        for dtype in ("float32", "bfloat16")
    }
    times = {dtype: [] for dtype in arguments}
    for _ in range(1 + _ROUNDS):
        for dtype, found in times.items():
            found.append(_seconds(*arguments[dtype]))
    seconds = {dtype: min(found[1:]) for dtype, found in times.items()}
    return _choose(seconds), seconds


def _choose(seconds):
    is_worth_it = seconds["bfloat16"] <= _WORTH_IT * seconds["float32"]
    return "mixed_bfloat16" if is_worth_it else "float32"


def _seconds(x, kernel):
    start = time.perf_counter()
    y = kernels.convolve(x, kernel, (1, 1), [(0, 0), (0, 0)])
    ops.convert_to_numpy(ops.cast(y[0, 0, 0], "float32"))  # waits for the result
    return time.perf_counter() - start
