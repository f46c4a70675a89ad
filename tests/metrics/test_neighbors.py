"""Measures by neighbors: against cases worked out by hand, and pair by pair."""

import numpy as np
import pytest

from keras_mocogan import metrics

pytestmark = pytest.mark.once

# On a line: real samples at 0, 1, 3, 7. Their nearest others are 1, 1, 2, 4 away.
REAL = np.array([[0.0], [1], [3], [7]])
# At 2.5, 4.9, 10 and -0.5; their nearest others are 2.4, 2.4, 5.1, 3 away.
FAKE = np.array([[2.5], [4.9], [10], [-0.5]])


def distances(x, y):
    return np.array([[np.linalg.norm(a - b) for b in y] for a in x])


def radii(x, k):
    return np.sort(distances(x, x), axis=1)[:, k]


def brute_precision_recall(real, fake, k):
    among = distances(fake, real) <= radii(real, k)
    back = distances(real, fake) <= radii(fake, k)
    return among.any(axis=1).mean(), back.any(axis=1).mean()


def brute_density_coverage(real, fake, k):
    inside = distances(fake, real) <= radii(real, k)
    return inside.sum() / (k * len(fake)), inside.any(axis=0).mean()


MEASURES = [
    (metrics.precision_recall, brute_precision_recall),
    (metrics.density_coverage, brute_density_coverage),
]


def test_precision_and_recall_of_a_line():
    # 2.5 is within 2 of 3; 4.9 within 2 of 3, and 4 of 7; 10 within 4 of 7; -0.5
    # within 1 of 0: all four. 0 is within 2.4 of 2.5? No; within 3 of -0.5, as 1 is;
    # 3 is within 2.4 of 2.5; 7 within 2.4 of 4.9: all.
    assert metrics.precision_recall(REAL, FAKE, k=1) == (1, 1)
    # 11.4 is 4.4 from 7, so both are near no real sample. They are 8.6 from each other,
    # so 7 and 3, which are 4.4 and 8.4 from 11.4, are near a generated one.
    fake = np.array([[11.4], [20]])
    assert metrics.precision_recall(REAL, fake, k=1) == (0, 0.5)


def test_density_and_coverage_of_a_line():
    # Within 3's radius of 2: 2.5, 4.9. Within 7's of 4: 4.9, 10. Within 0's: -0.5.
    # Within 1's: none.
    assert metrics.density_coverage(REAL, FAKE, k=1) == (5 / 4, 3 / 4)
    # Radii to the second neighbor: 3, 2, 3, 6. Around 0: 2.5, -0.5; around 1: 2.5,
    # -0.5; around 3: 2.5, 4.9; around 7: 2.5, 4.9, 10.
    assert metrics.density_coverage(REAL, FAKE, k=2) == (9 / 8, 1)


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize(("measure", "brute"), MEASURES)
def test_measures_by_neighbors_are_those_of_all_pairs(measure, brute, k):
    random = np.random.default_rng(k)
    real, fake = random.normal(size=(60, 3)), random.normal(0.8, 0.7, size=(45, 3))
    found = measure(real, fake, k=k)
    assert found == pytest.approx(brute(real, fake, k), abs=1e-12)
    assert all(0 < value < 1.5 for value in found)


@pytest.mark.parametrize(("measure", "brute"), MEASURES)
def test_neighbors_at_the_radius_count_however_far_the_origin_is(measure, brute):
    # A lattice: all neighbors tie.
    lattice = np.stack(np.meshgrid(*[np.arange(4.0)] * 2), axis=-1).reshape(-1, 2)
    wanted = brute(lattice, lattice[::3], 1)
    for offset in (0, 1e5 + 1 / 3):
        found = measure(lattice + offset, lattice[::3] + offset, k=1)
        assert found == pytest.approx(wanted, abs=1e-12)


def test_samples_of_one_distribution_score_as_the_paper_expects():
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(2, 2000, 8))
    density, coverage = metrics.density_coverage(real, fake, k=5)
    # Lemmas 1 and 2 of the paper: 1, and 1 - 2^-5.
    assert density == pytest.approx(1, abs=0.05)
    assert coverage == pytest.approx(1 - 2**-5, abs=0.02)


