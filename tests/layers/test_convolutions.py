"""Fast convolutions against Keras' plain layers: values and gradients."""

import keras
import numpy as np
import pytest
from gradients import assert_same, drawn, value_and_gradients
from keras import ops

from keras_mocogan import backend
from keras_mocogan.backend import kernels
from keras_mocogan.layers import convolutions
from keras_mocogan.layers.convolution_forms import (
    convolve_by_im2col,
    convolve_by_space_to_depth,
    transpose_by_im2col,
)

# (sizes, window, strides, channels, filters) of what the networks are made of.
CONVOLUTIONS = {
    "video": ((4, 10, 8), (4, 4, 4), (1, 2, 2), 3, 5),
    "short kernel": ((4, 10, 8), (2, 4, 4), (1, 2, 2), 5, 3),
    "frame": ((10, 8), (4, 4), (2, 2), 3, 5),
    "clip": ((6, 8, 8), (4, 4, 4), (2, 2, 2), 2, 3),
    "one frame a time": ((3, 8, 8), (1, 4, 4), (1, 2, 2), 2, 3),
    "remainder": ((5, 9), (4, 4), (2, 2), 2, 3),
}
TRANSPOSED = {
    "frame": ((3, 4), (4, 4), (2, 2), 5, 3),
    "clip": ((2, 3, 3), (4, 4, 4), (2, 2, 2), 4, 2),
    "one frame a time": ((2, 3, 4), (1, 4, 4), (1, 2, 2), 3, 2),
}


@pytest.mark.parametrize("form", [convolve_by_im2col, convolve_by_space_to_depth])
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_forms_are_the_plain_convolution(form, name):
    sizes, window, strides, channels, filters = CONVOLUTIONS[name]
    assert_same(
        lambda x, kernel: form(x, kernel, strides),
        lambda x, kernel: ops.conv(x, kernel, strides),
        drawn(2, *sizes, channels),
        drawn(*window, channels, filters, seed=1),
    )


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_the_backends_convolution_pads(name):
    sizes, window, strides, channels, filters = CONVOLUTIONS[name]
    widths = [(1, 1)] * (len(sizes) - 1) + [(0, 2)]
    assert_same(
        lambda x, kernel: kernels.convolve(x, kernel, strides, widths),
        lambda x, kernel: ops.conv(
            ops.pad(x, [(0, 0), *widths, (0, 0)]), kernel, strides
        ),
        drawn(2, *sizes, channels),
        drawn(*window, channels, filters, seed=1),
    )


@pytest.mark.parametrize("form", [transpose_by_im2col, kernels.convolve_transposed])
@pytest.mark.parametrize("name", TRANSPOSED)
def test_forms_are_the_plain_transposed_convolution(form, name):
    if form is transpose_by_im2col and not kernels.SLOW_STRIDES:
        pytest.skip("a form for XLA; TensorFlow slices no 11 axes")
    sizes, window, strides, channels, filters = TRANSPOSED[name]
    assert_same(
        lambda x, kernel: form(x, kernel, strides),
        lambda x, kernel: ops.conv_transpose(x, kernel, strides, "same"),
        drawn(2, *sizes, channels),
        drawn(*window, filters, channels, seed=1),
    )


@pytest.mark.parametrize("form", [convolve_by_im2col, convolve_by_space_to_depth])
def test_penalties_differentiate_forms_twice(form):
    sizes, window, strides, channels, filters = CONVOLUTIONS["frame"]
    x = ops.convert_to_tensor(drawn(2, *sizes, channels))

    def slope(convolve):
        def of_kernel(kernel):
            def score(x):
                return ops.sum(ops.tanh(convolve(x, kernel, strides)))

            return backend.input_gradients(score, x)

        return of_kernel

    kernel = 2 * drawn(*window, channels, filters, seed=1)
    assert_same(slope(form), slope(ops.conv), kernel)


def test_matrix_product():
    assert_same(kernels.matmul, ops.matmul, drawn(5, 7), drawn(7, 3, seed=1))


def test_entries_are_picked_and_gradients_of_repeated_ones_add_up():
    places = np.array([[4, 4, 0], [1, 2, 1]], "int32")
    rows = ops.convert_to_tensor(np.eye(5, dtype="float32")[places])
    assert_same(
        lambda x: kernels.pick(x, ops.convert_to_tensor(places)),
        lambda x: ops.reshape(
            ops.matmul(rows, ops.reshape(x, (2, 5, -1))), (2, 3, 3, 2)
        ),
        drawn(2, 5, 3, 2),
    )


