"""The four networks alone: shapes, ranges, sizes of the paper, R_M's arithmetic."""

import re

import keras
import numpy as np
import pytest
from keras import ops
from testing import assert_identical, random_clips, to_float, values

import keras_mocogan as km
from keras_mocogan.networks.clip_generators import TGANImageGenerator
from keras_mocogan.utils.image_sizes import sides

SIZES = [32, 64, 96, 128]
NETWORKS = {
    km.MotionGenerator: {"motion_dim": 2, "noise_dim": 3, "num_classes": 2},
    km.ImageGenerator: {"latent_dim": 5, "image_size": 32, "filters": 2},
    km.ImageDiscriminator: {"image_size": 32, "filters": 2, "variant": "full"},
    km.VideoDiscriminator: {
        "image_size": 32,
        "clip_frames": 5,
        "num_classes": 2,
        "filters": 2,
        "levels": 3,
        "instance_noise": 0.1,
    },
}
every_network = pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.__name__)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


def run(network, inputs, training=False):
    outputs = network(inputs, training=training)
    return keras.tree.map_structure(ops.convert_to_numpy, outputs)


def example(network, n=2):
    """Random input of a network, of the shapes that it says it takes."""
    shapes = keras.tree.map_structure(lambda x: x.shape, network.input)
    if not isinstance(shapes, dict):
        return normal(n, *shapes[1:])
    # R_M's number of frames is open.
    return {k: normal(n, *(s or 3 for s in v[1:])) for k, v in shapes.items()}


# === Shapes and ranges ===


@pytest.mark.parametrize(
    "image_size", [32, 96, (48, 32), pytest.param((32, 64), marks=pytest.mark.once)]
)
def test_frames_have_their_size_and_range(image_size):
    network = km.ImageGenerator(5, image_size, filters=2, seed=0)
    kernels = [v for v in network.trainable_variables if v.name == "kernel"]
    for kernel in kernels:
        kernel.assign(10 * kernel.numpy())  # far into tanh's ends
    frames = run(network, normal(2, 5))
    assert frames.shape == (2, *sides(image_size), 3)
    assert frames.dtype == "float32"
    assert abs(frames).max() <= 1
    assert frames.min() < -0.9 and frames.max() > 0.9
    assert (frames[0] != frames[1]).any()


def test_content_scales_and_shifts_every_level():
    network = km.ImageGenerator(5, 32, filters=2, modulation_dim=3, seed=0)
    latent = normal(4, 5)
    hidden = _dense(network, "modulation", latent[:, :3]).clip(0)
    seen = [f"norm_{level}" for level in range(4)]
    wanted = [f"relu_{level}" for level in range(4)]
    outputs = [network.get_layer(name).output for name in seen + wanted]
    values = run(keras.Model(network.input, outputs), latent)
    for level in range(4):
        scale, shift = (
            _dense(network, f"{name}_{level}", hidden)[:, None, None]
            for name in ("scale", "shift")
        )
        modulated = values[level] * (1 + scale) + shift
        np.testing.assert_allclose(values[4 + level], modulated.clip(0), atol=1e-5)
        assert np.ptp(scale, 0).min() > 0.1  # the content matters from the start


def test_a_smooth_start_draws_no_checkerboard():
    """Flat hidden levels give flat frames, apart from their edges."""
    options = {"modulation_dim": 3, "normalization": "group", "seed": 0}
    flat = {}
    for smooth in (False, True):
        network = km.ImageGenerator(5, 32, filters=4, smooth_start=smooth, **options)
        dense = network.get_layer("dense")
        dense.kernel.assign(np.zeros(dense.kernel.shape))
        middle = run(network, normal(1, 5))[0, 15:17, 15:17]
        flat[smooth] = np.ptp(middle, axis=(0, 1)).max() < 1e-5
    assert flat == {False: False, True: True}


