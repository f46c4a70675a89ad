"""Several optimizers, named after their phases, that act as one for Keras."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras


class _OptimizerOfVariable:
    """Maps each variable to its phase's optimizer, as `MultiOptimizer` requires."""

    def __init__(self, members):
        self._members = members
        self._phase_of = {}

    def assign_phases(self, phase_variables):
        for phase, variables in phase_variables.items():
            for variable in variables:
                self._phase_of[id(variable)] = phase

    def values(self):
        return list(self._members.values())

    def __call__(self, variable):
        return self._members[self._phase_of[id(variable)]]


@keras.saving.register_keras_serializable(package="keras_mocogan")
class OptimizerGroup(keras.optimizers.MultiOptimizer):
    """The optimizers of an adversarial model, one for each phase.

    Keras passes, saves and restores only the variables of `model.optimizer`, so
    everything that trains has to belong to that one object. Members are applied phase
    by phase: `group["generator"].apply(gradients, variables)`. `group.iterations`
    counts whole steps.

    Args:
        members: Dictionary from phase name to Keras optimizer (instance, name or
            config).
        name: Name of the group.

    Raises:
        ValueError: If two phases share an optimizer instance, or if a member is itself
            a group or has a loss scale.
    """

    def __init__(
        self,
        members: Mapping[str, keras.optimizers.Optimizer | str | dict[str, Any]],
        name: str = "optimizer_group",
    ) -> None:
        members = {
            phase: keras.optimizers.get(optimizer)
            for phase, optimizer in members.items()
        }
        _check_members(members)
        super().__init__(_OptimizerOfVariable(members), name=name)
        self._phase_names = list(members)

    @property
    def phases(self) -> list[str]:
        """Names of the phases, in the order of the members."""
        return list(self._phase_names)

    def __getitem__(self, phase: str) -> keras.optimizers.Optimizer:
        if phase not in self._phase_names:
            raise KeyError(
                f"No optimizer for phase {phase!r}; the phases are {self._phase_names}."
            )
        return self.optimizers[self._phase_names.index(phase)]

    def build_phases(
        self, phase_variables: Mapping[str, Sequence[keras.Variable]]
    ) -> None:
        """Builds every member on its own variables.

        Args:
            phase_variables: Dictionary from phase name to that phase's variables.

        Raises:
            ValueError: If a member was built on other variables.
        """
        for phase, variables in phase_variables.items():
            _check_unused(phase, self[phase], variables)
        self._optimizer_map.assign_phases(phase_variables)
        self.build([v for variables in phase_variables.values() for v in variables])
        for member in self.optimizers:
            # Keras' averages are zero until the first step, and give gray videos.
            for weight, average in averages(member):
                average.assign(keras.ops.convert_to_numpy(weight))

    def apply(self, grads, trainable_variables=None):
        raise NotImplementedError(
            "An OptimizerGroup is applied one phase at a time: "
            "`group[phase].apply(gradients, variables)`."
        )

    def finalize_variable_values(self, var_list):
        """Overwrites weights by their averages, which `fit` does at its end.

        Args:
            var_list: The weights that learn; frozen ones stay as they are.
        """
        # Keras pairs them by position: without the frozen weights, a weight would get
        # another one's average.
        learning = {id(variable) for variable in var_list}
        for member in self.optimizers:
            for weight, average in averages(member):
                if id(weight) in learning:
                    # A separate array: see `ema_weights`.
                    weight.assign(keras.ops.convert_to_numpy(average))

    def get_config(self):
        members = {phase: _serialize(self[phase]) for phase in self._phase_names}
        return {"members": members, "name": self.name}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        members = {
            phase: keras.saving.deserialize_keras_object(
                member, custom_objects=custom_objects
            )
            for phase, member in config["members"].items()
        }
        return cls(members, name=config["name"])

    # The members are saved as separate objects: if they were written here too, the file
    # would hold their moments twice.

    def save_own_variables(self, store):
        store["iterations"] = keras.ops.convert_to_numpy(self.iterations)

    def load_own_variables(self, store):
        self.iterations.assign(store["iterations"])


def averages(optimizer: keras.optimizers.Optimizer) -> list[tuple[Any, Any]]:
    """Pairs of a weight and its average; none without `use_ema=True`."""
    if not (optimizer.use_ema and optimizer.built):
        return []
    found = optimizer._model_variables_moving_average
    return list(zip(optimizer._trainable_variables, found, strict=True))


def _serialize(optimizer):
    config = keras.saving.serialize_keras_object(optimizer)
    # On PyTorch Keras makes `Adam(...)` an instance of a class for PyTorch only. A
    # model from a file that named it could not train on another backend.
    if config["module"].startswith("keras.src.backend."):
        config |= {"module": "keras.optimizers", "registered_name": None}
    return config


def _check_unused(phase, optimizer, variables):
    """The moments of a built optimizer must be those of the phase's variables."""
    if not optimizer.built:
        return
    built_on = [id(variable) for variable in optimizer._trainable_variables]
    if built_on != [id(variable) for variable in variables]:
        raise ValueError(
            f"`{phase}_optimizer` must be a new optimizer, or this model's own. "
            f"Received: {type(optimizer).__name__}, built on other weights, whose "
            "moments it has. Make another instance for this model."
        )


def _check_members(members):
    owner = {}
    for phase, optimizer in members.items():
        if id(optimizer) in owner:
            raise ValueError(
                "Each phase must have an optimizer of its own, to keep its moments. "
                f"Received: the same {type(optimizer).__name__} instance for the "
                f"phases {owner[id(optimizer)]!r} and {phase!r}. Give each a separate "
                "optimizer instance."
            )
        owner[id(optimizer)] = phase
        if isinstance(
            optimizer,
            keras.optimizers.MultiOptimizer | keras.optimizers.LossScaleOptimizer,
        ):
            raise ValueError(
                "Each phase must have a plain Keras optimizer, such as Adam. Received: "
                f"a {type(optimizer).__name__} for the phase {phase!r}."
            )
