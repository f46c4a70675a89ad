"""How fast an average of weights forgets."""

from typing import Any

from keras import ops

# The half-life is at most this share of the steps so far: an average that remembers the
# whole training would begin with the initial weights and keep them for a long time.
_RAMP = 0.05


def momentum(step: Any, half_life: float) -> Any:
    """The part of an average that is kept in a step; half is left after a half-life.

    Karras and others, "Analyzing and Improving the Image Quality of StyleGAN", CVPR
    2020, with the ramp of its code: in the first step nothing is kept.

    Args:
        step: Steps made before this one, an integer tensor.
        half_life: Steps.

    Returns:
        float32 scalar in [0, 1).
    """
    half_life = ops.minimum(_RAMP * ops.cast(step, "float32"), half_life)
    return ops.power(0.5, 1.0 / ops.maximum(half_life, 1e-8))
