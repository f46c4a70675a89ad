"""An R_M for motions that repeat: how it starts, and that it does not come to rest."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mocogan as km
from keras_mocogan.layers.initializers import HostUniform, Rotating


def convert(x):
    return np.array(ops.convert_to_numpy(x), dtype="float64")


def paths(network, frames, noise=0.0, seed=1):
    """Paths of 8 clips without classes."""
    random = np.random.default_rng(seed)
    inputs = {
        "noise": noise * random.normal(size=(8, frames, 2)),
        "state": random.normal(size=(8, 6)),
    }
    inputs = {name: ops.convert_to_tensor(x, "float32") for name, x in inputs.items()}
    return convert(network(inputs))


@pytest.mark.once
@pytest.mark.parametrize("units", [5, 6])
def test_first_weights_turn_pairs_of_entries(units):
    kernel = convert(Rotating(fan_in=units, seed=3)((units, 3 * units)))
    plain = convert(HostUniform(fan_in=units, seed=3)((units, 3 * units)))
    np.testing.assert_allclose(kernel[:, : 2 * units], plain[:, : 2 * units])
    candidate, pairs = kernel[:, 2 * units :], units // 2
    for pair, degrees in enumerate(np.linspace(20, 90, pairs)):
        state = np.zeros(units)
        state[2 * pair] = 1  # along the first axis
        turned = state @ candidate
        found = turned[2 * pair] + 1j * turned[2 * pair + 1]
        assert abs(found) == pytest.approx(4)
        assert abs(np.degrees(np.angle(found))) == pytest.approx(degrees, abs=1e-3)
        assert np.count_nonzero(turned) <= 2
    if units % 2:
        np.testing.assert_allclose(candidate[-1], [*[0] * (units - 1), plain[-1, -1]])


def test_a_path_goes_on_without_noise():
    late = {}
    for cyclic in (False, True):
        network = km.MotionGenerator(6, noise_dim=2, cyclic=cyclic, seed=0)
        steps = np.diff(paths(network, 64), axis=1)[:, -8:]
        late[cyclic] = np.linalg.norm(steps, axis=-1).mean()
    assert late[False] < 1e-3 and late[True] > 0.3


def test_the_first_state_is_of_the_drawn_one_and_the_class():
    network = km.MotionGenerator(4, num_classes=3, cyclic=True, seed=0)
    random = np.random.default_rng(2)
    state, code = random.normal(size=(3, 4)), np.eye(3)
    inputs = {"noise": np.zeros((3, 1, 4)), "state": state, "category": code}
    inputs = {name: ops.convert_to_tensor(x, "float32") for name, x in inputs.items()}
    layer = network.get_layer
    layer("start").bias.assign(np.arange(4) / 10)
    first = keras.Model(network.input, layer("first_state").output)(inputs)
    kernel, of_class = convert(layer("start").kernel), layer("start_of_class").kernel
    wanted = np.tanh(state @ kernel + np.arange(4) / 10 + convert(of_class))
    np.testing.assert_allclose(convert(first), wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.once
def test_classes_are_made_anew_in_its_start_too():
    options = {"clip_frames": 4, "image_generator": {"filters": 2}, "seed": 0}
    options |= {"motion_generator": {"cyclic": True}}
    source = km.MoCoGAN(32, num_classes=2, **options)
    model, told = km.fine_tune(source, num_classes=3)
    kernels = [
        [convert(m.motion_generator.get_layer(n).kernel) for m in (source, model)]
        for n in ("start", "start_of_class")
    ]
    np.testing.assert_array_equal(*kernels[0])
    assert [k.shape[0] for k in kernels[1]] == [2, 3]
    assert "start_of_class/kernel" in str(told)


@pytest.mark.once
def test_an_option_that_is_none_is_refused():
    with pytest.raises(ValueError, match="`cyclic` must be"):
        km.MotionGenerator(cyclic="yes")
