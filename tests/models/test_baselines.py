"""VGAN, TGAN and the plain image GAN: built, trained, saved, sampled."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import (
    BATCH,
    EAGER,
    assert_identical,
    labels_for,
    random_clips,
    tiny_image_gan,
    tiny_tgan,
    tiny_vgan,
    values,
)

import keras_mocogan as km

MAKERS = {"vgan": tiny_vgan, "tgan": tiny_tgan, "image_gan": tiny_image_gan}
every_model = pytest.mark.parametrize("maker", MAKERS.values(), ids=list(MAKERS))
VIDEOS = random_clips(2 * BATCH)


def data_for(model):
    return VIDEOS, labels_for(VIDEOS) if model.num_classes else None


def weights_of(networks):
    return [v for n in networks for v in values(n.trainable_variables)]


# === Training ===


@every_model
def test_fit_trains_every_network(maker):
    model = maker()
    # One as a graph on TensorFlow; the comparison of the backends trains another.
    model.compile(run_eagerly=EAGER and maker is not tiny_vgan)
    before = {p.name: weights_of(p.networks) for p in model.phases}
    x, y = data_for(model)
    history = model.fit(x, y, batch_size=BATCH, epochs=2, verbose=0).history
    assert np.isfinite([history[name] for name in history]).all()
    assert int(values([model.optimizer.iterations])[0]) == 4
    for phase in model.phases:
        after = weights_of(phase.networks)
        changed = [
            (a != b).mean() for a, b in zip(before[phase.name], after, strict=True)
        ]
        assert np.mean(changed) > 0.8, phase.name
        assert int(values([model.optimizer[phase.name].iterations])[0]) == 4


@every_model
def test_logs_name_the_discriminator_that_there_is(maker):
    model = maker()
    model.compile(run_eagerly=EAGER)
    kind = "video" if model.image_discriminator is None else "image"
    x, y = data_for(model)
    logs = model.evaluate(x, y, batch_size=BATCH, return_dict=True, verbose=0)
    wanted = {"loss", "generator_loss"}
    wanted |= {f"{kind}_discriminator_loss"}
    wanted |= {f"{kind}_real_accuracy", f"{kind}_fake_accuracy"}
    wanted |= {"category_accuracy"} if model.num_classes else set()
    assert set(logs) == wanted


@pytest.mark.once
@every_model
def test_evaluate_changes_nothing(maker):
    model = maker()
    model.compile(run_eagerly=EAGER)
    before = values([*model.variables, *model.optimizer.variables])
    x, y = data_for(model)
    first = model.evaluate(x, y, batch_size=BATCH, verbose=0)
    assert_identical(before, values([*model.variables, *model.optimizer.variables]))
    assert first == model.evaluate(x, y, batch_size=BATCH, verbose=0)


@pytest.mark.once
def test_no_model_has_a_training_step_of_its_own():
    for model in (km.MoCoGAN, km.VGAN, km.TGAN, km.ImageGAN):
        for name in ("train_step", "test_step", "adversarial_step", "fit"):
            assert name not in vars(model)


@pytest.mark.once
def test_several_steps_of_the_discriminators():
    model = tiny_vgan()
    model.compile(discriminator_steps=3, run_eagerly=True)
    x, y = data_for(model)
    model.fit(x, y, batch_size=BATCH, verbose=0)
    steps = {p.name: model.optimizer[p.name].iterations for p in model.phases}
    assert [int(v) for v in values(steps.values())] == [6, 2]
    assert int(values([model.optimizer.iterations])[0]) == 2


@pytest.mark.once
def test_masks_share_is_in_the_generators_loss():
    model = tiny_vgan()
    losses = []
    for weight in (0.0, 2.0):
        model.mask_sparsity = weight
        model.seed_generator.state.assign([1, 1])
        generated = model.generate_clips(BATCH, training=False)
        losses.append(float(ops.convert_to_numpy(generated.penalty)))
    model.seed_generator.state.assign([1, 1])
    codes, _ = model.draw_latents(BATCH)
    mask = ops.convert_to_numpy(model.clip_generator()(codes)["mask"])
    np.testing.assert_allclose(losses, [0.0, 2 * mask.mean()], rtol=1e-5)


@pytest.mark.once
def test_tgan_trains_as_its_paper_says_unless_told_otherwise():
    model = tiny_tgan()
    model.compile()
    assert model.objective.loss is km.losses.wasserstein
    assert model.weight_constraint.get_config() == {"every": 5}
    for phase in model.phases:
        optimizer = model.optimizer[phase.name]
        assert type(optimizer) is keras.optimizers.RMSprop
        np.testing.assert_allclose(values([optimizer.learning_rate]), 5e-5)
    with pytest.raises(ValueError, match="by name, .*: video_discriminator_opt"):
        model.compile("sgd")
    sgd = keras.optimizers.SGD(1.0)
    model.compile(generator_optimizer=sgd, loss="hinge", weight_constraint=None)
    assert model.objective.loss is km.losses.hinge and model.weight_constraint is None
    assert isinstance(model.optimizer["generator"], keras.optimizers.SGD)


@pytest.mark.parametrize(
    ("maker", "size"),
    [
        (tiny_vgan, (48, 32)),
        (tiny_tgan, (32, 48)),
        # Its networks are MoCoGAN's, which all backends train.
        pytest.param(tiny_image_gan, (48, 32), marks=pytest.mark.once),
    ],
)
def test_rectangular_frames(maker, size, tmp_path):
    model = maker(image_size=size)
    model.compile(run_eagerly=EAGER)
    before = values(model.trainable_variables)
    videos = random_clips(size=size)
    labels = labels_for(videos) if model.num_classes else None
    logs = model.train_on_batch(videos, labels, return_dict=True)
    assert np.isfinite(list(logs.values())).all()
    after = values(model.trainable_variables)
    changed = [(a != b).mean() for a, b in zip(before, after, strict=True)]
    assert np.mean(changed) > 0.8
    assert model.generate(2, seed=3).shape[-3:] == (*size, 3)
    latent = model.sample_latent(BATCH, seed=3)
    decoded = model.decode(latent, labels)
    assert decoded.std() > 0
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.image_size == size and type(loaded.image_size) is tuple
    assert loaded.get_config() == model.get_config()
    np.testing.assert_array_equal(loaded.decode(latent, labels), decoded)


# === Saving ===


@pytest.mark.slow
@every_model
def test_saved_models_go_on_as_if_never_interrupted(maker, tmp_path):
    through = maker()
    through.compile(discriminator_steps=2, run_eagerly=EAGER)
    x, y = data_for(through)
    first = (x[:BATCH], y if y is None else y[:BATCH])
    second = (x[BATCH:], y if y is None else y[BATCH:])
    through.train_on_batch(*first)
    through.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.get_config() == through.get_config()
    assert loaded.discriminator_steps == 2
    np.testing.assert_array_equal(
        loaded.generate(2, seed=3), through.generate(2, seed=3)
    )
    through.train_on_batch(*second)
    loaded.train_on_batch(*second)
    one, other = (
        values([*m.weights, *m.optimizer.variables, m.seed_generator.state])
        for m in (loaded, through)
    )
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.once
def test_rules_are_restored(tmp_path):
    model = tiny_tgan(video_discriminator={"normalization": "none"})
    constraint = km.constraints.WeightClipping(limit=0.3, every=7)
    model.compile(weight_constraint=constraint, gradient_penalty=4.0, loss="hinge")
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.objective.penalties.gradient_penalty == 4.0
    assert loaded.objective.loss is km.losses.hinge
    assert loaded.weight_constraint.get_config() == {"limit": 0.3, "every": 7}


# === Sampling ===


@every_model
def test_one_seed_gives_one_result(maker):
    model, twin = maker(), maker()
    videos = model.generate(3, seed=4)
    assert videos.dtype == "uint8" and videos.std() > 0
    np.testing.assert_array_equal(videos, twin.generate(3, seed=4))
    assert abs(videos - model.generate(3, seed=5).astype(int)).max() > 0
    # A sample does not depend on how many are asked for.
    few = model.generate(2, seed=4).astype(int)
    assert abs(videos[:2] - few).max() <= 1


@pytest.mark.once
def test_many_samples_are_decoded_in_slices():
    model = tiny_image_gan()
    latent = model.sample_latent(37, seed=1)
    frames = model.decode(latent)
    assert frames.shape == (37, 32, 32, 3)
    np.testing.assert_allclose(frames[36:], model.decode(latent[36:]), atol=1e-5)


@pytest.mark.once
def test_generated_clips_are_what_sampling_decodes():
    for model in (tiny_vgan(), tiny_tgan(num_classes=2)):
        latent = model.sample_latent(BATCH, seed=1)
        drawn = ops.convert_to_tensor(latent)
        model.rng.normal = model.rng.uniform = lambda *_, drawn=drawn: drawn
        model.rng.integers = lambda *_: np.array([1, 0], "int32")
        clips, labels, *_ = model.generate_clips(BATCH, training=False)
        np.testing.assert_array_equal(labels, [1, 0])
        np.testing.assert_allclose(
            ops.convert_to_numpy(clips), model.decode(latent, [1, 0]), atol=1e-5
        )


@pytest.mark.once
def test_the_class_changes_the_video():
    model = tiny_vgan()
    latent = model.sample_latent(2, seed=1)
    one, other = (model.decode(latent, label) for label in (0, 1))
    assert abs(one - other).max() > 0.1 * abs(one).max()


@pytest.mark.once
def test_latents_have_their_papers_distributions():
    normal = tiny_vgan(latent_dim=50).sample_latent(400, seed=1)
    uniform = tiny_tgan(latent_dim=50).sample_latent(400, seed=1)
    assert normal.dtype == uniform.dtype == "float32"
    np.testing.assert_allclose([normal.mean(), normal.std()], [0, 1], atol=0.02)
    np.testing.assert_allclose(
        [uniform.mean(), uniform.std()], [0, 1 / 3**0.5], atol=0.02
    )
    assert uniform.min() >= -1 and uniform.max() < 1


@pytest.mark.once
def test_vgans_parts_compose_its_videos():
    model = tiny_vgan()
    parts = model.generate(2, labels=[0, 1], seed=3, return_parts=True)
    shapes = {name: part.shape for name, part in parts.items()}
    assert shapes == {
        "videos": (2, 4, 32, 32, 3),
        "foreground": (2, 4, 32, 32, 3),
        "mask": (2, 4, 32, 32, 1),
        "background": (2, 32, 32, 3),
    }
    mask = parts["mask"] / 255
    wanted = mask * parts["foreground"] + (1 - mask) * parts["background"][:, None]
    assert abs(parts["videos"] - wanted).max() < 2.5  # of 255, for three roundings
    same = model.generate(2, labels=[0, 1], seed=3)
    np.testing.assert_array_equal(parts["videos"], same)


@pytest.mark.once
def test_vgans_background_stands_still_where_the_mask_is_empty():
    model = tiny_vgan()
    model.foreground_generator.get_layer("mask_deconv").bias.assign([-50.0])
    videos = model.generate(1, labels=0, seed=3)[0]
    np.testing.assert_array_equal(videos[1:], np.repeat(videos[:1], 3, axis=0))


@every_model
@pytest.mark.once
def test_scores_of_videos(maker):
    model = maker()
    scores = model(VIDEOS)
    wanted = {"video"} if model.video_discriminator is not None else {"image"}
    wanted |= {"category"} if model.num_classes else set()
    assert set(scores) == wanted
    assert all(score.shape[0] == len(VIDEOS) for score in scores.values())


# === Bad input ===


@pytest.mark.once
@pytest.mark.parametrize(
    ("maker", "arguments", "message"),
    [
        (tiny_vgan, {"clip_frames": 12}, "multiple of 16: .*Received: clip_frames=12"),
        (tiny_tgan, {"clip_frames": 24}, "multiple of 16: .*Received: clip_frames=24"),
        (tiny_vgan, {"image_size": 40}, "Received: image_size=40"),
        (tiny_tgan, {"motion_dim": 0}, "Received: motion_dim=0"),
        (tiny_vgan, {"mask_sparsity": -1}, "`mask_sparsity` must be .*sparsity=-1"),
        (tiny_image_gan, {"channels": 7}, "Received: channels=7"),
        (tiny_tgan, {"video_discriminator": {"normalization": "layer"}}, "spectral"),
    ],
)
def test_sizes_that_do_not_fit(maker, arguments, message):
    with pytest.raises(ValueError, match=message):
        maker(**arguments)


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"num_frames": 9},
            "None or 4: this VGAN .* Received: num_frames=9. Leave it out, or build",
        ),
        ({"labels": 2}, "0 to 1"),
        ({"labels": [0, 1, 1]}, r"shape \(2,\)"),
        (
            {"latent": np.zeros((2, 3))},
            r"must have the shape \(2, 5\), .* Received: shape \(2, 3\)",
        ),
        ({"seed": -1}, "Received: seed=-1"),
    ],
)
def test_requests_that_do_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        tiny_vgan().generate(2, **arguments)


@pytest.mark.once
def test_pictures_are_one_frame():
    with pytest.raises(ValueError, match="Received: num_frames=4. Leave it out.$"):
        tiny_image_gan().generate(1, num_frames=4)


@pytest.mark.once
def test_labels_where_there_are_no_classes():
    with pytest.raises(ValueError, match="num_classes=0. Received: labels=0. Leave"):
        tiny_tgan().generate(1, labels=0)
    with pytest.raises(ValueError, match="integers from 0 to 1: .*Received: labels=No"):
        tiny_vgan().decode(np.zeros((1, 5)))


@pytest.mark.once
def test_rules_that_do_not_fit():
    with pytest.raises(ValueError, match="no image discriminator"):
        tiny_vgan().compile(image_discriminator_optimizer=keras.optimizers.SGD())
    with pytest.raises(ValueError, match="no video discriminator"):
        tiny_image_gan().compile(video_discriminator_optimizer=keras.optimizers.SGD())
    with pytest.raises(ValueError, match="Received: gradient_penalty=10"):
        tiny_tgan().compile(gradient_penalty=10)
    with pytest.raises(ValueError, match="Received: discriminator_steps=0"):
        tiny_vgan().compile(discriminator_steps=0)
