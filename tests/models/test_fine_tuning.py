"""Training that starts from a trained model: what is kept, and what is made anew."""

import keras
import numpy as np
import pytest
from testing import (
    BATCH,
    EAGER,
    assert_identical,
    labels_for,
    random_clips,
    tiny_image_gan,
    tiny_model,
    tiny_tgan,
    tiny_vgan,
    values,
)

import keras_mocogan as km


def weight(network, path):
    [found] = [w for w in network.weights if w.path == path]
    return keras.ops.convert_to_numpy(found)


def mark(model):
    """Gives every weight a number of its own, so that it is known again."""
    count = 0
    for network in model.networks():
        for variable in network.weights:
            size = int(np.prod(variable.shape))
            numbers = np.arange(count, count + size, dtype="float32") * 1e-4
            variable.assign(numbers.reshape(variable.shape))
            count += size
    return model


@pytest.fixture(scope="module")
def trained():
    return mark(tiny_model())


@pytest.fixture(scope="module")
def tuned(trained):
    return km.fine_tune(trained, num_classes=3, seed=1)


def test_all_is_kept_but_the_classes(trained, tuned):
    model, told = tuned
    assert model.num_classes == 3 and model.seed == 1 and not model.compiled
    path, head = "gru/gru_cell/kernel", "head/kernel"
    # [class; noise]: of 2 classes and 2 noise entries, then of 3 and 2.
    old, new = (weight(m.motion_generator, path) for m in (trained, model))
    assert old.shape == (4, 6) and new.shape == (5, 6)
    np.testing.assert_array_equal(new[3:], old[2:])
    own = tiny_model(num_classes=3, seed=1)
    np.testing.assert_array_equal(
        new[:3], weight(own.motion_generator, path)[:3]
    )  # fresh
    # [logit; classes] are the channels of D_V's last layer.
    old, new = (weight(m.video_discriminator, head) for m in (trained, model))
    assert old.shape[-1] == 3 and new.shape[-1] == 4
    np.testing.assert_array_equal(new[..., :1], old[..., :1])
    np.testing.assert_array_equal(
        new[..., 1:], weight(own.video_discriminator, head)[..., 1:]
    )
    for network, twin in zip(trained.networks(), model.networks(), strict=True):
        for one, other in zip(network.weights, twin.weights, strict=True):
            if one.path not in (path, head):
                np.testing.assert_array_equal(one, other)
    slots = [s for s in trained.network_slots if getattr(trained, s) is not None]
    assert list(told.kept) == slots
    assert str(told).splitlines() == [
        "kept: motion_generator, image_generator, image_discriminator, "
        "video_discriminator",
        f"made anew: motion_generator: classes in {path}; video_discriminator: classes "
        f"in {head}",
    ]


