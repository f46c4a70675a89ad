"""Scores by a named protocol: which clips they are made of, and what they tell."""

import itertools
import json

import numpy as np
import pytest

from keras_mocogan import data, metrics
from keras_mocogan.metrics import Protocol, get_protocol

pytestmark = [
    pytest.mark.once,
    pytest.mark.filterwarnings("ignore:.*biased upward"),
]

SIZE = (4, 8, 8, 3)  # of a clip
WEIGHTS = np.random.RandomState(2).randn(np.prod(SIZE), 12) / 16


def clips(seed, count, brightest=256, frames=4):
    random = np.random.RandomState(seed)
    shape = (count, frames, *SIZE[1:])
    return random.randint(0, brightest, shape).astype("uint8")


def network(videos):
    """One layer with random weights."""
    return np.tanh(videos.reshape(len(videos), -1) @ WEIGHTS)


EXTRACTOR = metrics.FeatureExtractor(network, "symmetric", batch_size=7, name="layer")
GENERATED, REAL = clips(0, 64), clips(1, 48, 200)


def protocol(measure="fvd", **changes):
    settings = {"frames": 4, "stride": 1, "generated": 64, "real": 48, "ddof": 1}
    return Protocol(
        "tiny", measure, **settings | changes, published_size=8, source="this test"
    )


def numbers(videos):
    """An extractor of the numbers in the first pixel of each frame."""
    return videos[:, :, 0, 0, 0].astype("float64")


def counted(count, frames):
    """Videos whose frame `j` of video `i` is filled with `10 * i + j`."""
    value = 10 * np.arange(count)[:, None] + np.arange(frames)
    return np.broadcast_to(
        value[..., None, None, None], (count, frames, *SIZE[1:])
    ).astype("uint8")


# === Protocols ===


# As the papers' code has them: frames, stride, clips, runs, divisor of covariances.
PUBLISHED = {
    "styleganv_fvd2048_16f": (16, 1, 2048, 2048, 1, 0),
    "styleganv_fvd2048_128f": (128, 1, 2048, 2048, 1, 0),
    "styleganv_fvd2048_128f_subsample8f": (16, 8, 2048, 2048, 1, 0),
    "digan_fvd2048_16f": (16, 1, 2048, 2048, 10, 1),
    "tats_fvd2048_16f": (16, 1, 2048, 2048, 1, 1),
}


def test_protocols_are_the_published_ones():
    found = {
        name: (p.frames, p.stride, p.generated, p.real, p.runs, p.ddof)
        for name, p in metrics.PROTOCOLS.items()
        if p.measure == "fvd"
    }
    assert found == PUBLISHED
    score = get_protocol("styleganv_isv2048_ucf")
    assert (score.measure, score.frames, score.generated) == (
        "inception_score",
        16,
        2048,
    )
    assert (score.splits, score.real) == (10, 0)
    assert all(p.name == name for name, p in metrics.PROTOCOLS.items())
    assert get_protocol("styleganv_fvd2048_128f_subsample8f").span == 121


def test_another_number_of_clips_is_another_name():
    known = get_protocol("styleganv_fvd2048_16f")
    assert known.with_clips(2048) is known
    fewer = known.with_clips(256)
    assert (fewer.generated, fewer.real) == (256, 256)
    assert str(fewer) == (
        "styleganv_fvd2048_16f changed to 256 clips: 256 generated clips of 16 frames, "
        "at most 256 real ones, covariances over N"
    )
    for count in (100, 5000):  # more than before
        other = fewer.with_clips(8).with_clips(count)
        assert (other.generated, other.real) == (count, count)
    score = get_protocol("styleganv_isv2048_ucf").with_clips(8)
    assert (score.splits, score.real) == (4, 0)
    assert score.with_clips(3).splits == 1
    with pytest.raises(ValueError, match="`count` must be .* at least 2. .*: count=1"):
        known.with_clips(1)


def test_unknown_protocols_are_told():
    with pytest.raises(ValueError, match="`protocol` must be one of 'styleganv_fvd20"):
        get_protocol("fvd2048")
    with pytest.raises(
        ValueError, match="'tats_fvd2048_16f'. Received: .*'styleganv_i"
    ):
        metrics.fvd(GENERATED, REAL, EXTRACTOR, "styleganv_isv2048_ucf")
    with pytest.raises(ValueError, match="for the measure 'fvd'. Received: tiny, for"):
        metrics.fvd(GENERATED, REAL, EXTRACTOR, protocol("inception_score"))


