"""JAX: variables keep their values, whatever ends `fit`, `evaluate` or `predict`."""

import contextlib

import jax
import keras

from keras_mocogan.backend import jax_loop

_GROUPS = (
    "trainable_variables",
    "non_trainable_variables",
    "optimizer_variables",
    "metrics_variables",
)


class KeepsState:
    """Keras' JAX trainer, for models that must survive an error or Ctrl-C.

    While it trains, Keras takes the values out of the variables and donates them to the
    step, which overwrites them (JAX's "donation"). If the first step fails, nothing
    puts them back; if a later one does, they may be gone.

    Here steps are compiled without donation, and values are recorded before they are
    taken. After an exception in Python, `KeyboardInterrupt` included, at any moment and
    on any device, the variables therefore hold what they held after the last step that
    returned (with `steps_per_execution`, the last execution). An error that a device
    reports only after its step has returned cannot be undone. The price: while a step
    ends, the old values and the new ones are both in memory.
    """

    # === Steps without donation ===

    def make_train_function(self, force=False):
        if self.train_function is None or force:
            if self._takes_several_steps():
                count = self.steps_per_execution
                self.train_function = jax_loop.several_steps(self.train_step, count)
            else:
                step = self._compiled(self.train_step, _GROUPS)
                self.train_function = self._make_function(step)

    def make_test_function(self, force=False):
        if self.test_function is None or force:
            groups = [name for name in _GROUPS if name != "optimizer_variables"]
            step = self._compiled(self.test_step, groups)
            self.test_function = self._make_function(step)

    def make_predict_function(self, force=False):
        if self.predict_function is None or force:
            step = self._compiled(self._predict_with_state, _GROUPS[:2])
            self.predict_function = self._make_function(step, concatenate_outputs=True)

    def _takes_several_steps(self):
        compiled = self.jit_compile and not self.run_eagerly
        return compiled and self.steps_per_execution > 1 and jax_loop.pays()

    def _predict_with_state(self, state, data):
        outputs, non_trainable = self.predict_step(state, data)
        return outputs, (state[0], non_trainable)

    def _compiled(self, step, groups):
        if self.run_eagerly or not self.jit_compile:
            return step
        shardings = None
        if keras.distribution.distribution() is not None:
            specs = dict(zip(_GROUPS, self._get_state_sharding_spec(), strict=True))
            shardings = (None, tuple(specs[name] for name in groups))
        return jax.jit(step, out_shardings=shardings)

    # === Values that are put back ===

    def _get_jax_state(self, purge_model_variables=False, **groups):
        state = super()._get_jax_state(**groups)
        self._jax_state = None
        if purge_model_variables:
            # Keras keeps the values here after each step, and puts them back from here.
            taken = [name for name in _GROUPS if groups.get(name)]
            self._jax_state = dict(zip(taken, state, strict=True))
            self._jax_state_synced = False
            self._purge_model_variables(**groups)
        return state

    @contextlib.contextmanager
    def _putting_back(self):
        try:
            yield
        except BaseException:
            self.jax_state_sync()
            self._jax_state = None
            raise

    def fit(self, *args, **kwargs):
        with self._putting_back():
            return super().fit(*args, **kwargs)

    def evaluate(self, *args, **kwargs):
        with self._putting_back():
            return super().evaluate(*args, **kwargs)

    def predict(self, *args, **kwargs):
        with self._putting_back():
            return super().predict(*args, **kwargs)
