"""Sizes that are chosen by the clips, and steps by the clock."""

import datetime

import numpy as np
import pytest
from absl import app, flags
from absl.testing import flagsaver

import keras_mocogan as km
from keras_mocogan.cli import (
    choices,
    clips,
    clock,
    run_flags,
    settings,
    survey,
    systems,
    training,
    trial,
)

pytestmark = pytest.mark.once


def seen(count=20, lengths=(16,) * 20, side=64):
    return survey.Survey(count, sorted(lengths), side)


@pytest.mark.parametrize(
    ("side", "size"), [(20, 32), (32, 32), (47, 32), (48, 48), (64, 64), (1080, 64)]
)
def test_image_size(side, size):
    assert survey.choose_image_size(seen(side=side)) == size


@pytest.mark.parametrize(
    ("on_cpu", "names"), [(True, ["modern", "short"]), (False, ["large", "paper"])]
)
def test_the_automatic_recipe_fits_the_device(monkeypatch, on_cpu, names):
    monkeypatch.setattr(choices.kernels, "on_cpu", lambda: on_cpu)
    found = [choices.automatic_recipe(model) for model in ("MoCoGAN", "TGAN")]
    assert found == names


@pytest.mark.parametrize(("text", "size"), [("48", 48), ("32x48", (32, 48))])
def test_a_size_is_kept_for_a_run_that_goes_on(tmp_path, text, size):
    words = ["train", "--dataset=shapes", f"--image_size={text}", "--clip_frames=4"]
    with flagsaver.flagsaver():
        training.FLAGS(words)
        assert training.FLAGS.image_size == size
        assert f"--image_size={text}" in run_flags.as_text().splitlines()
        choices.keep(tmp_path)
        training.FLAGS["image_size"].value = None
        choices._fill_from(tmp_path)
        assert training.FLAGS.image_size == size
        assert type(training.FLAGS.image_size) is type(size)


def test_other_hours_than_those_of_the_plan_are_noticed(tmp_path):
    with flagsaver.flagsaver(hours=2.0, steps=90, steps_per_epoch=30):
        choices.keep(tmp_path)
    for hours, are_others in ((None, False), (2.0, False), (1.0, True)):
        with flagsaver.flagsaver():
            training.FLAGS(["train"])
            training.FLAGS.hours = hours
            assert choices.are_other_hours(tmp_path) == are_others
            choices._fill_from(tmp_path)
            assert (training.FLAGS.hours, training.FLAGS.steps) == (hours, 90)


@pytest.mark.parametrize(
    "flag",
    ["--image_discriminator_rate=1e-4", "--image_frames=2", "--frames_together=2"],
)
def test_flags_of_d_i_are_not_ignored_without_it(flag):
    with flagsaver.flagsaver():
        training.FLAGS(["train", "--noimage_discriminator", flag])
        with pytest.raises(app.UsageError, match="is of D_I.*Leave one of them out"):
            systems.get("mocogan")


@pytest.mark.parametrize("name", ["generator_rate", "final_rate"])
def test_rates_are_not_negative(name):
    with flagsaver.flagsaver(), pytest.raises(flags.Error, match=name):
        training.FLAGS(["train", f"--{name}=-1"])


def test_clip_frames_fit_nine_tenths_of_the_clips():
    usual = tuple(range(4, 17))
    lengths = [9] * 2 + [30] * 18  # the third shortest of twenty decides
    assert survey.choose_clip_frames(seen(lengths=lengths), 1, usual) == 16
    lengths = [9] * 3 + [30] * 17
    assert survey.choose_clip_frames(seen(lengths=lengths), 1, usual) == 9
    # (9 - 1) // 2 + 1 = 5 frames at a stride of 2.
    assert survey.choose_clip_frames(seen(lengths=lengths), 2, usual) == 5
    assert survey.choose_clip_frames(seen(lengths=lengths), 1, (4, 8, 16)) == 8
    assert survey.choose_clip_frames(seen(lengths=[2] * 20), 1, usual) == 4


def test_batch_size_is_halved_for_few_clips():
    sizes = [survey.choose_batch_size(seen(count=n), 32) for n in (1, 7, 20, 32, 900)]
    assert sizes == [2, 4, 16, 32, 32]


