"""Files that load on every backend, and runs that go on as if never interrupted."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from processes import BACKENDS, run_backend
from testing import (
    BATCH,
    EAGER,
    PHASES,
    assert_identical,
    both_discriminators,
    labels_for,
    random_clips,
    tiny_image_gan,
    tiny_model,
    values,
)

import keras_mocogan as km

SCRIPT = Path(__file__).with_name("saving_steps.py")
PAIRS = [(a, b) for a in BACKENDS for b in BACKENDS if a != b]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """`{saver: known}` and `{(saver, loader): known}`, of three and six files."""
    folder = tmp_path_factory.mktemp("saved")

    def save(backend):
        run_backend(backend, SCRIPT, "save", folder / backend)
        return dict(np.load(folder / f"{backend}.npz"))

    def load(loader):
        others = [folder / saver for saver in BACKENDS if saver != loader]
        run_backend(loader, SCRIPT, "load", folder / f"on_{loader}", *others)

    # Compiling keeps one core busy, so two run side by side.
    with ThreadPoolExecutor(2) as pool:
        known = dict(zip(BACKENDS, pool.map(save, BACKENDS), strict=True))
        list(pool.map(load, BACKENDS))
    for saver, loader in PAIRS:
        known[saver, loader] = dict(np.load(folder / f"on_{loader}.{saver}.npz"))
    return known


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize(("saver", "loader"), PAIRS)
class TestAcrossBackends:
    def test_videos_are_the_same(self, saved, saver, loader):
        wanted, got = saved[saver], saved[saver, loader]
        assert wanted["generate"].std() > 10  # not one gray
        difference = got["generate"].astype(int) - wanted["generate"]
        assert abs(difference).max() <= 1
        np.testing.assert_allclose(got["decode"], wanted["decode"], atol=1e-4)

    def test_weights_and_optimizers_are_restored(self, saved, saver, loader):
        wanted, got = saved[saver], saved[saver, loader]
        assert wanted["steps"] == got["steps"] == 2
        # A total and a count of each: what a run goes on from. Shares may be zero.
        totals, counts = wanted["means"].reshape(-1, 2).T
        assert (counts == 2).all() and (totals > 0).sum() >= 4
        for name in ("weights", "noise_state", "means"):
            np.testing.assert_array_equal(got[name], wanted[name])
        for phase in PHASES:
            state = got[f"optimizer/{phase}"]
            assert state[0] == 2  # iterations
            assert (state[2:] != 0).mean() > 0.5  # after the rate: the moments
            np.testing.assert_array_equal(state, wanted[f"optimizer/{phase}"])
            assert got[f"config/{phase}"] == wanted[f"config/{phase}"]

    def test_jit_compile_is_resolved_anew(self, saved, saver, loader):
        got = saved[saver, loader]
        assert got["requested_jit_compile"] == "auto"
        # On a machine without an accelerator, as tests run on.
        assert got["jit_compile"] == (loader == "jax")

    def test_training_goes_on(self, saved, saver, loader):
        got = saved[saver, loader]
        assert np.isfinite(got["losses"]).all()
        assert (got["weights_after"] != got["weights"]).mean() > 0.9
        np.testing.assert_array_equal(got["steps_after"], [4, 4, 4, 4])


# === Within one backend ===


def batch(step):
    videos = random_clips(seed=step)
    return videos, labels_for(videos)


def train(model, steps):
    for step in steps:
        model.train_on_batch(*batch(step))


def check_resuming(tmp_path, **arguments):
    through = tiny_model(**arguments)
    through.compile(run_eagerly=EAGER)
    train(through, range(4))

    interrupted = tiny_model(**arguments)
    interrupted.compile(run_eagerly=EAGER)
    train(interrupted, range(2))
    interrupted.save(tmp_path / "half.keras")
    resumed = keras.models.load_model(tmp_path / "half.keras")
    train(resumed, range(2, 4))

    assert int(values([resumed.optimizer.iterations])[0]) == 4
    pairs = zip(all_state(resumed), all_state(through), strict=True)
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def all_state(model):
    seeds = [model.seed_generator.state]
    return values([*model.weights, *model.optimizer.variables, *seeds])


@pytest.mark.slow
def test_interrupted_run_ends_like_an_uninterrupted_one(tmp_path):
    check_resuming(tmp_path)


@pytest.mark.once
def test_resuming_with_instance_noise(tmp_path):
    check_resuming(tmp_path, **both_discriminators(instance_noise=0.1))


def test_compile_arguments_are_restored(tmp_path):
    model = tiny_model()
    model.compile(
        generator_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.4, use_ema=True),
        image_discriminator_optimizer=keras.optimizers.RMSprop(2e-3),
        video_discriminator_optimizer=keras.optimizers.SGD(3e-3, momentum=0.9),
        loss="hinge",
        category_weight=0.5,
        jit_compile=False,
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.objective.loss is km.losses.hinge
    assert loaded.objective.category_weight == 0.5
    assert loaded.jit_compile is False
    for phase in PHASES:
        wanted, got = (each.optimizer[phase] for each in (model, loaded))
        assert got.get_config() == wanted.get_config()
    assert_identical(
        values(model.optimizer.variables), values(loaded.optimizer.variables)
    )


def test_uncompiled_model_saves_and_loads(tmp_path):
    model = tiny_model()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert not loaded.compiled
    assert loaded.get_config() == model.get_config()
    assert_identical(values(model.weights), values(loaded.weights))
    np.testing.assert_array_equal(
        model.generate(BATCH, seed=1), loaded.generate(BATCH, seed=1)
    )


@pytest.mark.once
def test_files_that_are_no_models_are_told_apart(tmp_path):
    with pytest.raises(ValueError, match="a whole `.keras` file.*does not exist"):
        km.load_model(tmp_path / "model.keras")
    tiny_model().save(tmp_path / "whole.keras")
    torn = (tmp_path / "whole.keras").read_bytes()[:-100]
    (tmp_path / "torn.keras").write_bytes(torn)
    with pytest.raises(ValueError, match="torn.keras', which is .* damaged. Copy it"):
        km.load_model(tmp_path / "torn.keras")


@pytest.mark.once
def test_an_optimizer_of_other_weights_is_refused(tmp_path):
    model = tiny_model()
    model.compile()
    model.save(tmp_path / "whole.keras")
    km.load_model(tmp_path / "whole.keras")  # though it never trained
    with (
        zipfile.ZipFile(tmp_path / "whole.keras") as whole,
        zipfile.ZipFile(tmp_path / "other.keras", "w") as other,
    ):
        for name in whole.namelist():
            other.writestr(name, turned(whole.read(name), name))
    with pytest.raises(ValueError, match="other.keras', which another version"):
        km.load_model(tmp_path / "other.keras")
    loaded = km.load_model(tmp_path / "other.keras", compile=False)
    assert_identical(values(model.weights), values(loaded.weights))


def turned(data, name):
    """The file of weights, with an optimizer's variables in another order."""
    if not name.endswith(".h5"):
        return data
    data = io.BytesIO(data)
    with h5py.File(data, "r+") as file:
        known = file["optimizer/optimizers/adam/vars"]
        first, *_, last = sorted(known, key=int)
        known.move(last, "moved")
        known.move(first, last)
        known.move("moved", first)
    return data.getvalue()


