"""What data sets of every kind `fit` takes and refuses, and what it reads of them."""

import importlib.util
import inspect

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
    snapshot,
    tiny_model,
    to_float,
)

import keras_mocogan as km

KINDS = ("tf.data", "PyDataset", "DataLoader", "generator")
VIDEOS = random_clips(2 * BATCH)
LABELS = labels_for(VIDEOS)
TOO_HIGH = np.array([0, 1, 0, 2], "int32")  # in the second batch


@pytest.fixture(scope="module")
def model():
    """Compiled for training as users do: TensorFlow's graphs have open shapes."""
    model = tiny_model()
    model.compile()
    return model


@pytest.fixture(scope="module")
def quick_model(model):
    """The same for other data, for each kind of which TensorFlow traces a new graph."""
    if not EAGER:
        return model
    model = tiny_model()
    model.compile(run_eagerly=True)
    return model


@pytest.fixture
def checked_model(kind, model, quick_model):
    """The compiled one for tf.data alone: other batches are checked before the step."""
    return model if kind == "tf.data" else quick_model


def tensorflow():
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not installed")
    import tensorflow as tf

    return tf


def torch_data():
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is not installed")
    import torch

    return torch.utils.data


class Batches(keras.utils.PyDataset):
    def __init__(self, batches):
        super().__init__()
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


def slices(data, rows):
    return keras.tree.map_structure(lambda x: x[rows], data)


def data_set(kind, data):
    """Two batches of a structure of arrays, as a data set of that kind."""
    parts = [slices(data, slice(i, i + BATCH)) for i in (0, BATCH)]
    if kind == "PyDataset":
        return Batches(parts)
    if kind == "generator":
        return (part for part in parts)
    if kind == "tf.data":
        return tensorflow().data.Dataset.from_tensor_slices(data).batch(BATCH)
    rows = [slices(data, row) for row in range(len(VIDEOS))]
    return torch_data().DataLoader(rows, batch_size=BATCH)


def steps_of(model, data, **arguments):
    """Steps that `fit` makes on that data; all losses are finite."""
    before = model.global_step
    history = model.fit(data, verbose=0, **arguments).history
    assert np.isfinite(history["loss"]).all()
    return model.global_step - before


@pytest.fixture(scope="module")
def untouched_model():
    """A model whose steps fail when they are traced, and its state."""
    model = tiny_model()
    model.compile()

    def traced(*_):
        raise AssertionError("the step was traced")

    model.adversarial_step = model.evaluation_step = traced
    return model, snapshot(model)


# === Structures ===


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("data", [VIDEOS, (VIDEOS, LABELS)], ids=["bare", "labeled"])
def test_every_kind_trains_on_videos_with_and_without_labels(quick_model, kind, data):
    assert steps_of(quick_model, data_set(kind, data)) == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            {"video": VIDEOS, "label": LABELS},
            r"a dict with the keys 'video', 'label'\. Pass \(batch\['video'\], ",
        ),
        ((VIDEOS, LABELS, np.ones(4)), "cannot be weighted. Received: sample_weight"),
        (((VIDEOS,), LABELS), "must be `videos` or .* a (tuple|list) of 2"),
        ((VIDEOS[:, :3], LABELS), r"shape \((2|None), 3, 32, 32, 3\)"),
        ((VIDEOS, LABELS[:, None]), r"shape \((2|None), 1\), .* `labels\[:, 0\]`"),
        ((VIDEOS, LABELS.astype("float32")), "float32.*cast them to int32"),
    ],
    ids=["dict", "weights", "nested", "short", "column", "float labels"],
)
def test_every_kind_is_refused_before_anything_is_compiled(
    untouched_model, kind, data, message
):
    model, before = untouched_model
    for method in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match=f"(?s)^`x`: .*{message}"):
            method(data_set(kind, data), verbose=0)
    with pytest.raises(ValueError, match=f"(?s)^`validation_data`: .*{message}"):
        model.fit(VIDEOS, validation_data=data_set(kind, data), verbose=0)
    assert_identical(before, snapshot(model))