# === Scores ===


@pytest.mark.parametrize(("ddof", "wanted"), [(1, 1.7849654976), (0, 1.7752735395)])
def test_fvd_of_a_network_with_random_weights(ddof, wanted):
    # Computed by torch-fidelity 0.4.0, which divides covariances by N - 1, and by
    # cd-fvd 0.1.1, which divides by N, from features in double precision.
    found = metrics.fvd(GENERATED, REAL, EXTRACTOR, protocol(ddof=ddof))
    assert found.value == pytest.approx(wanted, rel=1e-6)
    assert (found.deviation, found.real, found.frame_size) == (None, 48, (8, 8))
    assert found.extrapolated is None


def test_inception_score_of_a_network_with_random_weights():
    def classify(videos):
        odds = np.exp(5 * network(videos / 127.5 - 1))
        return odds / odds.sum(axis=1, keepdims=True)

    found = metrics.video_inception_score(
        GENERATED, classify, protocol("inception_score", splits=4)
    )
    # Computed by torch-fidelity 0.4.0.
    assert found.value == pytest.approx(2.859702675066185, rel=1e-12)
    assert found.deviation == pytest.approx(0.2544551844543073, rel=1e-12)
    assert str(found).splitlines() == [
        "inception score 2.86 ± 0.25",
        "  tiny: 64 generated clips of 4 frames, 4 splits",
        "  frames of 8x8 (published figures: 8x8), 12 classes of classify",
    ]


def test_a_score_tells_all_that_it_depends_on():
    found = metrics.fvd(
        GENERATED, REAL, EXTRACTOR, protocol(generated=32, runs=2), extrapolate=False
    )
    first, second = str(found).split("\n", 1)
    assert first == f"FVD {found.value:.4g} ± {found.deviation:.2g}"
    assert second.splitlines() == [
        "  tiny: 32 generated clips of 4 frames, at most 48 real ones, "
        "covariances over N - 1, mean of 2 runs",
        "  48 real clips, frames of 8x8 (published figures: 8x8), 12 features of layer",
    ]


def test_fvd_extrapolates():
    settings = protocol(generated=64, real=64)
    real = clips(1, 64)
    features = network(GENERATED / 127.5 - 1), network(real / 127.5 - 1)
    found = metrics.fvd(GENERATED, real, EXTRACTOR, settings, extrapolate=True)
    assert found.extrapolated.distances[0] == pytest.approx(found.value)
    assert found.extrapolated.bias > 0
    assert found.value == pytest.approx(metrics.frechet_distance(*features))
    assert "for infinitely many clips (bias of 64: " in str(found)
    never = iter([])  # told before any clip is generated
    with pytest.raises(ValueError, match="Received: 20 samples of 12 dimensions"):
        metrics.fvd(never, real[:20], EXTRACTOR, settings, extrapolate=True)


# === Which clips ===


@pytest.mark.parametrize("as_batches", [False, True])
def test_generated_clips_are_the_first_frames_run_after_run(as_batches):
    videos, seen = counted(20, 9), []
    if as_batches:  # of other sizes than a run
        parts = np.split(videos, [3, 4, 11])
        videos = ((part, np.zeros(len(part))) for part in parts)

    def extract(found):
        seen.append(numbers(found))
        return numbers(found)

    settings = protocol(frames=3, stride=4, generated=10, real=5, runs=2)
    real = counted(5, 9)
    metrics.fvd(videos, real, extract, settings)
    # Real clips come first: two runs of five.
    generated = np.concatenate(seen[2:])
    wanted = 10 * np.arange(20)[:, None] + np.array([0, 4, 8])
    np.testing.assert_array_equal(generated, wanted)