def test_a_palette_comes_from_the_content_alone():
    network = km.ImageGenerator(
        5, 32, filters=2, modulation_dim=3, palette_size=2, seed=0
    )
    latent = normal(3, 5)
    latent[:2, :3] = latent[0, :3]  # one content with two motions, and another
    frames = run(network, latent)
    assert not np.allclose(frames[0], frames[1], atol=1e-3)
    hidden = _dense(network, "modulation", latent[:, :3]).clip(0)
    colors = np.tanh(_dense(network, "palette", hidden)).reshape(3, 2, 3)
    for frame, (one, other) in zip(frames, colors, strict=True):
        # Each pixel lies between the content's two colors, on one line.
        share = (frame - one) @ (other - one) / ((other - one) ** 2).sum()
        assert share.min() > 0 and share.max() < 1
        np.testing.assert_allclose(
            frame, one + share[..., None] * (other - one), atol=1e-5
        )


def test_a_level_of_the_frames_size_draws_each_pixel_from_its_neighbors():
    options = {"modulation_dim": 3, "modulation_units": 7, "frame_level": True}
    network = km.ImageGenerator(5, 32, filters=2, seed=0, **options)
    assert network.get_layer("modulation").units == 7
    latent = normal(2, 5)
    hidden = network.get_layer("relu_4").output
    hidden, frames = run(keras.Model(network.input, [hidden, network.output]), latent)
    assert hidden.shape == (2, 32, 32, 2)
    last = network.get_layer("values")
    kernel, bias = (keras.ops.convert_to_numpy(w) for w in (last.kernel, last.bias))
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(hidden, ((0, 0), (1, 1), (1, 1), (0, 0))), (3, 3), axis=(1, 2)
    )
    wanted = np.tanh(np.einsum("nhwcij,ijcd->nhwd", windows, kernel) + bias)
    np.testing.assert_allclose(frames, wanted, atol=1e-5)


def test_options_without_an_effect_or_a_meaning_are_refused():
    with pytest.raises(ValueError, match="give `modulation_dim` too.*_units=7"):
        km.ImageGenerator(5, 32, modulation_units=7)
    for name in "frame_level", "smooth_start":
        with pytest.raises(ValueError, match=f"`{name}` must be .* {name}='False'"):
            km.ImageGenerator(5, 32, **{name: "False"})


def test_modulated_pixels_have_a_level_of_the_frames_size_already():
    options = {"modulation_dim": 3, "modulated": "pixels", "frame_level": True}
    with pytest.raises(ValueError, match="must be False .* Received: frame_level=True"):
        km.ImageGenerator(5, 32, **options)


def test_modulated_pixels_get_their_color_from_features_and_content():
    network = km.ImageGenerator(
        5, 32, filters=3, modulation_dim=3, modulated="pixels", seed=0
    )
    latent = normal(2, 5)
    latent[1, 3:] = latent[0, 3:]  # one motion with two contents
    frames = run(network, latent)
    features = run(
        keras.Model(
            network.input,
            network.get_layer("relu_4").output,
        ),
        latent,
    )
    np.testing.assert_allclose(features[0], features[1], atol=1e-6)
    assert not np.allclose(frames[0], frames[1], atol=1e-2)
    hidden = _dense(network, "modulation", latent[:, :3]).clip(0)
    x = features
    for level in (5, 6):
        scale, shift = (
            _dense(network, f"{name}_{level}", hidden)[:, None, None]
            for name in ("scale", "shift")
        )
        x = (_point(network, f"pixel_{level}", x) * (1 + scale) + shift).clip(0)
    wanted = np.tanh(_point(network, "pixel_values", x))
    np.testing.assert_allclose(frames, wanted, atol=1e-5)


def test_modulated_pixels_take_a_palette():
    options = {"modulation_dim": 3, "modulated": "pixels", "palette_size": 2}
    network = km.ImageGenerator(5, 32, filters=2, seed=0, **options)
    assert network.get_layer("pixel_values").filters == 2
    frames = run(network, normal(2, 5))
    assert abs(frames).max() < 1 and frames.std() > 0.01


