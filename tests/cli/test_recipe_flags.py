"""Flags that change a recipe, and those that would change nothing."""

import pytest
from absl import app
from absl.testing import flagsaver

import keras_mocogan as km
from keras_mocogan.cli import settings, systems, training

LATE = ["--frames_together=2", "--frame_fusion=late"]


def make_recipe(*given):
    with flagsaver.flagsaver():
        training.FLAGS(["train", *given])
        arguments = systems.get("mocogan").arguments()
        return settings.make_recipe(km.MoCoGAN, **arguments)


def test_d_i_compares_frames():
    recipe = make_recipe("--recipe=short", *LATE, "--mismatch_weight=0.5")
    judge = recipe.arguments["image_discriminator"]
    assert (judge["frames"], judge["fusion"]) == (2, "late")
    assert recipe.compile["mismatch_weight"] == 0.5
    network = km.MoCoGAN.by_recipe(
        recipe.with_changes(arguments={"image_size": 32, "clip_frames": 4})
    ).image_discriminator
    assert sorted(network.output) == ["codes", "logits", "same_clip_logits"]


def test_width_of_the_contents_layer():
    recipe = make_recipe("--recipe=short", "--modulation_units=9")
    recipe = recipe.with_changes(arguments={"image_size": 32, "clip_frames": 4})
    network = km.MoCoGAN.by_recipe(recipe).image_generator
    assert network.get_layer("modulation").units == 9


def test_first_weights_that_draw_no_checkerboard():
    for name, flag, wanted in (
        ("short", "--smooth_start", True),
        ("modern", "--nosmooth_start", False),
    ):
        recipe = make_recipe(f"--recipe={name}", flag)
        assert recipe.arguments["image_generator"]["smooth_start"] is wanted


def test_motions_that_repeat():
    recipe = make_recipe("--recipe=modern")
    assert recipe.arguments["motion_generator"]["cyclic"] is True
    plain = make_recipe("--recipe=modern", "--nocyclic", "--disorder_weight=0.5")
    assert plain.arguments["motion_generator"]["cyclic"] is False
    assert plain.compile["disorder_weight"] == 0.5


def test_how_classes_are_learned():
    recipe = make_recipe("--recipe=modern", "--wrong_class_weight=0.5")
    assert recipe.compile["category_loss"] == "projection"
    assert recipe.compile["wrong_class_weight"] == 0.5
    recipe = make_recipe(
        "--recipe=modern", "--category_loss=infogan", "--category_weight=2"
    )
    assert recipe.compile["category_loss"] == "infogan"
    assert recipe.compile["category_weight"] == 2


def test_features_of_a_pretrained_network():
    for name, flag, wanted in (
        ("short", "--features=efficientnet_lite0", "efficientnet_lite0"),
        ("modern", "--features=none", "none"),
    ):
        recipe = make_recipe(f"--recipe={name}", flag)
        assert recipe.arguments["image_discriminator"]["features"] == wanted


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--mismatch_weight=2"], "give --frames_together=2 --frame_fusion=late too"),
        (["--frame_fusion=late"], "Give --frames_together=2, or --frame_fusion=early"),
        (["--content_weight=2"], "give --recipe=modern or --recipe=large too"),
        (["--penalty_interval=4", "--r1_weight=0"], "needs a penalty"),
        (["--final_penalty=0.1", "--r1_weight=0"], "needs R1 or R2"),
        (["--optimizer=rmsprop", "--beta_1=0.5"], "give --optimizer=adam too"),
        (["--wrong_class_weight=1"], "give --category_loss=projection too"),
        (
            ["--recipe=modern", "--category_weight=2"],
            "give --category_loss=infogan too",
        ),
    ],
)
def test_flags_without_an_effect_are_refused(given, said):
    with pytest.raises(app.UsageError, match=said):
        make_recipe("--recipe=short", *given)


def test_the_advice_is_right():
    recipe = make_recipe("--recipe=short", *LATE, "--mismatch_weight=2")
    assert recipe.compile["mismatch_weight"] == 2
    recipe = make_recipe("--recipe=modern", "--content_weight=2")
    assert recipe.compile["content_weight"] == 2
    single = "--frames_together=1", "--frame_fusion=early"
    judge = make_recipe("--recipe=modern", *single).arguments["image_discriminator"]
    assert (judge["frames"], judge["fusion"]) == (1, "early")
