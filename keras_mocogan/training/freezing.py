"""Frozen networks: what would learn if thawed, and what files keep of it.

`network.trainable = False` freezes a network, as in all of Keras, `layer.trainable =
False` a layer of it, and `model.trainable = False` all networks; before `compile` or
after it. `fit` looks when it begins.
"""

import warnings


def learnable_variables(networks):
    """The weights that learn unless they are frozen, frozen or not.

    Args:
        networks: Iterable of `keras.Model`s.

    Returns:
        List of variables, in the order of `trainable_variables`.
    """
    found = []
    for network in networks:
        # A frozen variable says that it is not trainable, as a statistic does; the
        # layer that made them keeps the two apart.
        own = {
            id(variable)
            for layer in network._flatten_layers()
            for variable in layer._trainable_variables
        }
        found += [variable for variable in network.variables if id(variable) in own]
    return found


def _is_frozen(layer):
    return not layer.trainable_variables and bool(learnable_variables([layer]))


class KeepsFrozen:
    """A `keras.Model` whose configuration tells what is frozen.

    A mix-in for one with `networks()`, and with `frozen_config()` in its `get_config`.
    """

    def frozen_config(self):
        """`{"frozen": names}`, of a network or `network/layer`; `{}` where none is."""
        names = []
        for network in self.networks():
            if _is_frozen(network):
                names.append(network.name)
                continue
            layers = [layer.name for layer in network.layers if _is_frozen(layer)]
            names += [f"{network.name}/{name}" for name in layers]
        return {"frozen": names} if names else {}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        names = config.pop("frozen", ())
        model = cls(**config)
        for network in model.networks():
            if network.name in names:
                network.trainable = False
            for layer in network.layers:
                if f"{network.name}/{layer.name}" in names:
                    layer.trainable = False
        if not model.trainable_variables:
            model.trainable = False
        return model


class FreezableModel(KeepsFrozen):
    """Looks at what is frozen whenever Keras wants the functions that run steps.

    A mix-in for a `keras.Model` with `phases` and an `OptimizerGroup`.
    """

    _learning, _told = None, ()

    def networks(self):
        """The networks that generate, then those that discriminate, a tuple."""
        return self.generating_networks() + self.discriminating_networks()

    def make_train_function(self, force=False):
        self._look_at_what_is_frozen()
        return super().make_train_function(force)

    def make_test_function(self, force=False):
        self._look_at_what_is_frozen()
        return super().make_test_function(force)

    def make_predict_function(self, force=False):
        self._look_at_what_is_frozen()
        return super().make_predict_function(force)

    def _look_at_what_is_frozen(self):
        learning = tuple(id(v) for phase in self.phases for v in phase.variables)
        if learning == self._learning:
            return
        self._learning = learning
        # A compiled step would go on training what has been frozen since.
        self.train_function = self.test_function = self.predict_function = None
        if self.compiled:
            self._tell_what_is_frozen()

    def _tell_what_is_frozen(self):
        for phase in self.phases:
            frozen = len(phase.variables) < len(phase.learnable_variables)
            if frozen and self.optimizer[phase.name].ema_overwrite_frequency:
                raise ValueError(
                    "`ema_overwrite_frequency` must be None for an optimizer of frozen "
                    "weights, over which Keras would write averages. Received: "
                    f"{phase.name}_optimizer with ema_overwrite_frequency="
                    f"{self.optimizer[phase.name].ema_overwrite_frequency}. Leave it "
                    "out; `use_ema=True` alone keeps averages beside the weights."
                )
            if phase.variables or phase.name in self._told:
                continue
            self._told = (*self._told, phase.name)
            names = " and ".join(network.name for network in phase.networks)
            warnings.warn(
                f"The phase {phase.name!r} has nothing to learn, since all weights of "
                f"{names} are frozen: its losses are computed, and nothing is updated.",
                stacklevel=2,
            )
