"""R_M: from noise and a class to a path of motion vectors (paper, section 3)."""

import keras
from keras import layers, ops

from keras_mocogan.checks import check_at_least, check_choice
from keras_mocogan.networks.base import Network
from keras_mocogan.networks.layer_factory import LINEAR_GAIN, LayerFactory


@keras.saving.register_keras_serializable(package="keras_mocogan")
class MotionGenerator(Network):
    """R_M: a one-layer GRU that turns noise into a path of motion vectors.

    Its input is a dictionary of float tensors: `"noise"` of shape
    `(batch, frames, noise_dim)`, fresh N(0, I) at every step; `"state"` of shape
    `(batch, motion_dim)`, the GRU's first state, drawn from N(0, I) too; and, when
    there are classes, `"category"` of shape `(batch, num_classes)`, a one-hot code
    that stays the same through the clip (paper, section 3.2). It gives `(batch, frames,
    motion_dim)`, for any number of frames.

    Args:
        motion_dim: Size of a motion vector, d_M.
        noise_dim: Size of a noise vector; `None` means `motion_dim`.
        num_classes: Number of classes, 0 for none.
        cyclic: Whether R_M is made for motions that repeat, as steps and jumps do. The
            GRU's first weights then turn its state round and round (see
            `layers.initializers.Rotating`), and its first state is a dense layer of
            `"state"` and the class. Otherwise a path comes to rest within a few frames
            where noise is small, and the first frame knows little of the class. Not in
            the paper.
        seed: Integer that fixes the initial weights, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.

    Example:

    ```python
    network = km.MotionGenerator(motion_dim=10)
    noise, state = np.random.normal(size=(4, 16, 10)), np.random.normal(size=(4, 10))
    paths = network.predict({"noise": noise, "state": state})  # (4, 16, 10)
    ```
    """

    def __init__(
        self,
        motion_dim: int = 10,
        noise_dim: int | None = None,
        num_classes: int = 0,
        cyclic: bool = False,
        seed: int | None = None,
        dtype: str | keras.DTypePolicy | None = None,
        name: str = "motion_generator",
    ) -> None:
        noise_dim = motion_dim if noise_dim is None else noise_dim
        check_at_least(1, motion_dim=motion_dim, noise_dim=noise_dim)
        check_at_least(0, num_classes=num_classes)
        check_choice("cyclic", cyclic, (False, True))

        make = LayerFactory(seed, dtype)
        gru = layers.GRU(
            motion_dim,
            return_sequences=True,
            # cuDNN's kernel would switch XLA off for the whole model, and an exported
            # model would run on GPUs only.
            use_cudnn=False,
            kernel_initializer=_gru_initializer(make, motion_dim),
            recurrent_initializer=make.rotating_initializer(motion_dim)
            if cyclic
            else _gru_initializer(make, motion_dim),
            bias_initializer=_gru_initializer(make, motion_dim),
            dtype=dtype,
            name="gru",
        )

        inputs = {
            "noise": keras.Input((None, noise_dim), name="noise"),
            "state": keras.Input((motion_dim,), name="state"),
        }
        sequence = inputs["noise"]
        if num_classes:
            inputs["category"] = keras.Input((num_classes,), name="category")
            repeat = _RepeatInTime(dtype=dtype, name="category_path")
            join = layers.Concatenate(dtype=dtype, name="category_and_noise")
            sequence = join([repeat([inputs["category"], sequence]), sequence])
        first = _first_state(make, inputs, motion_dim) if cyclic else inputs["state"]
        path = make.to_float32("motion")(
            gru(sequence, initial_state=first)
        )  # (batch, frames, motion_dim)

        super().__init__(inputs, path)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class _RepeatInTime(layers.Layer):
    """Repeats a `(batch, d)` code for every step of a `(batch, frames, n)` tensor."""

    def call(self, inputs):
        code, sequence = inputs
        return ops.repeat(code[:, None, :], ops.shape(sequence)[1], axis=1)

    def compute_output_shape(self, input_shape):
        code_shape, sequence_shape = input_shape
        return (sequence_shape[0], sequence_shape[1], code_shape[-1])


def _first_state(make, inputs, units):
    """The GRU's first state, in -1..1 like all later ones."""
    start = make.dense(units, "start", use_bias=True, gain=LINEAR_GAIN)
    first = start(inputs["state"])
    if "category" in inputs:
        # Each class starts elsewhere, as far apart as two draws are.
        code = make.dense(units, "start_of_class", gain=LINEAR_GAIN, fan_in=1)
        add = layers.Add(dtype=make.dtype, name="start_and_class")
        first = add([first, code(inputs["category"])])
    return layers.Activation("tanh", dtype=make.dtype, name="first_state")(first)


def _gru_initializer(make, units):
    # PyTorch's rule for recurrent cells: all weights uniform in +-1/sqrt(units).
    return make.initializer(fan_in=units)