def test_weights_file_restores_the_weights(tmp_path):
    model, other = tiny_model(), tiny_model(seed=8)
    model.save_weights(tmp_path / "model.weights.h5")
    kernels = [
        [v for v in each.trainable_variables if "kernel" in v.name]
        for each in (model, other)
    ]
    for a, b in zip(*map(values, kernels), strict=True):
        assert (a != b).mean() > 0.99  # nothing of it is restored by the seed
    other.load_weights(tmp_path / "model.weights.h5")
    assert_identical(values(model.weights), values(other.weights))


def test_config_is_the_arguments():
    arguments = {
        "num_frames": 6,
        "category_input": "frame",
        "image_generator": {"filters": 2, "modulation_dim": 3, "palette_size": 2},
        "noise_dim": 5,
    }
    model = tiny_model(**arguments, image_discriminator=False)
    config = model.get_config()
    assert config["image_discriminator"] is False
    for name, value in arguments.items():
        assert config[name] == value
    twin = type(model).from_config(config)
    assert twin.get_config() == config
    assert [w.shape for w in twin.weights] == [w.shape for w in model.weights]


# === Keras' other ways out ===


@pytest.mark.once
@pytest.mark.parametrize("name", ["model.h5", "model.weights.h5", "model", "model.tf"])
def test_whole_models_are_saved_in_keras_files_alone(tmp_path, name):
    model = tiny_model()
    with pytest.raises(ValueError, match="a `.keras` file. Received: ") as refusal:
        model.save(tmp_path / name)
    assert not list(tmp_path.iterdir())
    for call in str(refusal.value).split("Received: ")[1].split("`")[1::2]:
        eval(call)
    whole, weights = tmp_path / "model.keras", tmp_path / "model.weights.h5"
    other = tiny_model(seed=8)
    other.load_weights(weights)
    for loaded in (keras.models.load_model(whole), other):
        assert_identical(values(model.weights), values(loaded.weights))


@pytest.mark.once
@pytest.mark.parametrize("make", [tiny_model, tiny_image_gan])
def test_export_leads_to_what_exports(tmp_path, make):
    import tensorflow as tf

    model, path = make(), tmp_path / "exported"
    with pytest.raises(
        ValueError, match=f"Received: a {type(model).__name__}"
    ) as refusal:
        model.export(path)
    assert not path.exists()
    eval(str(refusal.value).split("`")[1], {"keras_mocogan": km, "model": model})
    assert tf.saved_model.load(str(path)).signatures
