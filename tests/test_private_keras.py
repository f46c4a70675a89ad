"""What the package takes for granted of Keras that Keras does not promise.

One test for each row of BUILD_NOTES.md's table. If a new Keras breaks one, mend what
the row names before the upper bound in pyproject.toml is raised.
"""

import inspect
import re

import keras
import numpy as np
import pytest
from processes import ROOT

BACKEND = keras.config.backend()
TESTS = re.compile(r"^def (test_\w+)", re.MULTILINE)


def parameters(function):
    return set(inspect.signature(function).parameters)


def network():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="last")])


@pytest.mark.once
def test_the_table_in_the_notes_names_these_tests():
    text = (ROOT / "BUILD_NOTES.md").read_text()
    rows = set(re.findall(r"^\|.*\| `(test_\w+)` \|$", text, re.MULTILINE))
    with open(__file__) as file:
        own = set(TESTS.findall(file.read()))
    assert rows == own - {"test_the_table_in_the_notes_names_these_tests"}


def test_fit_takes_a_data_adapter():
    from keras.src.trainers import data_adapters
    from keras.src.trainers.data_adapters.data_adapter import DataAdapter

    class Adapter(DataAdapter):
        pass

    adapter = Adapter()
    assert data_adapters.get_data_adapter(adapter) is adapter
    offered = "get_numpy_iterator get_jax_iterator get_tf_dataset num_batches "
    offered += "get_torch_dataloader batch_size has_partial_batch partial_batch_size "
    offered += "on_epoch_begin on_epoch_end"
    assert all(hasattr(Adapter, name) for name in offered.split())


def test_batches_of_a_py_dataset_pass_one_method():
    from keras.src.trainers.data_adapters.py_dataset_adapter import PyDatasetAdapter

    class Data(keras.utils.PyDataset):
        def __len__(self):
            return 1

        def __getitem__(self, index):
            return np.zeros((2, 3))

    class Adapter(PyDatasetAdapter):
        def _standardize_batch(self, batch):
            return (batch + 1,)

    adapter = Adapter(Data(), shuffle=False)
    [(batch,)] = list(adapter.get_numpy_iterator())
    assert (np.asarray(batch) == 1).all()
    assert hasattr(adapter, "_output_signature")


def test_fit_tells_evaluate_that_it_has_cached_the_data():
    told = []

    class Model(keras.Sequential):
        def evaluate(self, *args, **kwargs):
            told.append(kwargs.get("_use_cached_eval_dataset"))
            return super().evaluate(*args, **kwargs)

    model = Model([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    data = np.zeros((2, 2)), np.zeros((2, 1))
    model.fit(*data, validation_data=data, verbose=0)
    assert told == [True]


def test_optimizers_step_and_average_by_methods_of_their_own():
    called = []

    class Optimizer(keras.optimizers.Adam):
        def _backend_update_step(self, grads, trainable_variables, learning_rate):
            called.append(len(grads))
            super()._backend_update_step(grads, trainable_variables, learning_rate)

        def _update_model_variables_moving_average(self, trainable_variables):
            called.append("averages")
            super()._update_model_variables_moving_average(trainable_variables)

    variables = [keras.Variable(np.ones(3, "float32")) for _ in range(2)]
    optimizer = Optimizer(use_ema=True)
    optimizer.build(variables)
    optimizer.apply([keras.ops.ones(3), keras.ops.ones(3)], variables)
    assert called == [2, "averages"]
    pairs = zip(optimizer._trainable_variables, variables, strict=True)
    assert all(one is other for one, other in pairs)
    assert len(optimizer._model_variables_moving_average) == 2


def test_adam_keeps_its_moments_in_the_order_of_the_variables():
    variables = [keras.Variable(np.ones(n, "float32")) for n in (2, 3)]
    optimizer = keras.optimizers.Adam()
    optimizer.build(variables)
    assert optimizer._get_variable_index(variables[1]) == 1
    assert [tuple(m.shape) for m in optimizer._momentums] == [(2,), (3,)]
    assert [tuple(m.shape) for m in optimizer._velocities] == [(2,), (3,)]


def test_a_multi_optimizer_keeps_the_map_that_it_is_given():
    members = {}

    def optimizer_of(variable):
        return members[id(variable)]

    group = keras.optimizers.MultiOptimizer(optimizer_of)
    assert group._optimizer_map is optimizer_of


def test_optimizers_of_one_backend_only_lie_in_one_module():
    config = keras.saving.serialize_keras_object(keras.optimizers.Adam())
    module = config["module"]
    assert module == "keras.optimizers" or module.startswith("keras.src.backend.")


def test_layers_inside_of_layers_are_listed():
    model = keras.Sequential([keras.Input((2,)), network()])
    assert "last" in [layer.name for layer in model._flatten_layers()]


def test_a_functional_model_is_walked_by_one_method():
    x = keras.Input((3,))
    y = (1 - x)[:, 1:] * 2
    walked = []

    def call(op, *given, **more):
        walked.append((type(op).__module__, type(op).__name__, given, more))
        return f"value {len(walked)}"

    found = keras.Model(x, y)._run_through_graph(["x"], call_fn=call)
    key = (slice(None), slice(1, None))
    module = "keras.src.ops.numpy"
    assert walked == [
        (module, "Subtract", (1, "x"), {}),
        (module, "GetItem", ("value 1", key), {}),
        (module, "Multiply", ("value 2", 2), {}),
    ]
    assert found == "value 3"
    z = keras.ops.einsum("ni,nj->nij", x, x)
    assert z._keras_history.operation.subscripts == "ni,nj->nij"


@pytest.mark.skipif(BACKEND != "jax", reason="of Keras' trainer for JAX")
def test_the_jax_trainer_keeps_its_state_in_one_attribute():
    trainer = keras.Model
    groups = {
        "trainable_variables",
        "non_trainable_variables",
        "optimizer_variables",
        "metrics_variables",
    }
    assert groups <= parameters(trainer._get_jax_state)
    assert groups <= parameters(trainer._purge_model_variables)
    assert "concatenate_outputs" in parameters(trainer._make_function)
    assert callable(trainer._get_state_sharding_spec)
    source = inspect.getsource(trainer.jax_state_sync)
    assert "_jax_state" in source and "_jax_state_synced" in source


@pytest.mark.skipif(BACKEND != "torch", reason="of Keras' backend for PyTorch")
def test_the_torch_backend_names_its_device():
    from keras.src.backend.torch.core import get_device

    assert get_device() in ("cpu", "cuda", "mps", "xpu")


def test_a_true_value_of_stop_training_ends_an_epoch():
    model = network()
    model.compile(loss="mse")
    steps = []

    class Stop(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            steps.append(batch)
            model.stop_training = "cut"

        def on_epoch_end(self, epoch, logs=None):
            steps.append(model.stop_training)

    data = np.zeros((6, 2)), np.zeros((6, 1))
    model.fit(*data, batch_size=2, verbose=0, callbacks=[Stop()])
    assert steps == [0, "cut"]
