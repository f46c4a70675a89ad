"""SavedModels: what they compute, and that they need TensorFlow alone."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from processes import ROOT, run_backend
from testing import (
    enliven,
    random_clips,
    tiny_image_gan,
    tiny_model,
    tiny_tgan,
    tiny_vgan,
)

import keras_mocogan as km

pytestmark = pytest.mark.once

MAKERS = {
    "mocogan": tiny_model,
    "class_in_frame": lambda: tiny_model(category_input="frame"),
    "pairs": lambda: tiny_model(
        image_discriminator={"frames": 2, "content_dim": "content"}
    ),
    "compared": lambda: tiny_model(image_discriminator={"frames": 2, "fusion": "late"}),
    "no_classes": lambda: tiny_model(num_classes=0, image_discriminator=False),
    "vgan": tiny_vgan,
    "tgan": tiny_tgan,
    "wide": lambda: tiny_model(image_size=(32, 48), image_encoder={"filters": 2}),
    "tall": lambda: tiny_vgan(image_size=(48, 32)),
}
# The others' device is the one of this process.
DEVICES = {"tall": "cpu"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """`exported(name)`: a model, its loaded SavedModel and the folder."""
    import tensorflow as tf

    made = {}

    def export(name):
        if name not in made:
            model = MAKERS[name]()
            if isinstance(model, km.MoCoGAN):
                enliven(model)
            path = tmp_path_factory.mktemp(name) / "exported"
            assert km.export_saved_model(model, path, DEVICES.get(name)) == "cpu"
            made[name] = model, tf.saved_model.load(str(path)), path
        return made[name]

    return export


def request(loaded, seed=0, count=1, num_frames=0, label=-1):
    import tensorflow as tf

    generate = loaded.signatures["serving_default"]
    return generate(
        seed=tf.constant(seed, tf.int64),
        count=tf.constant(count),
        num_frames=tf.constant(num_frames),
        label=tf.constant(label),
    )["videos"].numpy()


def shapes(loaded, name):
    signature = loaded.signatures[name]
    given = signature.structured_input_signature[1]
    return (
        {k: (tuple(v.shape), v.dtype.name) for k, v in given.items()},
        {k: tuple(v.shape) for k, v in signature.structured_outputs.items()},
    )


def test_signatures_are_dynamic(exported):
    _, loaded, _ = exported("mocogan")
    names = set(loaded.signatures) - {"__saved_model_init_op"}
    assert names == {"serving_default", "decode", "motion", "score"}
    scalar = {n: ((), "int32") for n in ("count", "num_frames", "label")}
    videos = {"videos": (None, None, 32, 32, 3)}
    given, got = shapes(loaded, "serving_default")
    assert given == scalar | {"seed": ((), "int64")} and got == videos
    given, got = shapes(loaded, "decode")
    assert got == videos and given == {
        "content": ((None, 3), "float32"),
        "motion": ((None, None, 2), "float32"),
    }
    given, got = shapes(loaded, "motion")
    assert got == {"motion": (None, None, 2)} and given == {
        "noise": ((None, None, 2), "float32"),
        "state": ((None, 2), "float32"),
        "label": ((None,), "int32"),
    }
    given, got = shapes(loaded, "score")
    assert given == {"videos": ((None, None, 32, 32, 3), "uint8")}
    assert got == {"video": (None,), "image": (None,), "category": (None, 2)}


@pytest.mark.parametrize("frames", [3, 300])  # more than one slice
def test_same_latents_give_the_same_videos(exported, frames):
    model, loaded, _ = exported("mocogan")
    content = model.sample_content(2, seed=1)
    noise = km.latents.sample_noise(2, frames, model.noise_dim, seed=2)
    state = km.latents.sample_state(2, model.motion_dim, seed=2)
    labels = np.array([1, 0], "int32")
    motion = loaded.signatures["motion"](noise=noise, state=state, label=labels)
    wanted = model.sample_motion(2, frames, labels, seed=2)
    np.testing.assert_allclose(motion["motion"].numpy(), wanted, atol=1e-5)
    decode = loaded.signatures["decode"]
    videos = decode(content=content, motion=wanted)["videos"].numpy()
    assert videos.std() > 0.1
    np.testing.assert_allclose(videos, model.decode(content, wanted), atol=1e-5)


def test_images_are_encoded(exported):
    import tensorflow as tf

    model, loaded, _ = exported("wide")
    images = random_clips(3, size=(32, 48))[:, 0]
    found = loaded.signatures["encode"](images=tf.constant(images))["content"]
    np.testing.assert_allclose(found.numpy(), model.encode(images), atol=1e-5)
    assert "encode" not in exported("mocogan")[1].signatures


def test_class_in_the_frame(exported):
    model, loaded, _ = exported("class_in_frame")
    content, motion = model.sample_content(2, seed=1), model.sample_motion(2, 5, seed=1)
    labels = np.array([1, 0], "int32")
    decode = loaded.signatures["decode"]
    videos = decode(content=content, motion=motion, label=labels)["videos"].numpy()
    np.testing.assert_allclose(videos, model.decode(content, motion, labels), atol=1e-5)


@pytest.mark.parametrize("name", ["vgan", "tgan", "tall"])
def test_latent_models_decode_alike(exported, name):
    model, loaded, _ = exported(name)
    latent = model.sample_latent(70, seed=1)  # more than one slice
    labels = {"label": np.arange(70, dtype="int32") % 2} if model.num_classes else {}
    videos = loaded.signatures["decode"](latent=latent, **labels)["videos"].numpy()
    wanted = model.decode(latent, labels.get("label"))
    np.testing.assert_allclose(videos, wanted, atol=1e-5)


@pytest.mark.parametrize(
    "name", ["mocogan", "pairs", "compared", "no_classes", "vgan", "wide"]
)
def test_scores_are_the_models_own(exported, name):
    model, loaded, _ = exported(name)
    videos = random_clips(3, frames=6, size=model.image_size)
    scores = loaded.signatures["score"](videos=videos)
    if name == "vgan":  # judges clips of its own length, here three windows of them
        assert scores["video"].shape == (3,)
    wanted = model(videos)
    assert set(scores) == set(wanted)
    for key, score in wanted.items():
        np.testing.assert_allclose(scores[key], score, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", MAKERS)
def test_requests_of_any_size(exported, name):
    model, loaded, _ = exported(name)
    of_any_length = isinstance(model, km.MoCoGAN)
    for count, frames in ((1, 0), (3, 9 if of_any_length else 4)):
        videos = request(loaded, 5, count, frames)
        assert videos.shape == (
            count,
            frames or model.clip_frames,
            *model.frame_shape(),
        )
        assert videos.dtype == "uint8"
    np.testing.assert_array_equal(request(loaded, 5, 3), request(loaded, 5, 3))
    one, other = (request(loaded, seed, 3).astype(int) for seed in (5, 6))
    assert abs(one - other).max() > 0


def test_a_chosen_class_is_the_one_that_is_drawn(exported):
    # Of both classes the one that was drawn gives the same video again.
    _, loaded, _ = exported("mocogan")
    drawn = request(loaded, 7, label=-1)
    same = [np.array_equal(drawn, request(loaded, 7, label=k)) for k in (0, 1)]
    assert sorted(same) == [False, True]


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("mocogan", {"count": 0}, r"`count` must be at least 1. Received:\] \[0"),
        ("mocogan", {"count": -3}, r"`count` must be at least 1. Received:\] \[-3"),
        ("mocogan", {"num_frames": -1}, r"`num_frames` must be at .*:\] \[-1"),
        ("mocogan", {"count": 2**30, "num_frames": 2**30}, "bytes. Received:"),
        ("mocogan", {"label": 2}, r"from 0 to 1. Received:\] \[2"),
        ("mocogan", {"label": -2}, r"from 0 to 1. Received:\] \[-2"),
        ("no_classes", {"label": 0}, r"no classes. Received:\] \[0"),
        ("vgan", {"num_frames": 5}, r"this model makes 4. Received:\] \[5"),
    ],
)
def test_bad_requests_are_clear_and_the_next_one_is_served(
    exported, name, wrong, message
):
    import tensorflow as tf

    _, loaded, _ = exported(name)
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        request(loaded, **wrong)
    assert request(loaded).shape[0] == 1


def test_bad_arrays_are_clear(exported):
    import tensorflow as tf

    model, loaded, _ = exported("class_in_frame")
    with pytest.raises(tf.errors.InvalidArgumentError, match="at least 4 frames"):
        loaded.signatures["score"](videos=random_clips(1, frames=3))
    content, motion = model.sample_content(1), model.sample_motion(1, 3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="from 0 to 1"):
        loaded.signatures["decode"](content=content, motion=motion, label=np.array([2]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="a uint8 tensor but is a"):
        loaded.signatures["score"](videos=tf.constant(random_clips(), tf.float32))


def test_what_cannot_be_exported_is_told(tmp_path):
    with pytest.raises(ValueError, match="a VGAN or a TGAN. Received: a ImageGAN"):
        km.export_saved_model(tiny_image_gan(), tmp_path / "new")
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="exists already"):
        km.export_saved_model(tiny_vgan(), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_export_through_tensorflow(backend, tmp_path):
    import tensorflow as tf

    code = """
        import sys
        import numpy as np
        import keras_mocogan as km
        from testing import tiny_vgan
        model = tiny_vgan()
        km.export_saved_model(model, sys.argv[1] + "/exported")
        latent = model.sample_latent(2, seed=3)
        np.save(sys.argv[1] + "/videos.npy", model.decode(latent, [0, 1]))
    """
    run_backend(backend, code, tmp_path)
    loaded = tf.saved_model.load(str(tmp_path / "exported"))
    latent = tiny_vgan().sample_latent(2, seed=3)
    labels = np.array([0, 1], "int32")
    videos = loaded.signatures["decode"](latent=latent, label=labels)["videos"]
    wanted = np.load(tmp_path / "videos.npy")
    np.testing.assert_allclose(videos.numpy(), wanted, atol=1e-5)


SERVING = """
    import sys, time
    sys.modules["keras"] = sys.modules["keras_mocogan"] = None
    import numpy as np, tensorflow as tf
    for name in ("keras", "keras_mocogan"):
        try:
            __import__(name)
        except ImportError:
            continue
        raise SystemExit(name + " was imported")
    generate = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
    random, times = np.random.default_rng(0), []
    for i in range(100):
        count, frames = (int(n) for n in random.integers(1, [5, 33]))
        start = time.perf_counter()
        videos = generate(
            seed=tf.constant(i, tf.int64), count=tf.constant(count),
            num_frames=tf.constant(frames), label=tf.constant(-1),
        )["videos"].numpy()
        times.append(time.perf_counter() - start)
        assert videos.shape == (count, frames, 32, 32, 3), videos.shape
    print("median of a request:", np.median(times), "s")