@pytest.mark.once
def test_the_hint_about_dictionaries_is_code_that_trains(quick_model):
    data = {"id": np.arange(4), "label": LABELS, "video": VIDEOS}
    dataset = data_set("tf.data", data)
    with pytest.raises(ValueError) as refusal:
        quick_model.fit(dataset, verbose=0)
    hint = str(refusal.value).split("`")[-2]
    videos, labels = next(iter(eval(f"dataset{hint}")))
    np.testing.assert_array_equal(videos, VIDEOS[:BATCH])
    np.testing.assert_array_equal(labels, LABELS[:BATCH])
    assert steps_of(quick_model, eval(f"dataset{hint}")) == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"videos": VIDEOS, "labels": LABELS}, "Received: a dict.*two arguments"),
        ((VIDEOS, LABELS), r"Received: a tuple.*`fit\(videos, labels\)`"),
        ([VIDEOS[0], VIDEOS[1]], r"Received: a list.*`np.stack\(clips\)`"),
        ("clips/", "Received: a str"),
    ],
)
def test_what_is_no_data_set(model, data, message):
    for method in (model.fit, model.evaluate, model.predict):
        with pytest.raises(ValueError, match=f"^`x`: Videos must come as.*{message}"):
            method(data)


def test_labels_beside_a_data_set_are_refused(model):
    with pytest.raises(ValueError, match="^`x`: .*`y` with a data set. Leave `y`"):
        model.fit(data_set("PyDataset", VIDEOS), LABELS)


def test_weights_of_validation_data_are_refused(model):
    with pytest.raises(ValueError, match="^`validation_data`: .*cannot be weighted"):
        model.fit(VIDEOS, validation_data=(VIDEOS, LABELS, np.ones(4)), verbose=0)


@pytest.mark.once
def test_ragged_batches_are_refused(model):
    tf = tensorflow()
    clips = [VIDEOS[0], random_clips(1, frames=6)[0]]
    single = tf.data.Dataset.from_generator(
        lambda: iter(clips), output_signature=tf.TensorSpec((None, 32, 32, 3), "uint8")
    )
    for x in (single.ragged_batch(2), tf.ragged.stack(clips)):
        with pytest.raises(
            ValueError, match="dense tensors. Received: a Ragged"
        ) as refusal:
            model.fit(x, verbose=0)
    hint = str(refusal.value).split("`")[-2].replace("...", "2")
    assert hint == ".map(lambda clip: clip[:4]).batch(2)"
    (videos,) = eval(f"single{hint}")
    np.testing.assert_array_equal(videos, [clip[:4] for clip in clips])
    model.clip_spec.check_videos(videos.shape, "uint8")


@pytest.mark.once
def test_arguments_are_those_of_keras():
    for name in ("fit", "evaluate", "predict"):
        ours = inspect.signature(getattr(km.MoCoGAN, name)).parameters
        theirs = inspect.signature(getattr(keras.Model, name)).parameters
        assert {k: p.default for k, p in ours.items()} == {
            k: p.default for k, p in theirs.items()
        }


# === Open shapes ===


def from_generator(batches, *shapes):
    tf = tensorflow()
    spec = [tf.TensorSpec(shape, batches[0][i].dtype) for i, shape in enumerate(shapes)]
    return tf.data.Dataset.from_generator(
        lambda: iter(batches), output_signature=tuple(spec)
    )


@pytest.mark.parametrize(
    ("videos", "labels"),
    [([None] * 5, None), (None, [None])],
    ids=["labels of no rank", "videos of no rank"],
)
def test_open_shapes_train(model, videos, labels):
    batches = [(VIDEOS[:2], LABELS[:2]), (VIDEOS[2:], LABELS[2:])]
    assert steps_of(model, from_generator(batches, videos, labels)) == 2