def test_quality_and_variety_are_told_apart():
    random = np.random.default_rng(1)
    real = random.normal(size=(400, 4))
    precision, recall = metrics.precision_recall(real, real[:10].repeat(40, axis=0))
    density, coverage = metrics.density_coverage(real, real[:10].repeat(40, axis=0))
    assert precision == 1 and density > 0.5
    assert recall < 0.05 and coverage < 0.2
    precision, recall = metrics.precision_recall(real, 5 * real)
    density, coverage = metrics.density_coverage(real, 5 * real)
    assert precision < 0.5 and density < 0.5
    assert recall > 0.8


@pytest.mark.parametrize(("measure", "brute"), MEASURES)
def test_blocks_change_nothing(measure, brute, monkeypatch):
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(50, 3)), random.normal(size=(40, 3))
    wanted = measure(real, fake)
    monkeypatch.setattr("keras_mocogan.metrics.neighbors._ENTRIES", 130)
    assert measure(real, fake) == wanted


@pytest.mark.parametrize(("measure", "brute"), MEASURES)
def test_measures_by_neighbors_refuse(measure, brute):
    with pytest.raises(ValueError, match="Received: k=4 and 4 samples"):
        measure(REAL, FAKE, k=4)
    with pytest.raises(ValueError, match="`k` must be an integer of at least 1"):
        measure(REAL, FAKE, k=0)
    with pytest.raises(ValueError, match="Received: widths 1 and 2"):
        measure(REAL, np.zeros((4, 2)))
    with pytest.raises(ValueError, match=r"`fake` .* Received: shape \(4,\)"):
        measure(REAL, FAKE[:, 0])


# === Copies of training clips ===


def clips(seed, n):
    shape = (n, 2, 8, 8, 3)
    return np.random.default_rng(seed).integers(0, 256, shape, "uint8")


def test_copies_of_training_clips_are_found(monkeypatch):
    training, held_out = clips(0, 30), clips(1, 20)
    # The second is training clip 21 with every value changed by 3.
    moved = np.where(training[21] < 128, training[21] + 3, training[21] - 3)
    generated = np.stack([training[4], moved.astype("uint8"), clips(2, 1)[0]])
    monkeypatch.setattr("keras_mocogan.metrics.copies._CLIPS_AT_ONCE", 7)
    found = metrics.nearest_training(generated, training, held_out)
    assert found.indices[:2].tolist() == [4, 21]
    np.testing.assert_allclose(found.distances[:2], [0, 3], atol=1e-9)

    def all_pairs(videos):
        differences = videos[:, None].astype(float) - training[None]
        return np.sqrt(np.square(differences).mean(axis=(2, 3, 4, 5)))

    wanted = all_pairs(held_out)
    np.testing.assert_allclose(found.held_out_distances, wanted.min(axis=1))
    assert found.held_out_indices.tolist() == wanted.argmin(axis=1).tolist()
    np.testing.assert_allclose(found.distances[2], all_pairs(generated)[2].min())
    assert found.near == pytest.approx(np.quantile(wanted.min(axis=1), 0.01))
    # The third is as far as held-out clips are.
    assert found.share == pytest.approx(2 / 3)


def test_averaged_pixels_forgive_small_shifts():
    training = np.zeros((2, 1, 8, 8, 1), "uint8")
    training[0, :, :, 0:4], training[1, :, 0:4] = 200, 200
    generated = np.zeros((1, 1, 8, 8, 1), "uint8")
    generated[:, :, :, 1:4] = 200
    found = metrics.nearest_training(generated, training, training)
    # One of eight columns differs by 200.
    assert found.distances[0] == pytest.approx(200 / np.sqrt(8))
    found = metrics.nearest_training(generated, training, training, downsample=4)
    # Of 2 x 2 averages two differ by 50.
    assert found.distances[0] == pytest.approx(50 / np.sqrt(2))
    assert found.indices.tolist() == [0]


def test_clips_of_other_shapes_are_refused():
    videos = clips(0, 3)
    with pytest.raises(
        ValueError, match="the same shape: .* Received: shapes .3, 2, 8, 8"
    ):
        metrics.nearest_training(videos, videos[:, :1], videos)
    with pytest.raises(ValueError, match="divide .* downsample=3 and frames of .8, 8"):
        metrics.nearest_training(videos, videos, videos, downsample=3)
    with pytest.raises(ValueError, match="`videos` must be uint8"):
        metrics.nearest_training(videos / 255, videos, videos)
