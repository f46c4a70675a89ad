"""Several optimizers under their phases' names, one optimizer to Keras."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import values

from keras_mocogan.training.optimizer_group import OptimizerGroup, averages


def variables():
    return {name: [keras.Variable(np.ones(2), name=name)] for name in ("one", "two")}


def make_group(weights=None):
    group = OptimizerGroup(
        {
            "one": keras.optimizers.SGD(0.5),
            "two": keras.optimizers.Adam(0.1, beta_1=0.3),
        }
    )
    if weights:
        group.build_phases(weights)
    return group


def test_members_go_by_the_names_of_their_phases():
    group = make_group()
    assert group.phases == ["one", "two"]
    assert isinstance(group["one"], keras.optimizers.SGD)
    assert isinstance(group["two"], keras.optimizers.Adam)
    assert group.optimizers == [group["one"], group["two"]]
    with pytest.raises(KeyError, match=r"'three'.*\['one', 'two'\]"):
        group["three"]


def test_phases_are_applied_apart():
    weights = variables()
    group = make_group(weights)
    gradient = ops.convert_to_tensor(np.array([1.0, -2.0], "float32"))
    group["one"].apply([gradient], weights["one"])
    # SGD: 1 - 0.5 * gradient. The other phase stays.
    np.testing.assert_allclose(values(weights["one"])[0], [0.5, 2.0])
    np.testing.assert_allclose(values(weights["two"])[0], [1.0, 1.0])
    # Adam's first step is the learning rate against the gradient's sign.
    group["two"].apply([gradient], weights["two"])
    np.testing.assert_allclose(values(weights["two"])[0], [0.9, 1.1], rtol=1e-5)
    assert int(values([group["one"].iterations])[0]) == 1


def test_variables_of_all_members_hang_on_the_group():
    group = make_group(variables())
    held = {id(v) for v in group.variables}
    for member in group.optimizers:
        assert {id(v) for v in member.variables} <= held
    assert id(group.iterations) in held


def test_in_the_end_weights_that_learn_are_their_averages():
    weights = [keras.Variable(np.full(n, 1.0), name=f"of_{n}") for n in (2, 3, 3)]
    group = OptimizerGroup({"one": keras.optimizers.SGD(0.5, use_ema=True)})
    group.build_phases({"one": weights})
    for number, (_, average) in enumerate(averages(group["one"])):
        average.assign(average + 10.0 * number + 1.0)
    group.finalize_variable_values(weights[1:2])  # the others are frozen
    got = [value[0] for value in values(weights)]
    assert got == [1.0, 12.0, 1.0]


def test_own_saved_state_is_the_count_of_steps_alone():
    group, twin = make_group(variables()), make_group(variables())
    group.iterations.assign(5)
    store = {}
    group.save_own_variables(store)
    assert list(store) == ["iterations"] and store["iterations"] == 5
    twin.load_own_variables(store)
    assert int(values([twin.iterations])[0]) == 5
    assert int(values([twin["one"].iterations])[0]) == 0


def test_config_round_trip():
    config = keras.saving.serialize_keras_object(make_group())
    twin = keras.saving.deserialize_keras_object(config)
    assert isinstance(twin, OptimizerGroup)
    assert twin.phases == ["one", "two"]
    assert isinstance(twin["one"], keras.optimizers.SGD)
    assert float(values([twin["one"].learning_rate])[0]) == 0.5
    assert twin["two"].beta_1 == 0.3


# PyTorch has classes of its own under the same names, which others cannot train with.
def test_config_names_classes_that_every_backend_has():
    members = make_group().get_config()["members"]
    assert {m["module"] for m in members.values()} == {"keras.optimizers"}
    assert [m["class_name"] for m in members.values()] == ["SGD", "Adam"]


def test_applying_all_at_once_is_refused():
    with pytest.raises(NotImplementedError, match="one phase at a time"):
        make_group(variables()).apply([])


@pytest.mark.once
def test_one_instance_for_two_phases_is_refused():
    sgd = keras.optimizers.SGD()
    said = "Received: the same SGD instance for the phases 'one' and 'two'"
    with pytest.raises(ValueError, match=said):
        OptimizerGroup({"one": sgd, "two": sgd})


def scaled():
    return keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD())


@pytest.mark.once
@pytest.mark.parametrize("member", [make_group, scaled])
def test_wrapped_optimizers_are_refused(member):
    with pytest.raises(ValueError, match="plain .*Received: a .* for the phase 'one'"):
        OptimizerGroup({"one": member(), "two": keras.optimizers.SGD()})


@pytest.mark.once
def test_a_member_with_the_moments_of_other_weights_is_refused():
    group, weights = make_group(), variables()
    group.build_phases(weights)
    again = OptimizerGroup({"one": group["one"], "two": keras.optimizers.SGD()})
    again.build_phases(weights)  # its own once more
    assert again["one"] is group["one"]
    with pytest.raises(ValueError, match="`one_optimizer` must be a new .*: SGD, bu"):
        OptimizerGroup({"one": group["one"]}).build_phases({"one": weights["two"]})
