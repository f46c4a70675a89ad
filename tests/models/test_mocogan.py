"""The adversarial step through `fit` and `evaluate`: what moves and what does not."""

import contextlib
import importlib.util

import keras
import numpy as np
import pytest
from keras import ops
from testing import (
    BATCH,
    EAGER,
    LOG_KEYS,
    PHASES,
    assert_identical,
    both_discriminators,
    labels_for,
    phase_weights,
    random_clips,
    snapshot,
    tiny_model,
    to_float,
    values,
)

from keras_mocogan import backend
from keras_mocogan.training import losses
from keras_mocogan.training.step_clips import RealFakeBatch

slow_to_compile = pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="JAX compiles this for a minute"
)

VIDEOS = random_clips(2 * BATCH)
LABELS = labels_for(VIDEOS)


@pytest.fixture(scope="module")
def model():
    """One compiled model for all tests that only look at what a fit changes."""
    model = tiny_model()
    model.compile()
    return model


@pytest.fixture(scope="module")
def quick_model():
    """The same for other data, for each kind of which TensorFlow traces a new graph."""
    model = tiny_model()
    model.compile(run_eagerly=EAGER)
    return model


@contextlib.contextmanager
def only(model, phase, rate):
    """Only one phase learns, at that rate."""
    rates = [model.optimizer[name].learning_rate for name in PHASES]
    before = values(rates)
    for variable, name in zip(rates, PHASES, strict=True):
        variable.assign(rate if name == phase else 0.0)
    yield
    for variable, value in zip(rates, before, strict=True):
        variable.assign(value)


def train_step(model, seed=0):
    videos = random_clips(seed=seed)
    return model.train_on_batch(videos, labels_for(videos), return_dict=True)


def iterations(model):
    group = model.optimizer
    counts = values([group.iterations, *(group[p].iterations for p in PHASES)])
    return [int(count) for count in counts]


# === What a step changes ===


@pytest.mark.parametrize("phase", PHASES)
def test_phase_changes_its_own_weights_alone(model, phase):
    before = phase_weights(model)
    with only(model, phase, 1e-3):
        train_step(model)
    after = phase_weights(model)
    for name in PHASES:
        if name != phase:
            assert_identical(before[name], after[name])
    assert_moved(before[phase], after[phase])


# A wrong sign, on which the backends may well agree, would climb. Single losses are
# noisy, so the ends of the run are averaged.
@pytest.mark.parametrize("phase", PHASES)
def test_phase_lowers_its_own_loss(model, phase):
    with only(model, phase, 1e-2):
        losses = [train_step(model)[f"{phase}_loss"] for _ in range(24)]
    assert np.mean(losses[-6:]) < np.mean(losses[:6]) - 0.02


def test_loss_is_the_sum_over_phases(model):
    logs = train_step(model)
    total = sum(logs[f"{phase}_loss"] for phase in PHASES)
    np.testing.assert_allclose(logs["loss"], total, rtol=1e-5)


def test_fit_moves_statistics_seeds_and_optimizers(model):
    networks = (
        model.image_generator,
        model.image_discriminator,
        model.video_discriminator,
    )
    statistics = [v for n in networks for v in n.non_trainable_variables]
    assert len(statistics) == 2 * (4 + 2 + 2)  # batch normalizations
    moving = [*statistics, model.seed_generator.state]
    before, counts = values(moving), iterations(model)
    model.fit(VIDEOS, LABELS, batch_size=BATCH, verbose=0)
    for variable, old, new in zip(moving, before, values(moving), strict=True):
        assert (old != new).any(), variable.path
    assert iterations(model) == [count + 2 for count in counts]


def test_seeds_of_any_size_can_be_drawn_from():
    drawn = []
    for seed in 0, 2**31, 2**32, 2**63 - 1, 2**64:
        model = tiny_model(seed=seed)
        noise = keras.random.normal((3,), seed=model.seed_generator)
        drawn.append(tuple(keras.ops.convert_to_numpy(noise)))
    assert len(set(drawn)) == len(drawn)


def test_seed_fixes_training():
    weights = []
    for _ in range(2):
        model = tiny_model()
        model.compile(run_eagerly=EAGER)
        model.fit(VIDEOS, LABELS, batch_size=BATCH, shuffle=False, verbose=0)
        weights.append(values(model.weights))
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_logs_hold_the_promised_names_and_finite_values(model):
    history = model.fit(VIDEOS, LABELS, batch_size=BATCH, verbose=0).history
    assert set(history) == LOG_KEYS
    assert np.isfinite([history[name] for name in LOG_KEYS]).all()
    shares = [history[n][0] for n in LOG_KEYS if n.endswith("accuracy")]
    assert all(0 <= share <= 1 for share in shares)