def test_modulated_pixels_want_a_content():
    said = "`modulated` must be .* Received: modulated='pixels', modulation_dim=0"
    with pytest.raises(ValueError, match=said):
        km.ImageGenerator(5, 32, modulated="pixels")


@pytest.mark.parametrize("sizes", [(1, 3), (2, 0)])
def test_a_palette_wants_two_colors_and_a_content(sizes):
    palette_size, modulation_dim = sizes
    received = f"palette_size={palette_size}, modulation_dim={modulation_dim}"
    with pytest.raises(ValueError, match=rf"at least 2 .* Received: {received}\.$"):
        km.ImageGenerator(
            5, 32, modulation_dim=modulation_dim, palette_size=palette_size
        )


@pytest.mark.parametrize("network", [km.ImageDiscriminator, km.VideoDiscriminator])
def test_discriminators_without_normalization_tell_gray_from_black(network):
    judge = network(32, filters=2, normalization="none", seed=0)
    biases = [v for v in judge.trainable_variables if v.name == "bias"]
    assert len(biases) == len(judge.trainable_variables) / 2
    for bias in biases:
        bias.assign(normal(*bias.shape))
    black = -np.ones((1, *judge.input_shape[1:]), "float32")
    # Without a bias the logits of half as dark a frame would be half as large.
    half, whole = (
        keras.tree.flatten(run(judge, samples))[-1] for samples in (black / 2, black)
    )
    assert (abs(2 * half - whole) > 0.1).all()


@pytest.mark.parametrize("filters", [2, 3, 16])
def test_groups_are_at_most_eight(filters):
    network = km.ImageGenerator(5, 32, filters=filters, normalization="group")
    groups = [network.get_layer(f"norm_{level}").groups for level in range(4)]
    assert groups[0] == 8 and groups[3] == {2: 2, 3: 1, 16: 8}[filters]


def test_group_normalization_looks_at_one_frame():
    network = km.ImageGenerator(5, 32, filters=2, normalization="group", seed=0)
    latent = normal(3, 5)
    for training in (False, True):
        frames = run(network, latent, training=training)
        alone = run(network, latent[:1], training=training)
        np.testing.assert_allclose(frames[:1], alone, atol=1e-5)


def test_modulating_content_does_not_enter_the_first_layer():
    network = km.ImageGenerator(5, 32, filters=2, modulation_dim=3, seed=0)
    assert network.get_layer("dense").kernel.shape == (2, 2 * 2 * 8 * 2)
    said = "`modulation_dim` must be below latent_dim=5: .* Received: modulation_dim=5"
    with pytest.raises(ValueError, match=said):
        km.ImageGenerator(5, 32, filters=2, modulation_dim=5)


def _point(network, name, x):
    layer = network.get_layer(name)
    kernel, bias = map(ops.convert_to_numpy, (layer.kernel, layer.bias))
    return x @ kernel[0, 0] + bias


def _dense(network, name, inputs):
    kernel, bias = (ops.convert_to_numpy(w) for w in network.get_layer(name).weights)
    return inputs @ kernel + bias