def test_it_learns(tuned):
    model, _ = tuned
    model.compile(run_eagerly=EAGER)
    videos = random_clips()
    before = values(model.trainable_variables)
    history = model.fit(videos, labels_for(videos), batch_size=BATCH, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    changed = [
        not np.array_equal(a, b)
        for a, b in zip(before, values(model.trainable_variables), strict=True)
    ]
    assert all(changed)


@pytest.mark.once
def test_optimizers_and_averages_start_anew(trained):
    model = tiny_model()
    model.compile(
        generator_optimizer=km.Adam(1e-3, ema_half_life=100.0), run_eagerly=EAGER
    )
    videos = random_clips()
    # As after seven steps.
    model.optimizer.iterations.assign(7)
    for variable in model.optimizer["generator"].variables:
        if variable.name.endswith("momentum"):
            variable.assign(keras.ops.ones(variable.shape))
    told = model.load_weights_from(trained)
    assert told.made_anew == () and "made anew: nothing" in str(told)
    assert model.global_step == 0 and model.optimizer["generator"].ema_half_life == 100
    assert_identical(values(model.weights), values(trained.weights))
    assert all(not v.any() for v in values(model.optimizer["generator"]._momentums))
    model.optimizer["generator"].learning_rate = 0.0
    model.fit(videos, labels_for(videos), batch_size=BATCH, verbose=0)
    with km.callbacks.ema_weights(model):  # of the loaded weights, which stood still
        averages = values(model.image_generator.trainable_variables)
    assert_identical(averages, values(trained.image_generator.trainable_variables))


@pytest.mark.once
@pytest.mark.parametrize("make", [tiny_vgan, tiny_tgan])
@pytest.mark.parametrize("classes", [(2, 4), (3, 0), (0, 2)])
def test_other_systems_and_numbers(make, classes):
    trained = mark(make(num_classes=classes[0]))
    model, told = km.fine_tune(trained, num_classes=classes[1])
    slot = trained.network_slots[0]
    [place] = [t for t in told.made_anew if t.startswith(slot)]
    path = place.rpartition(" ")[2]
    old, new = (weight(getattr(m, slot), path) for m in (trained, model))
    assert old.shape[0] == 5 + classes[0] and new.shape[0] == 5 + classes[1]
    np.testing.assert_array_equal(new[:5], old[:5])  # [latent; class]
    head = [weight(m.video_discriminator, "head/kernel") for m in (trained, model)]
    np.testing.assert_array_equal(head[0][..., 0], head[1][..., 0])


@pytest.mark.once
@pytest.mark.parametrize("classes", [(2, 4), (3, 0), (0, 2)])
def test_a_cyclic_path_starts_with_other_classes_or_none(classes):
    cyclic = {"motion_generator": {"cyclic": True}}
    trained = mark(tiny_model(num_classes=classes[0], **cyclic))
    model, told = km.fine_tune(trained, num_classes=classes[1])
    start, code = "start/kernel", "start_of_class/kernel"
    old, new = (weight(m.motion_generator, start) for m in (trained, model))
    np.testing.assert_array_equal(old, new)
    named = [place for place in told.made_anew if place.endswith(code)]
    if classes[1]:
        assert len(named) == 1
        code = weight(model.motion_generator, code)
        assert code.shape[0] == classes[1] and np.ptp(code) > 0
    else:
        assert not named
    assert model.generate(2, seed=0).shape[0] == 2


@pytest.mark.once
@pytest.mark.parametrize("classes", [(2, 4), (3, 0), (0, 2)])
def test_spectral_norms_are_those_of_kernels_with_other_classes(classes):
    options = {"num_classes": classes[0], "seed": 3}
    trained = tiny_vgan(video_discriminator={"normalization": "spectral"}, **options)
    head = trained.video_discriminator.get_layer("sn_head")
    head.layer.kernel.assign(5.0 * head.layer.kernel)  # far from a new one
    model, _ = km.fine_tune(trained, num_classes=classes[1])
    for name in ("sn_conv_3", "sn_head"):
        layer = model.video_discriminator.get_layer(name)
        kernel, direction = values([layer.layer.kernel, layer.direction])
        kernel = kernel.reshape(-1, kernel.shape[-1])
        wanted = np.linalg.svd(kernel, compute_uv=False)[0]
        np.testing.assert_allclose(np.linalg.norm(kernel @ direction), wanted, 5e-3)


def test_classes_in_the_frame():
    trained = mark(tiny_model(category_input="frame"))
    model, told = km.fine_tune(trained, num_classes=4)
    old, new = (weight(m.image_generator, "dense/kernel") for m in (trained, model))
    np.testing.assert_array_equal(new[:5], old[:5])  # [content; motion; class]
    assert "image_generator: classes in dense/kernel" in told.made_anew
    assert not any("motion_generator" in line for line in told.made_anew)


@pytest.mark.once
def test_networks_of_the_user_keep_what_fits():
    def discriminator(classes):
        clip = keras.Input((4, 32, 32, 3))
        x = keras.layers.Dense(3, name="x")(keras.layers.Flatten()(clip))
        scores = {"logits": keras.layers.Dense(1, name="logit")(x)}
        scores["category_logits"] = keras.layers.Dense(classes, name="q")(x)
        return keras.Model(clip, scores, name="mine")

    trained = mark(tiny_model(video_discriminator=discriminator(2)))
    model = tiny_model(video_discriminator=discriminator(3), num_classes=3)
    fresh = weight(model.video_discriminator, "q/kernel")
    told = model.load_weights_from(trained)
    assert told.made_anew[1:] == (
        "video_discriminator: classes in q/kernel",
        "video_discriminator: classes in q/bias",
    )
    both = [weight(m.video_discriminator, "logit/kernel") for m in (trained, model)]
    np.testing.assert_array_equal(*both)
    np.testing.assert_array_equal(weight(model.video_discriminator, "q/kernel"), fresh)


class Painter(keras.Model):
    """A G_I whose layers Keras names by how many there were before."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        layers = keras.layers
        self.inside = [layers.Dense(3), layers.Dense(3), layers.Dense(32 * 32 * 3)]

    def call(self, inputs):
        for layer in self.inside:
            inputs = layer(inputs)
        return keras.ops.reshape(keras.ops.tanh(inputs), (-1, 32, 32, 3))


@pytest.mark.once
def test_layers_of_the_user_may_be_named_anew():
    # Within a `Sequential` a layer's weights are named after both, in its copy after
    # the layer alone; and both towers have a layer of one name.
    frames, layers = keras.Input((32, 32, 3)), keras.layers
    towers = [
        keras.Sequential(
            [keras.Input((32, 32, 3)), layers.Conv2D(2, 4, 4, name="conv")], name=name
        )(frames)
        for name in ("one", "other")
    ]
    judge = keras.Model(frames, layers.Dense(1)(layers.concatenate(towers)))
    with keras.saving.custom_object_scope({"Painter": Painter}):
        networks = {"image_discriminator": judge, "image_generator": Painter()}
        trained = mark(tiny_model(**networks))
        model, told = km.fine_tune(trained)
        again, _ = km.fine_tune(model)
    assert told.made_anew == ()
    for tuned in (model, again):
        assert_identical(values(tuned.weights), values(trained.weights))


@pytest.mark.once
def test_what_the_source_lacks_is_told(tmp_path):
    without = tiny_model(image_discriminator=False)
    model = tiny_model()
    fresh = values(model.image_discriminator.weights)
    told = model.load_weights_from(without)
    assert told.made_anew == ("image_discriminator, which the source does not have",)
    assert_identical(values(model.image_discriminator.weights), fresh)
    model.untrained_slots = ("image_discriminator", "video_discriminator")
    model.save_to_preset(tmp_path / "mine")
    model, told = km.fine_tune(tmp_path / "mine")
    assert told.kept == ("motion_generator", "image_generator")
    again = km.load_model(tmp_path / "mine")
    again.load_weights_from(tiny_model())
    assert again.untrained_slots == ()
    assert [line.partition(",")[0] for line in told.made_anew] == [
        "image_discriminator",
        "video_discriminator",
    ]


@pytest.mark.once
def test_sources_are_files_and_presets_too(tmp_path, trained):
    trained.save(tmp_path / "model.keras")
    trained.save_to_preset(tmp_path / "mine")
    for source in (str(tmp_path / "model.keras"), tmp_path / "mine"):
        model, _ = km.fine_tune(source)
        assert_identical(values(model.weights), values(trained.weights))
    assert model is not trained and model.networks() != trained.networks()


@pytest.mark.once
def test_parts_are_frozen_by_name(trained):
    names = ["motion_generator", "image_generator/deconv_1"]
    model, _ = km.fine_tune(trained, freeze=names)
    assert model.frozen_config() == {"frozen": names}
    again, _ = km.fine_tune(model)  # which starts with nothing frozen
    assert again.frozen_config() == {}
    said = "must be one of .*image_generator/deconv_1.*'image_generator/deconv_9'"
    with pytest.raises(ValueError, match=said):
        km.fine_tune(trained, freeze=["image_generator/deconv_9"])
    with pytest.raises(ValueError, match="motion_generator, image_generator, .*'R_M'"):
        km.fine_tune(trained, freeze="R_M")


@pytest.mark.once
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"image_size": 48}, "a source with image_size=32; this model has image_.*=48"),
        ({"clip_frames": 5}, "clip_frames=4; this model has clip_frames=5"),
        ({"content_dim": 4}, "content_dim=3; this model has content_dim=4"),
        ({"category_input": "frame"}, "category_input='motion'; this"),
        (
            {"image_generator": {"filters": 3}},
            r"dense/kernel of shape \(5, 64\), where the model has \(5, 96\)",
        ),
        ({"image_generator": {"normalization": "group"}}, "without .*norm_"),
    ],
)
def test_sizes_may_not_change(trained, changes, said):
    model = tiny_model(**changes)
    before = values(model.weights)
    with pytest.raises(ValueError, match=said):
        model.load_weights_from(trained)
    assert_identical(values(model.weights), before)  # nothing by halves


@pytest.mark.once
def test_other_systems_do_not_fit(trained):
    with pytest.raises(ValueError, match="must be a ImageGAN|must be an? ImageGAN"):
        tiny_image_gan().load_weights_from(trained)
