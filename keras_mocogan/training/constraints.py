"""Bounds that a discriminator's weights are brought back to after a step."""

from collections.abc import Iterable, Iterator
from typing import Any

import keras
from keras import ops

from keras_mocogan.checks import check_at_least
from keras_mocogan.layers.spectral_normalization import SpectralNormalization


class WeightConstraint:
    """Brings weights back into bounds, after every `every`-th step of a phase.

    This is not a `keras.constraints.Constraint`, which knows neither the step nor the
    other variables of its layer. A subclass defines `bounded`.

    Args:
        every: How many steps of the discriminator there are from one time to the next.
    """

    def __init__(self, every: int = 1) -> None:
        check_at_least(1, every=every)
        self.every = every

    def bounded(self, network: keras.Model) -> Iterator[tuple[keras.Variable, Any]]:
        """Yields `(variable, its new value)` and changes nothing."""
        raise NotImplementedError

    def apply(self, networks: Iterable[keras.Model], step: Any) -> None:
        """Assigns the new values if it is time.

        Args:
            networks: The networks that have just learned.
            step: Steps that their optimizer has made, an integer tensor.
        """
        pairs = [pair for network in networks for pair in self._due(network, step)]
        for variable, value in pairs:
            variable.assign(value)

    def _due(self, network, step):
        if self.every == 1:
            return [pair for pair in self.bounded(network) if pair[0].trainable]
        # Variables are read and assigned outside the branches: on JAX and TensorFlow a
        # branch must not read or change one.
        variables = network.trainable_variables
        values = ops.cond(
            ops.equal(step % self.every, 0),
            lambda: self._all_values(network),
            lambda: [ops.convert_to_tensor(v.value) for v in variables],
        )
        return list(zip(variables, values, strict=True))

    def _all_values(self, network):
        bounded = {id(variable): value for variable, value in self.bounded(network)}
        return [
            bounded.get(id(v), ops.convert_to_tensor(v.value))
            for v in network.trainable_variables
        ]

    def get_config(self):
        return {"every": self.every}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class WeightClipping(WeightConstraint):
    """Clips every weight to [-limit, limit].

    Arjovsky, Chintala and Bottou, "Wasserstein GAN", ICML 2017, algorithm 1.

    Args:
        limit: c, 0.01 in the paper.
        every: As in `WeightConstraint`.
    """

    def __init__(self, limit: float = 0.01, every: int = 1) -> None:
        super().__init__(every)
        if not limit > 0:
            raise ValueError(f"`limit` must be above 0. Received: limit={limit!r}.")
        self.limit = limit

    def bounded(self, network: keras.Model) -> Iterator[tuple[keras.Variable, Any]]:
        for variable in network.trainable_variables:
            yield variable, ops.clip(variable.value, -self.limit, self.limit)

    def get_config(self):
        return {"limit": self.limit, **super().get_config()}


@keras.saving.register_keras_serializable(package="keras_mocogan")
class SingularValueClipping(WeightConstraint):
    """Clips the singular values of every kernel to at most 1.

    Saito, Matsumoto and Saito, "Temporal Generative Adversarial Nets with Singular
    Value Clipping", ICCV 2017, section 4. A kernel is taken as the matrix from all its
    inputs to its outputs; gamma of a batch normalization is clipped to (0, moving
    standard deviation]. Each layer is then 1-Lipschitz, apart from the overlap of a
    convolution's windows.

    Args:
        every: As in `WeightConstraint`; 5 in the paper.
    """

    def __init__(self, every: int = 5) -> None:
        super().__init__(every)

    def bounded(self, network: keras.Model) -> Iterator[tuple[keras.Variable, Any]]:
        for layer in _layers(network):
            if isinstance(layer, keras.layers.BatchNormalization):
                if not layer.scale:  # there is no gamma
                    continue
                deviation = ops.sqrt(layer.moving_variance + layer.epsilon)
                smallest = keras.config.epsilon()
                yield layer.gamma, ops.clip(layer.gamma.value, smallest, deviation)
            elif hasattr(layer, "kernel"):
                yield layer.kernel, clip_singular_values(layer.kernel.value)


def _layers(network):
    """All layers, those inside of other layers too.

    The exception is a layer in a spectral normalization, which bounds it.
    """
    layers = list(network._flatten_layers())
    bounded = {id(x.layer) for x in layers if isinstance(x, SpectralNormalization)}
    return [layer for layer in layers if id(layer) not in bounded]


def clip_singular_values(kernel: Any) -> Any:
    """The kernel `(..., outputs)`, its singular values as a matrix clipped to 1."""
    matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
    left, values, right = ops.svd(matrix, full_matrices=False)
    clipped = ops.matmul(left * ops.minimum(values, 1.0), right)
    return ops.reshape(clipped, kernel.shape)


_CONSTRAINTS = {
    "weight_clipping": WeightClipping,
    "singular_value_clipping": SingularValueClipping,
}


def get(
    identifier: str | dict[str, Any] | WeightConstraint | None,
) -> WeightConstraint | None:
    """A `WeightConstraint` from an instance, a name or a config; None gives None.

    Raises:
        ValueError: If it is none of these.
    """
    if isinstance(identifier, dict):
        identifier = keras.saving.deserialize_keras_object(identifier)
    if identifier is None or isinstance(identifier, WeightConstraint):
        return identifier
    if isinstance(identifier, str) and identifier in _CONSTRAINTS:
        return _CONSTRAINTS[identifier]()
    raise ValueError(
        f"`weight_constraint` must be one of {', '.join(map(repr, _CONSTRAINTS))}, an "
        "instance of keras_mocogan.constraints.WeightConstraint, or None. Received: "
        f"weight_constraint={identifier!r}."
    )