@pytest.mark.parametrize(
    ("words", "count", "wanted"),
    [
        ([], 99, ["translation", "color"]),
        ([], 100, None),
        (["--augmentation="], 10, []),  # nothing, if that is asked for
        (["--recipe=modern"], 10, None),
    ],
)
def test_few_clips_are_augmented(tmp_path, monkeypatch, words, count, wanted):
    monkeypatch.setattr(survey, "look", lambda *_: seen(count=count))
    with flagsaver.flagsaver():
        training.FLAGS(["train", "--data_dir=mine", "--steps=1", *words])
        choices.fill(systems.get("mocogan"), None)
        assert training.FLAGS.augmentation == wanted
        recipe = settings.make_recipe(km.MoCoGAN)
        assert recipe.compile.get("augmentation") == wanted
        choices.keep(tmp_path)
        training.FLAGS["augmentation"].value = None
        choices.fill(systems.get("mocogan"), tmp_path)  # when the run goes on
        assert training.FLAGS.augmentation == wanted


def test_look_at_files(tmp_path):
    for number in range(3):
        video = np.full((5 + number, 40, 52, 3), number, "uint8")
        km.video.write_gif(tmp_path / f"{number}.gif", video)
    (tmp_path / "broken.gif").write_bytes(b"GIF89a")
    found = survey.look(str(tmp_path))
    assert found == survey.Survey(4, [5, 6, 7], 40)
    assert survey.look(str(tmp_path), np.array([1])).lengths == [6]


def test_numbers_of_clips():
    with flagsaver.flagsaver():
        training.FLAGS(["train", "--clips=4-6,0,5"])
        assert clips.chosen().tolist() == [0, 4, 5, 6]
        training.FLAGS(["train", "--clips=0,9-3"])
        with pytest.raises(app.UsageError, match="Received: 9-3. Write 3-9."):
            clips.chosen()


@pytest.mark.parametrize(
    "flag", ["--noimage_discriminator", "--image_discriminator_rate=1e-4"]
)
def test_flags_of_another_system_are_not_ignored(flag):
    with flagsaver.flagsaver():
        training.FLAGS(["train", "--image_discriminator"])
        assert systems.get("vgan").model_class is km.VGAN
        training.FLAGS(["train", flag])
        with pytest.raises(app.UsageError, match="is of mocogan.*Leave it out"):
            systems.get("vgan")
        assert systems.get("mocogan").model_class is km.MoCoGAN


@pytest.mark.parametrize(
    ("system", "given", "said"),
    [
        ("TGAN", ["--beta_2=0.99"], "--beta_2 is Adam's.*uses rmsprop. Leave it out"),
        ("MoCoGAN", ["--penalty_interval=4"], "this training has none. Leave it out"),
    ],
)
def test_flags_without_an_effect_are_not_ignored(system, given, said):
    remedy = {"TGAN": "--optimizer=adam", "MoCoGAN": "--r1_weight=1"}[system]
    with flagsaver.flagsaver():
        training.FLAGS(["train", "--recipe=paper", *given])
        with pytest.raises(app.UsageError, match=said):
            settings.make_recipe(getattr(km, system))
    with flagsaver.flagsaver():
        training.FLAGS(["train", "--recipe=paper", *given, remedy])
        settings.make_recipe(getattr(km, system))


def test_steps_that_fit_to_hours():
    # 0.95 of two hours are 6,840 s; a fiftieth of 2,736 steps is 54 of them, and a
    # minute is 24.
    assert trial.fit_to(2, 2.5) == (2736 // 54 * 54, 54)
    # Epochs are no longer than ten minutes, and no shorter than one.
    assert trial.fit_to(24, 4.0) == (20520 // 150 * 150, 150)
    assert trial.fit_to(0.5, 1.0) == (1710 // 60 * 60, 60)
    assert trial.fit_to(0.0001, 1.0) == (1, 1)


def test_times_in_words(monkeypatch):
    words = [clock.span(s) for s in (4, 89, 600, 3660, 86400 * 1.25, 86400 * 5.1)]
    assert words == ["4 s", "89 s", "10 min", "1 h 1 min", "1 day 6 h", "5 days 2 h"]
    assert [clock.step(s) for s in (0.0552, 4.42, 61.7)] == ["0.055 s", "4.4 s", "62 s"]
    now = datetime.datetime.now().astimezone()
    assert clock.moment(0) in (
        now.strftime("%H:%M"),
        (now + datetime.timedelta(minutes=1)).strftime("%H:%M"),
    )
    assert len(clock.moment(3 * 86400)) > len("23:59")