def test_real_clips_are_random_windows_of_different_videos():
    videos, seen = counted(20, 10), []

    def extract(found):
        seen.append(numbers(found))
        return numbers(found)

    settings = protocol(frames=3, stride=2, generated=8, real=15, runs=2)
    metrics.fvd(counted(16, 10), videos, extract, settings, seed=3)
    for run in seen[:2]:
        assert len(np.unique(run[:, 0] // 10)) == 15
        assert (np.diff(run, axis=1) == 2).all()
        assert len(np.unique(run[:, 0] % 10)) > 3  # of the starts 0 to 5
    assert not np.array_equal(seen[0], seen[1])
    again = []
    metrics.fvd(
        counted(16, 10),
        videos,
        lambda found: again.append(numbers(found)) or numbers(found),
        settings,
        seed=3,
    )
    np.testing.assert_array_equal(np.concatenate(again), np.concatenate(seen))


@pytest.mark.parametrize("engine", ["tf", "python"])
def test_real_clips_come_from_data_sets_too(engine):
    real = data.video_dataset(
        (REAL, np.zeros(48, int)), 8, 4, batch_size=1, engine=engine, seed=5
    )
    found = metrics.fvd(GENERATED, real, EXTRACTOR, protocol())
    wanted = metrics.fvd(GENERATED, REAL, EXTRACTOR, protocol())
    assert found.value == pytest.approx(wanted.value, rel=1e-9)  # in another order
    endless = data.video_dataset(REAL, 8, 4, batch_size=8, engine=engine, repeat=True)
    found = metrics.fvd(GENERATED, endless, EXTRACTOR, protocol(runs=2, generated=32))
    assert found.real == 48 and found.deviation > 0


def test_frames_of_two_sizes_are_not_compared():
    def mean_color(videos):
        return videos.mean(axis=(1, 2, 3)) + np.arange(3)

    said = "must have one size.* generated frames of 8x8, real ones of 8x4"
    with pytest.raises(ValueError, match=said):
        metrics.fvd(
            clips(0, 8), clips(1, 8)[..., :4, :], mean_color, protocol().with_clips(8)
        )


def test_fewer_real_clips_are_counted_and_fewer_generated_ones_refused():
    found = metrics.fvd(GENERATED, REAL[:20], EXTRACTOR, protocol())
    assert found.real == 20 and "\n  20 real clips" in str(found)
    said = "`generated` must hold 64 videos .* Received: 50 .*with_clips.50.`"
    with pytest.raises(ValueError, match=said):
        metrics.fvd(GENERATED[:50], REAL, EXTRACTOR, protocol())
    said = "for each of the 5 runs .* Received: 31 in all. .*with_clips.6.`"
    with pytest.raises(ValueError, match=said):
        metrics.fvd(GENERATED[:31], REAL, EXTRACTOR, protocol(runs=5, generated=10))
    followed = protocol(runs=5, generated=10).with_clips(6)
    assert metrics.fvd(GENERATED[:31], REAL, EXTRACTOR, followed).deviation > 0
    for few in (GENERATED[:9], iter([])):  # there is no protocol of one clip
        with pytest.raises(ValueError, match="`generated` .* in all. Generate more.$"):
            metrics.fvd(few, REAL, EXTRACTOR, protocol(runs=5, generated=10))
    said = "`real` must have at least 9 consecutive .* stride 4.. Received: 4 frames"
    with pytest.raises(ValueError, match=said):
        metrics.fvd(counted(64, 9), REAL, EXTRACTOR, protocol(frames=3, stride=4))
    said = "`real` must hold clips for each of the protocol's 2 runs"
    with pytest.raises(ValueError, match=said):
        metrics.fvd(GENERATED, iter([REAL]), EXTRACTOR, protocol(runs=2))
    with pytest.raises(ValueError, match="`videos` must be uint8"):
        metrics.fvd(GENERATED / 255, REAL, EXTRACTOR, protocol())


@pytest.mark.parametrize("framework", ["tensorflow", "torch"])
def test_tensors_serve_as_arrays(framework):
    if framework == "torch":
        torch = pytest.importorskip("torch")
        convert = torch.from_numpy
    else:
        tf = pytest.importorskip("tensorflow")
        convert = tf.constant
    wanted = metrics.fvd(GENERATED, REAL, EXTRACTOR, protocol()).value
    tensors = convert(GENERATED), convert(REAL)
    assert metrics.fvd(*tensors, EXTRACTOR, protocol()).value == wanted


@pytest.mark.parametrize("extrapolate", [False, True])
def test_features_are_one_vector_for_each_clip(extrapolate):
    for wrong in (lambda x: x.mean((1, 2, 3, 4)), lambda x: x[:1].reshape(1, -1)):
        with pytest.raises(ValueError, match=r"`real` .* Received: shape \(.* clips"):
            metrics.fvd(GENERATED, REAL, wrong, protocol(), extrapolate=extrapolate)


@pytest.mark.parametrize("count", [2, 8, 19, 20])
def test_few_clips_of_different_classes_score_more_than_one(count):
    few = get_protocol("styleganv_isv2048_ucf").with_clips(count)
    # Sure of each clip, and clips take turns: a part of k clips scores 2, for even k.
    found = metrics.video_inception_score(
        clips(0, count, frames=16), lambda x: np.eye(2)[np.arange(len(x)) % 2], few
    )
    assert 1.8 < found.value <= 2 + 1e-9


# === Kept features ===


class Counting:
    """An extractor that counts the clips it is given."""

    def __init__(self, scale=1.0):
        self.clips, self.scale = 0, scale

    def __call__(self, videos):
        self.clips += len(videos)
        return self.scale * EXTRACTOR(videos)


PROBES = 2


def score(clips, path, extractor=None, seed=0, **changes):
    settings = protocol(**changes)
    return metrics.fvd(
        GENERATED, clips, extractor or Counting(), settings, path, seed=seed
    )


@pytest.mark.parametrize("kind", ["array", "data set"])
def test_real_features_are_computed_once(tmp_path, kind):
    path = tmp_path / "real.npz"

    def real():
        if kind == "array":
            return REAL.copy()
        return data.video_dataset(REAL, 8, 4, batch_size=4, engine="python")

    first, second = Counting(), Counting()
    wanted = score(real(), path, first)
    found = score(real(), path, second)
    assert found == wanted
    assert (first.clips, second.clips) == (64 + 48 + PROBES, 64 + PROBES)


def test_frames_of_another_size_are_refused_from_a_file_too(tmp_path):
    larger = REAL.repeat(2, axis=2).repeat(2, axis=3)

    def extractor(videos):  # of any size, as I3D
        return EXTRACTOR(videos[:, :, : REAL.shape[2], : REAL.shape[3]])

    for _ in range(2):  # computed, and read again
        with pytest.raises(ValueError, match="must have one size"):
            score(larger, tmp_path / "real.npz", extractor)


CHANGES = {
    "clips": lambda path: score(clips(1, 48, 201), path),
    "fewer": lambda path: score(REAL[:-1], path),
    "protocol": lambda path: score(REAL, path, real=40),
    "seed": lambda path: score(REAL, path, seed=1),
    "network": lambda path: score(REAL, path, Counting(scale=1.01)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_of_other_features_says_what_is_different(tmp_path, change):
    path = tmp_path / "real.npz"
    score(REAL, path)
    before = path.read_bytes()
    about = "clips" if change == "fewer" else change
    said = f"real.npz, which differs in: {about}. Delete it, or choose another name"
    with pytest.raises(ValueError, match=said):
        CHANGES[change](path)
    assert path.read_bytes() == before


def test_a_file_of_another_network_with_other_features(tmp_path):
    score(REAL, tmp_path / "real.npz")
    with pytest.raises(ValueError, match="differs in: network"):
        score(REAL, tmp_path / "real.npz", numbers)


def test_a_file_that_is_no_file_of_features(tmp_path):
    path = tmp_path / "real.npz"
    score(REAL, path)
    whole = path.read_bytes()
    with np.load(path) as file:
        arrays = dict(file)
    header = json.loads(str(arrays["header"]))
    np.savez(
        tmp_path / "new.npz", **arrays | {"header": json.dumps({**header, "format": 2})}
    )
    with pytest.raises(ValueError, match="differs in: format"):
        score(REAL, tmp_path / "new.npz")
    del arrays["probe"]
    np.savez(tmp_path / "none.npz", **arrays)
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.npz").write_text("none")
    np.save(tmp_path / "pickle.npy", np.array([{}], object))
    for name in ("none.npz", "cut.npz", "text.npz", "pickle.npy"):
        said = (
            f"must be a file that an earlier evaluation wrote. .*{name}, which is not"
        )
        with pytest.raises(ValueError, match=said):
            score(REAL, tmp_path / name)


def test_clips_that_nothing_tells_apart_are_not_kept(tmp_path):
    changed = data.video_dataset(REAL, 8, 4, batch_size=4, engine="tf").map(lambda x: x)
    for real in (changed, [REAL], itertools.repeat(REAL)):
        with pytest.raises(ValueError, match="without `map` or `take`"):
            score(real, tmp_path / "real.npz")
    assert not list(tmp_path.iterdir())