# === Values, against formulas written out here ===


class Replaying:
    """Draws for the step that are known beforehand, in the order of the step."""

    def __init__(self, model, draws):
        self.model = model
        self.draws = iter(draws)

    def __enter__(self):
        self.model.rng.normal = self.model.rng.integers = self._next
        return self

    def _next(self, shape, end=None):
        draw = next(self.draws)
        assert tuple(map(int, shape)) == draw.shape
        return ops.convert_to_tensor(draw)

    def __exit__(self, *_):
        del self.model.rng.normal, self.model.rng.integers


def log_sigmoid(x):
    return -np.logaddexp(0, -x)


def mean_cross_entropy(labels, logits):
    shifted = logits - logits.max(-1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return -log_probabilities[np.arange(len(labels)), labels].mean()


def judge(network, videos):
    scores = network(ops.convert_to_tensor(videos), training=False)
    return keras.tree.map_structure(
        lambda x: ops.convert_to_numpy(x).astype("float64"), scores
    )


def draws_of_clips(seed=3):
    """Labels, content, noise and first state for `generate_clips(BATCH)`."""
    random = np.random.default_rng(seed)
    normal = [random.standard_normal((BATCH, *s)) for s in ((3,), (4, 2), (2,))]
    return [np.array([1, 0], "int32"), *(x.astype("float32") for x in normal)]


def clips_of(model, draws):
    """The same clips by way of sampling on the host."""
    labels, content, noise, state = draws
    path = {"noise": noise, "state": state, "category": np.eye(2, dtype="f4")[labels]}
    motion = model.motion_generator.predict_on_batch(path)
    return model.decode(content, motion)


def test_generated_clips_are_what_sampling_decodes(model):
    draws = draws_of_clips()
    with Replaying(model, draws):
        made = model.generate_clips(BATCH, training=False)
    np.testing.assert_array_equal(ops.convert_to_numpy(made.labels), draws[0])
    np.testing.assert_array_equal(ops.convert_to_numpy(made.contents), draws[1])
    np.testing.assert_allclose(
        ops.convert_to_numpy(made.clips), clips_of(model, draws), atol=1e-5
    )


def numbered_clips(frames):
    """Clips of which frame f of clip n is filled with 10 * n + f."""
    numbers = 10 * np.arange(3)[:, None] + np.arange(frames)
    return np.broadcast_to(numbers[..., None, None, None], (3, frames, 2, 2, 1))


def draw_often(draw):
    return [ops.convert_to_numpy(draw())[..., 0, 0, 0] for _ in range(40)]


def test_random_window_is_consecutive_and_may_start_anywhere(model):
    clips = ops.convert_to_tensor(numbered_clips(6).astype("float32"))
    starts = set()
    for window in draw_often(lambda: model.rng.window(clips, 4)):
        starts.add(int(window[0, 0]))
        wanted = numbered_clips(6)[:, int(window[0, 0]) :][:, :4, 0, 0, 0]
        np.testing.assert_array_equal(window, wanted)
    assert starts == {0, 1, 2}
    whole = model.rng.window(clips, 6)
    np.testing.assert_array_equal(ops.convert_to_numpy(whole), numbered_clips(6))


def test_random_frames_are_of_each_clip(model):
    clips = ops.convert_to_tensor(numbered_clips(4).astype("float32"))
    drawn = np.stack(draw_often(lambda: model.rng.frames(clips, 1)))
    np.testing.assert_array_equal(drawn // 10, [[0, 1, 2]] * 40)
    for clip in range(3):
        assert set(drawn[:, clip] % 10) == {0, 1, 2, 3}
    assert (drawn[:, 0] % 10 != drawn[:, 1] % 10).any()  # each clip draws its own


def test_several_random_frames_of_each_clip(model):
    clips = ops.convert_to_tensor(numbered_clips(4).astype("float32"))
    frames = ops.convert_to_numpy(model.rng.frames(clips, 2))
    assert frames.shape == (6, 2, 2, 1)
    np.testing.assert_array_equal(frames[:, 0, 0, 0] // 10, [0, 0, 1, 1, 2, 2])


@pytest.mark.parametrize("labeled", [True, False])
def test_phase_losses_follow_their_formulas(model, labeled):
    draws = draws_of_clips()
    fake_labels, frame_index = draws[0], np.array([[3], [1]], "int32")
    real_labels = np.array([0, 1]) if labeled else None
    real, fake = to_float(random_clips()), clips_of(model, draws)
    frames = fake[np.arange(BATCH), frame_index[:, 0]]

    image_real, image_fake = (
        judge(model.image_discriminator, x) for x in (real[:, 0], frames)
    )
    video_real, video_fake = (judge(model.video_discriminator, x) for x in (real, fake))
    fake_category = mean_cross_entropy(fake_labels, video_fake["category_logits"])
    # Where real clips are labeled, they alone teach D_V's Q head.
    category = fake_category
    if labeled:
        category = mean_cross_entropy(real_labels, video_real["category_logits"])
    wanted = {
        "image_discriminator": -log_sigmoid(image_real).mean()
        - log_sigmoid(-image_fake).mean(),
        "video_discriminator": -log_sigmoid(video_real["logits"]).mean()
        - log_sigmoid(-video_fake["logits"]).mean()
        + category,
        "generator": -log_sigmoid(video_fake["logits"]).mean()
        - log_sigmoid(image_fake).mean()
        + fake_category,
    }

    batch = RealFakeBatch(real, real[:, 0], real_labels, fake, frames, fake_labels)
    with Replaying(model, [*draws, frame_index]):
        for phase in model.phases:
            loss, _ = phase.loss(batch, training=False)
            loss = float(ops.convert_to_numpy(loss))
            np.testing.assert_allclose(loss, wanted[phase.name], rtol=1e-4)


def test_category_weight_scales_the_category_loss(model):
    labels = np.array([1, 0])
    scores = {"category_logits": np.zeros((2, 2), "float32")}
    # Of two equal logits the cross entropy is log 2.
    objective = model.objective
    objective.category_weight, before = 0.5, objective.category_weight
    loss = objective._category_loss(labels, scores)
    objective.category_weight = before
    np.testing.assert_allclose(float(loss), 0.5 * np.log(2), rtol=1e-6)


# === Evaluation ===


def test_evaluate_changes_nothing_and_repeats_itself(model):
    before = snapshot(model)
    arguments = {"batch_size": BATCH, "verbose": 0, "return_dict": True}
    once = model.evaluate(VIDEOS, LABELS, **arguments)
    again = model.evaluate(VIDEOS, LABELS, **arguments)
    assert_identical(before, snapshot(model))
    assert once == again
    assert set(once) == LOG_KEYS
    assert all(np.isfinite(value) for value in once.values())


def test_evaluate_draws_other_noise_for_each_batch(model):
    one_batch = VIDEOS[:BATCH], LABELS[:BATCH]
    twice = [np.concatenate([part, part]) for part in one_batch]
    arguments = {"batch_size": BATCH, "verbose": 0, "return_dict": True}
    single = model.evaluate(*one_batch, **arguments)
    double = model.evaluate(*twice, **arguments)
    assert single["generator_loss"] != double["generator_loss"]


def test_validation_data_is_evaluated_and_leaves_training_as_it_was(model):
    histories, after = [], []
    start = snapshot(model)
    for validation in ({}, {"validation_data": (VIDEOS, LABELS)}):
        restore(model, start)
        history = model.fit(
            VIDEOS,
            LABELS,
            batch_size=BATCH,
            shuffle=False,
            verbose=0,
            **validation,
        )
        histories.append(history.history)
        after.append(snapshot(model))
    assert set(histories[1]) == LOG_KEYS | {f"val_{name}" for name in LOG_KEYS}
    assert np.isfinite([histories[1][f"val_{n}"] for n in LOG_KEYS]).all()
    for one, other in zip(*after, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def restore(model, saved):
    variables = [*model.variables, *model.optimizer.variables]
    for variable, value in zip(variables, saved, strict=True):
        variable.assign(value)


# === What `fit` takes ===


class Videos(keras.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        rows = slice(index * BATCH, (index + 1) * BATCH)
        return VIDEOS[rows], LABELS[rows]


def batches():
    for index in range(2):
        yield Videos()[index]


def tf_dataset():
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not installed")
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((VIDEOS, LABELS)).batch(BATCH)


def torch_loader():
    import torch

    pairs = torch.utils.data.TensorDataset(
        torch.from_numpy(VIDEOS), torch.from_numpy(LABELS)
    )
    return torch.utils.data.DataLoader(pairs, batch_size=BATCH)


def assert_trains(model, steps, *data, **arguments):
    """`fit` makes that many steps, each of which moves every network."""
    counts, before = iterations(model), phase_weights(model)
    history = model.fit(*data, verbose=0, **arguments).history
    assert np.isfinite(history["loss"]).all()
    assert iterations(model) == [count + steps for count in counts]
    after = phase_weights(model)
    for phase in before:
        assert_moved(before[phase], after[phase])


def test_fit_takes_float_videos_longer_than_clips_without_labels(quick_model):
    videos = to_float(random_clips(2 * BATCH, frames=6))
    assert_trains(quick_model, 2, videos, batch_size=BATCH)


def test_fit_takes_a_py_dataset(quick_model):
    assert_trains(quick_model, 2, Videos(), validation_data=Videos())


def test_fit_takes_a_tf_dataset(model):
    assert_trains(model, 2, tf_dataset(), validation_data=tf_dataset())


def test_fit_takes_a_generator_and_loses_no_batch(quick_model):
    assert_trains(quick_model, 2, batches(), steps_per_epoch=2)


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="a loader of PyTorch")
def test_fit_takes_a_torch_loader(quick_model):
    assert_trains(quick_model, 2, torch_loader())


def test_last_batch_may_be_smaller(quick_model):
    assert_trains(quick_model, 2, VIDEOS[:3], LABELS[:3], batch_size=BATCH)


@slow_to_compile
def test_fit_takes_a_dataset_of_unknown_lengths(model):
    frames = [random_clips(BATCH, frames=n) for n in (4, 6)]
    assert_trains(model, 2, ((clips,) for clips in frames), steps_per_epoch=2)


# === Other models: one step each ===


def check_one_step(model, **compile_arguments):
    model.compile(**compile_arguments)
    before = values(model.trainable_variables)
    logs = train_step(model)
    assert np.isfinite(list(logs.values())).all()
    assert_moved(before, values(model.trainable_variables))
    return set(logs)


def assert_moved(before, after):
    """Every array changed and is finite."""
    for old, new in zip(before, after, strict=True):
        assert np.isfinite(new).all()
        assert (old != new).any()


# Longer generated videos train on JAX in the comparison of the backends.
@slow_to_compile
def test_class_in_the_frames_and_longer_generated_videos():
    model = tiny_model(category_input="frame", num_frames=6)
    assert "category" not in model.motion_generator.input
    assert model.image_generator.input_shape == (None, 3 + 2 + 2)
    assert check_one_step(model, loss="least_squares", run_eagerly=True) == LOG_KEYS


IMAGE_KEYS = {"image_discriminator_loss", "image_real_accuracy", "image_fake_accuracy"}


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        ({"image_discriminator": False}, IMAGE_KEYS),
        ({"num_classes": 0}, {"category_accuracy"}),
    ],
)
def test_what_is_left_out_has_no_logs(arguments, missing):
    model = tiny_model(**arguments)
    model.compile()
    assert {metric.name for metric in model.metrics} == LOG_KEYS - missing


def test_without_image_discriminator_and_classes():
    model = tiny_model(image_discriminator=False, num_classes=0)
    assert model.image_discriminator is None
    assert [p.name for p in model.phases] == ["video_discriminator", "generator"]
    assert model.video_discriminator.output.keys() == {"logits"}
    model.compile(loss="minimax")
    assert model.objective.loss is losses.minimax
    before = values(model.trainable_variables)
    history = model.fit(VIDEOS[:BATCH], batch_size=BATCH, verbose=0).history
    assert set(history) == LOG_KEYS - IMAGE_KEYS - {"category_accuracy"}
    assert_moved(before, values(model.trainable_variables))


@pytest.mark.parametrize(
    "size", [(48, 32), pytest.param((32, 48), marks=pytest.mark.once)]
)
def test_rectangular_frames(size, tmp_path):
    model = tiny_model(image_size=size)
    model.compile(run_eagerly=EAGER)
    videos, before = random_clips(size=size), phase_weights(model)
    logs = model.train_on_batch(videos, labels_for(videos), return_dict=True)
    assert set(logs) == LOG_KEYS and np.isfinite(list(logs.values())).all()
    after = phase_weights(model)
    for phase in PHASES:
        assert_moved(before[phase], after[phase])
    generated = model.generate(2, num_frames=5, seed=3)
    assert generated.shape == (2, 5, *size, 3) and generated.std() > 0
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.image_size == size and type(loaded.image_size) is tuple
    assert loaded.get_config() == model.get_config()
    np.testing.assert_array_equal(loaded.generate(2, num_frames=5, seed=3), generated)


@slow_to_compile
def test_hinge_trains():
    model = tiny_model()
    assert check_one_step(model, loss="hinge", run_eagerly=True) == LOG_KEYS


@slow_to_compile
def test_mixed_precision_and_instance_noise_train():
    model = tiny_model(
        dtype="mixed_bfloat16", **both_discriminators(instance_noise=0.1)
    )
    assert model.video_discriminator.get_layer("conv_1").compute_dtype == "bfloat16"
    assert check_one_step(model, run_eagerly=True) == LOG_KEYS
    assert all(v.dtype == "float32" for v in model.trainable_variables)


@slow_to_compile
@pytest.mark.parametrize(
    ("policy", "weights", "normalization", "tolerance"),
    [
        ("mixed_bfloat16", "float32", "spectral", 0.02),
        ("float64", "float64", "batch", 1e-4),
    ],
)
def test_other_precisions_train(policy, weights, normalization, tolerance, tmp_path):
    losses, options = [], both_discriminators(normalization=normalization)
    for dtype in ("float32", policy):
        model = tiny_model(dtype=dtype, **options)
        model.compile(run_eagerly=True)
        before = values(model.trainable_variables)
        logs = model.train_on_batch(VIDEOS[:BATCH], LABELS[:BATCH], return_dict=True)
        losses.append([float(logs[f"{phase}_loss"]) for phase in PHASES])
    np.testing.assert_allclose(losses[1], losses[0], rtol=tolerance)
    assert_moved(before, values(model.trainable_variables))
    assert {v.dtype for v in model.trainable_variables} == {weights}
    assert model.generate(2, seed=0).dtype == "uint8"
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert_identical(*(values(m.weights) for m in (model, loaded)))


def test_pure_bfloat16_generates_but_must_not_train():
    model = tiny_model(dtype="bfloat16")
    with pytest.raises(ValueError, match="Weights must be float32.*'mixed_bfloat16'"):
        model.compile()
    assert model.generate(2, seed=0).dtype == "uint8"
    tiny_model(dtype="mixed_bfloat16").compile()  # as the message says


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="the others have float64")
def test_float64_that_jax_would_not_keep_is_refused():
    with pytest.raises(ValueError, match="'float64', of which .* JAX_ENABLE_X64=1"):
        tiny_model(dtype="float64").compile()


def test_losses_and_batch_statistics_stay_float32_under_mixed_precision():
    model = tiny_model(dtype="mixed_bfloat16")
    model.compile()
    moving = [v for v in model.non_trainable_variables if "moving" in v.path]
    state = [*moving, *model.optimizer.variables, *model.metrics_variables]
    floats = [v.dtype for v in state if "float" in v.dtype]
    assert len(moving) > 9 and set(floats) == {"float32"}
    results, statistics = forward(model, moving)
    outputs = keras.tree.flatten([results, statistics])
    assert {keras.backend.standardize_dtype(o.dtype) for o in outputs} == {"float32"}


@pytest.mark.once
def test_batch_statistics_are_computed_in_float32_under_mixed_precision():
    network = tiny_model(dtype="mixed_bfloat16").video_discriminator
    network(to_float(VIDEOS), training=True)
    # One step from 0 with momentum 0.9. A mean taken in bfloat16 would be one of its
    # numbers, of which two neighbors lie 1/256 to 1/128 apart.
    moving = [v for v in network.variables if v.path.endswith("moving_mean")]
    means = 10 * np.concatenate(values(moving))
    rounded = ops.convert_to_numpy(ops.cast(ops.cast(means, "bfloat16"), "float32"))
    assert (abs(means - rounded) > 1e-4 * abs(means)).mean() > 0.5


def forward(model, variables):
    """The phases' losses and metrics, and what the variables are after them.

    On JAX their shapes and dtypes alone, which takes no compiling.
    """

    def compute():
        with backend.no_gradient():
            batch = model._make_batch((VIDEOS[:BATCH], LABELS[:BATCH]), training=True)
            return [phase.loss(batch, training=True) for phase in model.phases]

    def compute_stateless():
        with keras.StatelessScope() as scope:
            results = compute()
        return results, [scope.get_current_value(v) for v in variables]

    if EAGER:
        return compute(), [v.value for v in variables]
    import jax

    return jax.eval_shape(compute_stateless)