def test_what_a_python_function_reads_trains(model):
    tf = tensorflow()
    data = tf.data.Dataset.range(4).map(
        lambda i: tf.py_function(lambda j: VIDEOS[int(j)], [i], "uint8")
    )
    assert steps_of(model, data.batch(2)) == 2


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ((random_clips(size=48), LABELS[:2]), r"Received: shape \(2, 4, 48, 48, 3\)"),
        ((VIDEOS[0], LABELS[:2]), r"Received: shape \(4, 32, 32, 3\)"),
        ((VIDEOS[:2, :3], LABELS[:2]), "Received: shape .*Pass clips of 4"),
        ((VIDEOS[:2], LABELS[:2, None]), r"Received: shape \(2, 1\)"),
        ((VIDEOS[:1], LABELS[:1, None]), r"Received: shape \(1, 1\)"),
        ((VIDEOS[:2], LABELS[:1]), "Received: 1 labels for 2 videos"),
        ((VIDEOS[:0], LABELS[:0]), "at least one video"),
    ],
)
def test_batches_that_do_not_fit_are_named_though_shapes_are_open(
    model, batch, message
):
    before = snapshot(model)
    with pytest.raises(ValueError, match=f"(?s)^`x`: .*{message}"):
        model.fit(from_generator([batch], None, None), verbose=0)
    assert_identical(before, snapshot(model))


@pytest.mark.parametrize("shape", [(None, None, 32, 32, 3), None])
def test_predict_scores_clips_of_an_open_number_of_frames(model, shape):
    longer = random_clips(frames=6)
    scores = model.predict(from_generator([(VIDEOS,), (longer,)], shape), verbose=0)
    wanted = [model.predict(videos, verbose=0) for videos in (VIDEOS, longer)]
    assert set(scores) == {"image", "video", "category"}
    for name, values in scores.items():
        both = np.concatenate([part[name] for part in wanted])
        np.testing.assert_allclose(values, both, rtol=1e-4, atol=1e-6)


def test_predict_passes_over_labels(model):
    labeled = data_set("tf.data", (VIDEOS, LABELS + 7))
    scores = model.predict(labeled, verbose=0)
    wanted = model.predict(VIDEOS, verbose=0)
    np.testing.assert_allclose(scores["video"], wanted["video"], rtol=1e-4, atol=1e-6)


# === What is read ===


def test_no_clip_is_read_twice_and_none_is_lost(model):
    tf = tensorflow()
    read = []

    def decode(index):
        read.append(int(index))
        return VIDEOS[index % 4]

    clips = tf.data.Dataset.range(8).map(
        lambda i: tf.ensure_shape(
            tf.numpy_function(decode, [i], tf.uint8), (4, 32, 32, 3)
        )
    )
    assert steps_of(model, clips.shuffle(8).batch(BATCH)) == 4
    assert sorted(read) == list(range(8))
    assert (
        steps_of(model, clips.shuffle(8).batch(BATCH), validation_data=clips.batch(8))
        == 4
    )
    assert sorted(read) == sorted([*range(8)] * 3)


def test_a_loader_is_read_once(quick_model):
    read = []

    class Clips(torch_data().Dataset):
        def __len__(self):
            return 4

        def __getitem__(self, index):
            read.append(index)
            return VIDEOS[index]

    loader = torch_data().DataLoader(Clips(), batch_size=BATCH)
    assert steps_of(quick_model, loader, epochs=2) == 4
    assert read == [0, 1, 2, 3] * 2


def test_a_generator_that_has_ended_makes_no_epoch(quick_model):
    with pytest.raises(ValueError, match="^`x`: There must be a batch for every epoch"):
        quick_model.fit(data_set("generator", VIDEOS), epochs=2, verbose=0)


def test_an_error_of_a_generator_reaches_the_user(quick_model):
    def fail():
        yield VIDEOS[:BATCH]
        raise KeyError("the third shelf")

    with pytest.raises(KeyError, match="the third shelf"):
        quick_model.fit(fail(), steps_per_epoch=2, verbose=0)


def test_an_iterator_of_tensorflow_is_a_generator(quick_model):
    arrays = data_set("tf.data", (VIDEOS, TOO_HIGH)).as_numpy_iterator()
    with pytest.raises(ValueError, match="^`x`: .*must be 0 to 1. Received: label 2"):
        quick_model.fit(arrays, steps_per_epoch=2, verbose=0)