# What is computed agrees with what Keras works out beforehand.
@pytest.mark.parametrize(
    ("image_size", "clip_frames", "levels", "wanted"),
    [
        (32, 4, 3, (2, 1, 2, 2, 1)),
        ((48, 32), 4, 3, (2, 1, 3, 2, 1)),
        # JAX compiles half a minute at what no backend does otherwise.
        pytest.param((32, 96), 4, 4, (2, 1, 1, 3, 1), marks=pytest.mark.once),
        pytest.param(96, 17, 4, (2, 2, 3, 3, 1), marks=pytest.mark.once),
    ],
)
def test_discriminators_judge_patches(image_size, clip_frames, levels, wanted):
    network = km.VideoDiscriminator(
        image_size, 1, clip_frames, num_classes=3, filters=2, levels=levels, seed=0
    )
    scores = run(network, normal(2, clip_frames, *sides(image_size), 1))
    assert scores["logits"].shape == wanted
    assert scores["category_logits"].shape == (2, 3)
    network = km.ImageDiscriminator(image_size, 1, filters=2, seed=0)
    logits = run(network, normal(2, *sides(image_size), 1))
    assert logits.shape == (2, *(side // 16 for side in sides(image_size)), 1)
    for array in (*scores.values(), logits):
        assert array.dtype == "float32"
        assert np.ptp(array) > 0


@pytest.mark.once
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("image_size", [*SIZES, (48, 256), (96, 32)])
def test_shapes_of_image_networks(image_size, channels):
    size = {"image_size": image_size, "channels": channels, "filters": 1}
    frame = (None, *sides(image_size), channels)
    assert km.ImageGenerator(3, **size).output_shape == frame
    patch = km.ImageDiscriminator(**size)
    assert patch.input_shape == frame
    assert patch.output_shape == (None, *(side // 16 for side in frame[1:3]), 1)
    full = km.ImageDiscriminator(**size, variant="full")
    assert full.output_shape == (None, 1, 1, 1)


# Without padding in time, each of levels + 1 convolutions takes away three frames,
# or fewer where the clip is short: then one is left. Five of them leave 16 frames 1
# and 20 frames 5; four leave 4 and 8.
@pytest.mark.once
@pytest.mark.parametrize(
    ("clip_frames", "left_by_five", "left_by_four"),
    [(4, 1, 1), (5, 1, 1), (8, 1, 1), (12, 1, 1), (14, 1, 2), (16, 1, 4), (20, 5, 8)],
)
def test_frames_left_by_the_video_discriminator(
    clip_frames, left_by_five, left_by_four
):
    for levels, left in ((4, left_by_five), (3, left_by_four)):
        network = km.VideoDiscriminator(
            32, clip_frames=clip_frames, filters=1, levels=levels
        )
        assert network.output["logits"].shape[1] == left


# Four levels halve the size four times, and a head of 4x4 pixels, or of what there
# is, looks on: 64 / 16 = 4 leaves 1 place, 96 / 16 = 6 leaves 3.
@pytest.mark.once
@pytest.mark.parametrize(
    ("image_size", "places"),
    [(32, 1), (64, 1), (96, 3), (128, 5), ((96, 128), (3, 5)), ((128, 32), (5, 1))],
)
@pytest.mark.parametrize("num_classes", [0, 6])
def test_places_of_the_video_discriminator(image_size, places, num_classes):
    arguments = {"image_size": image_size, "num_classes": num_classes, "filters": 1}
    wanted = {"logits": (None, 1, *sides(places), 1)}
    if num_classes:
        wanted["category_logits"] = (None, num_classes)
    network = km.VideoDiscriminator(**arguments)
    assert {k: v.shape for k, v in network.output.items()} == wanted
    coarse = (side // 16 for side in sides(image_size))
    table = km.VideoDiscriminator(**arguments, levels=3)
    assert table.output["logits"].shape == (None, 4, *coarse, 1)


# === The paper's sizes, counted by hand ===

# Convolutions have no bias; batch normalization has gamma and beta.
# G_I: 60 * (4 * 4 * 512) + 16 * (512 * 256 + 256 * 128 + 128 * 64 + 64 * 3)
#      + 2 * (512 + 256 + 128 + 64)
# D_I: 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256) + 2 * (128 + 256);
#      full: 16 * (... + 256 * 512 + 512) instead of the head, 2 * 512 more
# D_V: 64 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512 * (1 + classes))
#      + 2 * (128 + 256 + 512)
# R_M: three gates of 10 units with two biases, from 10 of noise (and 6 classes) and
#      10 of state: 3 * 10 * (10 + 10 + 2)
PAPER_SIZES = [
    (km.ImageGenerator, {}, 3_249_024),
    (km.ImageDiscriminator, {}, 663_296),
    (km.ImageDiscriminator, {"variant": "full"}, 2_765_568),
    (km.VideoDiscriminator, {}, 11_056_896),
    (km.VideoDiscriminator, {"num_classes": 6}, 11_253_504),
    (km.VideoDiscriminator, {"levels": 3}, 2_650_880),
    (km.MotionGenerator, {}, 660),
    (km.MotionGenerator, {"num_classes": 6}, 840),
]


@pytest.mark.once
@pytest.mark.parametrize(("network", "arguments", "wanted"), PAPER_SIZES)
def test_trainable_parameters_at_the_papers_size(network, arguments, wanted):
    weights = network(**arguments).trainable_variables
    assert sum(np.prod(w.shape) for w in weights) == wanted


# === R_M ===


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru_by_hand(network, noise, state, code):
    """Cho and others, 2014, the reset gate applied after the recurrent product."""
    kernel, recurrent, biases = (
        v.astype("float64") for v in values(network.trainable_variables)
    )
    path = []
    for step in range(noise.shape[1]):
        given = np.concatenate([code, noise[:, step]], axis=-1) @ kernel + biases[0]
        kept = state @ recurrent + biases[1]
        update_in, reset_in, new_in = np.split(given, 3, axis=-1)
        update_kept, reset_kept, new_kept = np.split(kept, 3, axis=-1)
        update = sigmoid(update_in + update_kept)
        reset = sigmoid(reset_in + reset_kept)
        new = np.tanh(new_in + reset * new_kept)
        state = update * state + (1 - update) * new
        path.append(state)
    return np.stack(path, axis=1)


def test_motion_generator_is_a_gru_over_class_and_noise():
    network = km.MotionGenerator(motion_dim=4, noise_dim=3, num_classes=2)
    for index, variable in enumerate(network.trainable_variables):
        variable.assign(normal(*variable.shape, seed=index))
    noise, state = normal(2, 5, 3, seed=7), normal(2, 4, seed=8)
    code = np.array([[0, 1], [1, 0]], "float32")
    path = run(network, {"noise": noise, "state": state, "category": code})
    assert path.shape == (2, 5, 4)
    np.testing.assert_allclose(
        path, gru_by_hand(network, noise, state, code), atol=1e-5
    )


def test_motion_generator_takes_any_number_of_frames():
    network = km.MotionGenerator(2, seed=0)
    noise, state = normal(3, 9, 2), normal(3, 2)
    long = run(network, {"noise": noise, "state": state})
    short = run(network, {"noise": noise[:, :4], "state": state})
    np.testing.assert_allclose(short, long[:, :4], atol=1e-6)


# === Noise, normalization, precision ===


@pytest.mark.once
@pytest.mark.parametrize("noisy", [False, True])
def test_instance_noise_is_there_in_training_alone(noisy):
    network = km.ImageDiscriminator(
        32, 1, filters=2, instance_noise=0.5 * noisy, seed=0
    )
    frames = normal(2, 32, 32, 1)
    once, again = (run(network, frames, training=True) for _ in range(2))
    assert (once != again).any() == noisy
    once, again = (run(network, frames) for _ in range(2))
    np.testing.assert_array_equal(once, again)


@pytest.mark.once
@pytest.mark.parametrize(
    ("make", "options", "count"),
    [
        (km.ImageDiscriminator, {}, 4),
        (km.VideoDiscriminator, {"levels": 3}, 4),
        # Their heads see the whole frame or clip.
        (km.ImageDiscriminator, {"variant": "full"}, 4),
        (km.VideoDiscriminator, {}, 4),
        (km.ClipDiscriminator, {}, 4),
    ],
)
def test_noise_stands_before_every_convolution_but_a_head_that_sees_all(
    make, options, count
):
    network = make(32, filters=1, instance_noise=0.25, **options)
    layers = [n for n in network.layers if "Noise" in type(n).__name__]
    assert [layer.stddev for layer in layers] == [0.25] * count
    assert len({layer.seed for layer in layers}) == count


@pytest.mark.once
def test_batch_normalization_has_the_published_settings():
    for make in (km.ImageGenerator, km.ImageDiscriminator, km.VideoDiscriminator):
        network = make(image_size=32, filters=1)
        norms = [
            n for n in network.layers if isinstance(n, keras.layers.BatchNormalization)
        ]
        assert norms
        assert {(n.momentum, n.epsilon) for n in norms} == {(0.9, 1e-5)}
        if make is not km.ImageGenerator:  # none after the first convolution
            assert "norm_0" not in {n.name for n in norms}


@pytest.mark.once
@every_network
def test_mixed_precision_computes_in_bfloat16_and_gives_float32(network):
    network = network(**NETWORKS[network], dtype="mixed_bfloat16", seed=0)
    computing = [n for n in network.layers if n.weights]
    assert {n.compute_dtype for n in computing} == {"bfloat16"}
    assert {v.dtype for v in network.trainable_variables} == {"float32"}
    outputs = keras.tree.flatten(run(network, example(network)))
    assert {output.dtype.name for output in outputs} == {"float32"}
    assert all(np.isfinite(output).all() for output in outputs)


# === Configuration ===


@pytest.mark.once
@every_network
def test_config_round_trip(network):
    one = network(**NETWORKS[network], seed=3, name="other_name")
    config = one.get_config()
    assert config["name"] == "other_name"
    assert NETWORKS[network].items() <= config.items()
    twin = network.from_config(config)
    assert twin.get_config() == config
    assert_identical(values(one.weights), values(twin.weights))  # the same seed


@pytest.mark.once
@pytest.mark.parametrize("image_size", [(48, 32), (32, 48)])
@pytest.mark.parametrize(
    "network", [n for n in NETWORKS if "image_size" in NETWORKS[n]]
)
def test_a_pair_comes_back_from_a_file_as_a_tuple(network, image_size, tmp_path):
    one = network(**NETWORKS[network] | {"image_size": list(image_size)})
    assert one.get_config()["image_size"] == image_size
    one.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    assert loaded.get_config() == one.get_config()
    assert type(loaded.get_config()["image_size"]) is tuple
    assert_identical(values(loaded.weights), values(one.weights))


@pytest.mark.once
@every_network
def test_network_saves_and_loads_alone(network, tmp_path):
    one = network(**NETWORKS[network])
    one.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    assert type(loaded) is network
    inputs = example(one)
    outputs = [keras.tree.flatten(run(each, inputs)) for each in (one, loaded)]
    assert_identical(*outputs)


@pytest.mark.once
@every_network
def test_seed_fixes_the_initial_weights(network):
    one, same, other = (network(**NETWORKS[network], seed=s) for s in (1, 1, 2))
    assert_identical(values(one.weights), values(same.weights))
    kernels = [
        [v for v in network.trainable_variables if "kernel" in v.name]
        for network in (one, other)
    ]
    for a, b in zip(*map(values, kernels), strict=True):
        assert (a != b).mean() > 0.99


@pytest.mark.once
@pytest.mark.parametrize(
    ("network", "arguments", "message"),
    [
        (km.ImageGenerator, {"image_size": 33}, "a multiple of 16"),
        (km.ImageGenerator, {"image_size": 16}, "from 32 to 256"),
        (km.ImageDiscriminator, {"image_size": 272}, "from 32 to 256"),
        (km.VideoDiscriminator, {"image_size": 64.0}, "a multiple of 16"),
        (km.ImageGenerator, {"image_size": (32, 40)}, r"of 16 .*\(height, width\)"),
        (km.ImageDiscriminator, {"image_size": (16, 32)}, "from 32 to 256"),
        (km.ClipDiscriminator, {"image_size": (32, 32, 3)}, "or a pair of them"),
        (km.VideoDiscriminator, {"image_size": "64x32"}, "or a pair of them"),
        (km.ImageGenerator, {"channels": 0}, "1 to 4"),
        (km.VideoDiscriminator, {"channels": 5}, "1 to 4"),
        (km.VideoDiscriminator, {"clip_frames": 3}, "at least 4"),
        (km.VideoDiscriminator, {"levels": 5}, "4 .*or 3"),
        (km.VideoDiscriminator, {"num_classes": -1}, "at least 0"),
        (km.VideoDiscriminator, {"instance_noise": -0.1}, "0 .none. or more"),
        (km.ImageDiscriminator, {"instance_noise": -1}, "0 .none. or more"),
        (km.ImageDiscriminator, {"variant": "half"}, "one of 'patch', 'full'"),
        (km.ImageDiscriminator, {"filters": 0}, "at least 1"),
        (km.ImageGenerator, {"latent_dim": 0}, "at least 1"),
        (km.MotionGenerator, {"motion_dim": 0}, "at least 1"),
        (km.MotionGenerator, {"noise_dim": 1.5}, "an integer of at least 1"),
        (km.MotionGenerator, {"seed": -1}, "an integer of at least 0"),
        (km.VideoDiscriminator, {"levels": 4.0}, "4 .* or 3"),
        (km.VideoDiscriminator, {"instance_noise": float("nan")}, "and finite"),
        (km.ImageDiscriminator, {"instance_noise": "0.1"}, "and finite"),
        (TGANImageGenerator, {"clip_frames": 0}, "at least 1"),
    ],
)
def test_sizes_that_do_not_fit(network, arguments, message):
    ((name, value),) = arguments.items()
    said = (
        rf"^`{name}` must be .*{message}.* Received: {name}={re.escape(repr(value))}\.$"
    )
    with pytest.raises(ValueError, match=said):
        network(**arguments)


@pytest.mark.parametrize("network", [km.ImageEncoder, km.ImageDiscriminator])
def test_features_have_one_order_whatever_keras_says_of_images(network):
    arguments = {"image_size": (48, 32), "content_dim": 3, "filters": 2, "seed": 0}
    frames, before = normal(2, 48, 32, 3), keras.config.image_data_format()
    found = []
    try:
        for layout in ("channels_last", "channels_first"):
            keras.config.set_image_data_format(layout)
            scores = run(network(**arguments), frames)
            found.append(scores["content"] if isinstance(scores, dict) else scores)
    finally:
        keras.config.set_image_data_format(before)
    np.testing.assert_allclose(*found, rtol=1e-5)


@pytest.mark.once
@pytest.mark.parametrize("image_size", [48, 256])
def test_odd_multiples_and_the_largest_size_fit(image_size):
    size = {"image_size": image_size, "filters": 1}
    assert km.ImageGenerator(3, **size).output_shape[1] == image_size
    logits = km.VideoDiscriminator(**size).output["logits"]
    assert logits.shape[1:3] == (1, max(1, image_size // 16 - 3))


@pytest.mark.parametrize("normalization", ["batch", "none", "spectral"])
def test_compiled_discriminators_judge_as_eager_ones_do(normalization):
    # TensorFlow's optimizer once made another function of them: see BUILD_NOTES.md.
    clips = to_float(random_clips())
    for network in (
        km.VideoDiscriminator(32, 3, 4, filters=2, normalization=normalization),
        km.ClipDiscriminator(32, 3, 4, filters=2, normalization=normalization),
    ):
        eager = ops.convert_to_numpy(network(clips, training=False)["logits"])
        compiled = network.predict_on_batch(clips)["logits"]
        np.testing.assert_allclose(compiled, eager, rtol=1e-4, atol=1e-6)
