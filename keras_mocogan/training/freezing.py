"""Frozen networks in training: they stay as they are, and the user is told.

As everywhere in Keras, `network.trainable = False` freezes a network,
`layer.trainable = False` one of its layers, and `model.trainable = False` all networks,
before `compile` or after it. `fit` checks when it begins.
"""

import warnings
from typing import Any

from keras_mocogan.networks.freezing import KeepsFrozen


class FreezableModel(KeepsFrozen):
    """Checks what is frozen whenever Keras asks for the functions that run steps.

    A mix-in for a `keras.Model` with `phases` and an `OptimizerGroup`.
    """

    _learning, _told = None, ()

    def networks(self) -> tuple[Any, ...]:
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
        # A compiled step would go on training what has been frozen meanwhile.
        self.train_function = self.test_function = self.predict_function = None
        if self.compiled:
            self._tell_what_is_frozen()

    def _tell_what_is_frozen(self):
        for phase in self.phases:
            frozen = len(phase.variables) < len(phase.learnable_variables)
            if frozen and self.optimizer[phase.name].ema_overwrite_frequency:
                raise ValueError(
                    "`ema_overwrite_frequency` must be None for an optimizer of frozen "
                    "weights: Keras would overwrite them by averages. Received: "
                    f"{phase.name}_optimizer with ema_overwrite_frequency="
                    f"{self.optimizer[phase.name].ema_overwrite_frequency}. Leave it "
                    "out; `use_ema=True` alone keeps averages beside the weights."
                )
            if phase.variables or phase.name in self._told:
                continue
            self._told = (*self._told, phase.name)
            names = " and ".join(network.name for network in phase.networks)
            warnings.warn(
                f"The phase {phase.name!r} has nothing to learn: all weights of "
                f"{names} are frozen. Its losses are computed, but nothing is updated.",
                stacklevel=2,
            )