"""


def test_serves_without_keras(exported):
    _, _, path = exported("mocogan")
    printed = run_backend("tensorflow", SERVING, path)
    print(printed)
    assert "median of a request" in printed


def test_client_answers_lines_and_lives_on(exported, tmp_path):
    _, _, path = exported("mocogan")
    lines = [
        '{"seed": 1, "count": 2, "frames": 6, "class": 1}',
        '{"count": 0}',
        '{"count": 100000}',
        '{"class": 9}',
        '{"seed": 1.5}',
        '{"what": 1}',
        "{broken",
        "[]",
        '{"format": "avi"}',
        '{"format": ["gif"]}',
        b'{"seed": 1, "format": "\xff"}',  # no UTF-8
        '{"frames": 5, "format": "mp4"}',
    ]
    command = [sys.executable, ROOT / "examples" / "serve.py", f"--model={path}"]
    command += [f"--output_dir={tmp_path}"]
    requests = b"\n".join(
        line if isinstance(line, bytes) else line.encode() for line in lines
    )
    child = subprocess.run(
        list(map(str, command)), input=requests, capture_output=True, timeout=240
    )
    assert child.returncode == 0, child.stderr
    answers = [json.loads(line) for line in child.stdout.splitlines()]
    assert [a["request"] for a in answers] == list(range(len(lines)))
    errors = [a.get("error", "") for a in answers]
    wanted = [
        "",
        "1 to 64",
        "1 to 64",
        "0 to 1",
        "seed=1.5",
        "JSON object",
        "Expecting",
    ]
    wanted += ["JSON object", *["'gif' or 'mp4'"] * 2]
    wanted += ["'utf-8' codec can't decode", ""]
    for got, part in zip(errors, wanted, strict=True):
        assert part in got and bool(part) == bool(got)
    dataset = km.data.video_dataset(
        str(tmp_path), image_size=32, clip_frames=5, batch_size=1
    )
    assert dataset.num_clips == 3  # two GIFs of 6 frames and an MP4 of 5


def strided_convolutions(path):
    """How many convolutions of a SavedModel have a stride."""
    from tensorflow.core.protobuf import saved_model_pb2

    content = (path / "saved_model.pb").read_bytes()
    graph = saved_model_pb2.SavedModel.FromString(content).meta_graphs[0].graph_def
    functions = [function.node_def for function in graph.library.function]
    return sum(
        node.op in ("Conv2D", "Conv3D") and max(node.attr["strides"].list.i) > 1
        for nodes in (graph.node, *functions)
        for node in nodes
    )


def test_the_form_of_convolutions_is_chosen(exported, tmp_path):
    import tensorflow as tf

    model, loaded, path = exported("mocogan")
    videos = random_clips(2, 5)
    wanted = loaded.signatures["score"](videos=videos)
    assert km.export_saved_model(model, tmp_path / "gpu", "gpu") == "gpu"
    other = tf.saved_model.load(str(tmp_path / "gpu"))
    scores = other.signatures["score"](videos=videos)
    for name in wanted:
        np.testing.assert_allclose(scores[name], wanted[name], atol=1e-4)
    # On a CPU layers of few channels take blocks of pixels in place of a stride.
    assert strided_convolutions(path) < strided_convolutions(tmp_path / "gpu")


def test_what_must_not_be_exported(tmp_path):
    model = tiny_vgan()
    with pytest.raises(ValueError, match="`device` must be 'cpu' or 'gpu'.*'tpu'"):
        km.export_saved_model(model, tmp_path / "out", device="tpu")
    kernel = model.trainable_variables[0]
    kernel.assign(np.full(kernel.shape, np.nan, "float32"))
    with pytest.raises(ValueError, match="Weights must be finite. .*kernel"):
        km.export_saved_model(model, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_tool_exports_a_file(tmp_path):
    import tensorflow as tf

    tiny_tgan().save(tmp_path / "m.keras")
    tool = ROOT / "tools" / "export_saved_model.py"
    flags = f"--model={tmp_path}/m.keras", f"--output={tmp_path}/out"
    printed = run_backend("tensorflow", tool, *flags, "--device=gpu")
    assert "out, for a GPU. Serve it: keras-mocogan serve" in printed
    videos = request(tf.saved_model.load(str(tmp_path / "out")), count=2)
    assert videos.shape == (2, 4, 32, 32, 3)
    assert keras.models.load_model(tmp_path / "m.keras").clip_frames == 4
