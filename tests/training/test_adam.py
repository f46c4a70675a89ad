"""The fused Adam against Keras' own."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_mocogan as km


def train(optimizer):
    """Weights after eight steps with gradients of ever smaller size."""
    random = np.random.default_rng(0)
    weights = [
        keras.Variable(random.standard_normal(s), dtype="float32")
        for s in ((7, 5), (3,))
    ]
    optimizer.build(weights)
    for step in range(8):
        drawn = [10.0**-step * random.standard_normal(w.shape) for w in weights]
        # Laid out the other way round in memory, as those of PyTorch's convolutions.
        gradients = [
            ops.transpose(ops.convert_to_tensor(g.T.copy(), "float32")) for g in drawn
        ]
        optimizer.apply(gradients, weights)
    averages = []
    if optimizer.use_ema:
        averages = optimizer._model_variables_moving_average
    return [np.array(ops.convert_to_numpy(w)) for w in [*weights, *averages]]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"epsilon": 1e-3},
        {"clipnorm": 0.5, "weight_decay": 0.1},
        {"use_ema": True},
        {"amsgrad": True},
        {"learning_rate": keras.optimizers.schedules.CosineDecay(0.02, 9)},
    ],
)
def test_it_is_keras_adam(options):
    options = {"learning_rate": 0.01, "beta_1": 0.5, **options}
    plain, fused = keras.optimizers.Adam(**options), km.Adam(**options)
    wanted, got = train(plain), train(fused)
    assert int(fused.iterations) == 8
    for one, other in zip(got, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-6, atol=2e-6)
    # TensorFlow's operation takes 1 - beta_2 in float32, which is 1.3e-5 off.
    for one, other in zip(fused.variables, plain.variables, strict=True):
        np.testing.assert_allclose(
            ops.convert_to_numpy(one), ops.convert_to_numpy(other), rtol=5e-5, atol=1e-9
        )


def test_it_is_found_in_saved_models():
    config = keras.saving.serialize_keras_object(km.Adam(0.5, beta_1=0.25))
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is km.Adam and again.beta_1 == 0.25