@pytest.mark.parametrize("transposed", [False, True])
def test_gradients_of_bfloat16_kernels(transposed):
    # 128 channels and filters: where TensorFlow takes the kernel's from patches.
    plain, fast = ops.conv, lambda x, k: kernels.convolve(x, k, (2, 2), [(0, 0)] * 2)
    sizes, strides = (4, 6), {"strides": (2, 2)}
    if transposed:
        plain, sizes = ops.conv_transpose, (2, 2)
        fast = lambda x, k: kernels.convolve_transposed(x, k, (2, 2))  # noqa: E731
        strides["padding"] = "same"

    def in_bfloat16(function):
        def narrow(x, kernel):
            y = function(ops.cast(x, "bfloat16"), ops.cast(kernel, "bfloat16"))
            return ops.cast(y, "float32")

        return narrow

    arrays = drawn(2, *sizes, 128), drawn(4, 4, 128, 128, seed=1)
    got = value_and_gradients(in_bfloat16(fast), *arrays)
    wanted = value_and_gradients(lambda x, k: plain(x, k, **strides), *arrays)
    for one, other in zip(got, wanted, strict=True):
        assert np.linalg.norm(one - other) < 2e-2 * np.linalg.norm(other)


LAYERS = {
    "thin": (convolutions.Conv3D, keras.layers.Conv3D, (4, 8, 8, 3), 5),
    # 2 positions of 16 filters, which becomes one product.
    "few positions": (convolutions.Conv2D, keras.layers.Conv2D, (2, 4, 5), 16),
    "wide": (convolutions.Conv2D, keras.layers.Conv2D, (8, 8, 5), 6),
    "odd": (convolutions.Conv2D, keras.layers.Conv2D, (7, 9, 5), 6),
    "transposed frame": (
        convolutions.Conv2DTranspose,
        keras.layers.Conv2DTranspose,
        (3, 3, 4),
        2,
    ),
    "transposed clip": (
        convolutions.Conv3DTranspose,
        keras.layers.Conv3DTranspose,
        (2, 3, 3, 4),
        2,
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers_are_keras_layers(name):
    fast, plain, shape, filters = LAYERS[name]
    x = drawn(2, *shape)
    layers = [
        layer(filters, 4, strides=2, padding="same", use_bias=True)
        for layer in (fast, plain)
    ]
    for layer in layers:
        layer.build((None, *shape))
    bias = drawn(filters, seed=2)
    weights = [drawn(*layers[1].kernel.shape, seed=1), bias]
    for layer in layers:
        layer.set_weights(weights)
    got, wanted = (ops.convert_to_numpy(layer(x)) for layer in layers)
    assert got.shape == wanted.shape
    assert tuple(layers[0].compute_output_shape((2, *shape))) == wanted.shape
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5)


def test_a_layer_pads_the_frames_and_not_the_time():
    layer = convolutions.Conv3D(3, (2, 4, 4), strides=(1, 2, 2), pad=(0, 1, 1))
    x = drawn(2, 4, 6, 6, 5)
    y = ops.convert_to_numpy(layer(x))
    padded = np.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1), (0, 0)])
    wanted = ops.convert_to_numpy(ops.conv(padded, layer.kernel, (1, 2, 2)))
    assert layer.compute_output_shape(x.shape) == y.shape == (2, 3, 3, 3, 3)
    np.testing.assert_allclose(y, wanted, rtol=1e-5, atol=1e-5)
    twin = convolutions.Conv3D.from_config(layer.get_config())
    assert twin.compute_output_shape(x.shape) == y.shape


def test_small_layers_take_the_other_forms():
    # Else the tests above would compare the plain form with itself.
    choose = convolutions._best_form
    if not kernels.on_cpu():
        pytest.skip("the forms are for CPUs")
    one = choose([4, 4], (4, 4, 9, 16), (2, 2))
    assert one is not convolve_by_im2col  # a product already
    assert choose([6, 4], (4, 4, 9, 16), (2, 2)) is convolve_by_im2col
    assert choose([16, 16], (4, 4, 3, 16), (2, 2)) is convolve_by_space_to_depth
    wide = choose([16, 16], (4, 4, 9, 16), (2, 2))
    assert wide is (convolve_by_space_to_depth if kernels.SLOW_STRIDES else None)


@pytest.mark.once
@pytest.mark.parametrize(
    ("layer", "argument"),
    [
        (convolutions.Conv2D, {"dilation_rate": 2}),
        (convolutions.Conv3D, {"dilation_rate": (1, 1, 2)}),
        (convolutions.Conv2D, {"groups": 2}),
        (convolutions.Conv3D, {"groups": 4}),
        (convolutions.Conv3D, {"data_format": "channels_first"}),
        (convolutions.Conv2DTranspose, {"dilation_rate": 2}),
        (convolutions.Conv3DTranspose, {"output_padding": 1}),
        (convolutions.Conv2DTranspose, {"data_format": "channels_first"}),
    ],
)
def test_arguments_that_would_be_passed_over_are_refused(layer, argument):
    options = {"strides": 2} if "output_padding" in argument else {}
    (name,) = argument
    with pytest.raises(ValueError, match=f"`{name}` .* must be .*keras.layers") as told:
        layer(4, 4, **options, **argument)
    # What it says to pass is taken.
    advice = str(told.value).split("Pass ")[1].split(", or use")[0]
    layer(4, 4, **options, **eval(f"dict({advice})"))