# === Values of later batches ===


@pytest.mark.parametrize("kind", KINDS)
def test_a_later_label_out_of_range_stops_the_run(checked_model, kind):
    model = checked_model
    before = model.global_step
    with pytest.raises(ValueError, match="^`x`: .*must be 0 to 1. Received: label 2"):
        model.fit(data_set(kind, (VIDEOS, TOO_HIGH)), shuffle=False, verbose=0)
    assert model.global_step == before + 1  # and it lives on
    assert model.generate(1, seed=0).shape == (1, 4, 32, 32, 3)


def test_validation_labels_out_of_range_stop_the_run(model):
    data = data_set("tf.data", (VIDEOS, TOO_HIGH))
    with pytest.raises(ValueError, match="^`validation_data`: .*Received: label 2"):
        model.fit(VIDEOS, LABELS, batch_size=BATCH, validation_data=data, verbose=0)


@pytest.mark.parametrize("method", ["train_on_batch", "test_on_batch"])
def test_single_batches_are_checked(model, method):
    before = snapshot(model)
    with pytest.raises(ValueError, match="^`y`: .*Received: label 2"):
        getattr(model, method)(VIDEOS[:2], TOO_HIGH[2:])
    with pytest.raises(ValueError, match="^`x`: .*Pass clips of 4"):
        getattr(model, method)(VIDEOS[:2, :3])
    for no_array in (list(VIDEOS[:2]), None):
        said = f"^`x`: .*one array.*Received: a {type(no_array).__name__}.*np.stack"
        with pytest.raises(ValueError, match=said):
            getattr(model, method)(no_array)
    assert_identical(before, snapshot(model))


@pytest.mark.parametrize("kind", KINDS)
def test_the_range_of_float_videos_is_looked_at(checked_model, kind):
    model = checked_model
    with pytest.raises(ValueError, match=r"^`x`: .*lie in \[-1, 1\].*\[0, 255\]"):
        model.fit(data_set(kind, VIDEOS.astype("float32")), verbose=0)
    dark = (to_float(VIDEOS) + 1) / 2
    with pytest.warns(UserWarning, match=r"If 0 is black.*`videos \* 2 - 1`"):
        model.evaluate(data_set(kind, dark), verbose=0)


def test_a_label_that_gets_past_the_checks_shows_in_the_loss():
    logits = np.zeros((2, 2), "float32")
    labels = np.array([0, 2], "int32")
    if keras.backend.backend() == "torch":
        with pytest.raises((RuntimeError, ValueError)):
            km.losses.category_cross_entropy(ops.convert_to_tensor(labels), logits)
        return
    loss = km.losses.category_cross_entropy(ops.convert_to_tensor(labels), logits)
    assert np.isnan(float(loss))


# === Endless data ===


def endless(kind):
    if kind == "tf.data":
        return data_set(kind, VIDEOS).repeat()
    if kind in ("tf", "python"):
        return km.data.video_dataset(
            VIDEOS,
            image_size=32,
            clip_frames=4,
            batch_size=BATCH,
            repeat=True,
            engine=kind,
        )

    class Endless(Batches):
        num_batches = None

        def __getitem__(self, index):
            return self.batches[index % 2]

    return Endless([VIDEOS[:2], VIDEOS[2:]])


@pytest.mark.parametrize("kind", ["tf.data", "tf", "python", "PyDataset"])
def test_endless_data_needs_steps(quick_model, kind):
    never = "Data that never ends needs"
    with pytest.raises(ValueError, match=f"^`x`: {never} `steps_per_epoch`"):
        quick_model.fit(endless(kind), verbose=0)
    for method in (quick_model.evaluate, quick_model.predict):
        with pytest.raises(ValueError, match=f"^`x`: {never} `steps`"):
            method(endless(kind), verbose=0)
    with pytest.raises(ValueError, match=f"_data`: {never} `validation_steps`"):
        quick_model.fit(VIDEOS, validation_data=endless(kind), verbose=0)
    assert steps_of(quick_model, endless(kind), steps_per_epoch=3) == 3
