"""Metrics against values worked out elsewhere; what must not change them."""

import warnings

import numpy as np
import pytest
import scipy.linalg

from keras_mocogan import metrics

pytestmark = [
    pytest.mark.once,
    pytest.mark.filterwarnings("ignore:.*biased upward"),
]


DISTANCES = [metrics.frechet_distance, metrics.kernel_distance]


def draws(seed, *shape):
    return np.random.RandomState(seed).randn(*shape)


X, Y = draws(0, 512, 16), draws(1, 512, 16) * 1.5 + 0.3
FEW_X, FEW_Y = draws(0, 16, 400), draws(1, 16, 400) * 1.5 + 0.3


def softmax(logits):
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


PROBABILITIES = softmax(draws(0, 2048, 101) * 3)


# === Distances between sets ===


# Computed by other implementations, in double precision.
@pytest.mark.parametrize(
    ("x", "y", "frechet", "kernel"),
    [
        (X, Y, 6.3913181768, 0.820096922622),
        (FEW_X, FEW_Y, 1227.8678242, 0.447742619122),
        (draws(0, 256, 400), draws(1, 256, 400), 297.6686919, -0.000601224003044),
        (np.zeros((16, 400)), np.ones((16, 400)), 400, 7),
    ],
    ids=["many", "few", "one_distribution", "constant"],
)
def test_distances_of_known_sets(x, y, frechet, kernel):
    assert metrics.frechet_distance(x, y) == pytest.approx(frechet, rel=1e-8)
    assert metrics.kernel_distance(x, y) == pytest.approx(kernel, rel=1e-8)


@pytest.mark.parametrize(("x", "y"), [(X, Y), (FEW_X, FEW_Y)], ids=["many", "few"])
@pytest.mark.parametrize(
    "distance", [metrics.frechet_distance, metrics.kernel_distance]
)
def test_distances_are_symmetric_and_know_no_order(distance, x, y):
    wanted = distance(x, y)
    assert distance(y, x) == pytest.approx(wanted, rel=1e-10)
    order = np.random.default_rng(0).permutation(len(x))
    assert distance(x[order], y) == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("x", [X, FEW_X, 100 * X + 5], ids=["many", "few", "large"])
def test_frechet_distance_of_a_set_to_itself_is_zero(x):
    assert metrics.frechet_distance(x, x) < 1e-9


def with_moments(seed, mean, root):
    """512 samples with exactly this mean and the covariance `root @ root.T`."""
    x = draws(seed, 512, len(mean))
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False))).T
    return x @ root.T + mean


def test_frechet_distance_of_known_gaussians():
    # |m_x - m_y|^2 + Tr(C_x + C_y - 2 (C_x^(1/2) C_y C_x^(1/2))^(1/2)). Where one
    # turn makes both covariances diagonal: the sum of (s_x - s_y)^2.
    turn = np.linalg.qr(draws(3, 5, 5))[0]
    s_x, s_y = np.array([1, 2, 3, 0.5, 1]), np.array([2, 2, 1, 4, 0])
    m_x, m_y = np.zeros(5), np.array([1, 0, -2, 0, 0.5])
    x = with_moments(0, m_x, turn * s_x)
    y = with_moments(1, m_y, turn * s_y)
    wanted = 5.25 + (1 + 0 + 4 + 12.25 + 1)
    assert metrics.frechet_distance(x, y) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("ddof", [0, 1])
def test_frechet_distance_by_the_root_of_a_matrix(ddof):
    mix = draws(5, 16, 16)  # so that the covariances do not commute
    x, y = X @ mix, Y
    c_x, c_y = (np.cov(z, rowvar=False, ddof=ddof) for z in (x, y))
    root = scipy.linalg.sqrtm(c_x @ c_y)
    means = np.square(x.mean(axis=0) - y.mean(axis=0)).sum()
    wanted = means + np.trace(c_x + c_y) - 2 * np.trace(root).real
    assert metrics.frechet_distance(x, y, ddof) == pytest.approx(wanted, rel=1e-9)


def test_frechet_distance_divides_as_told():
    # In one dimension: (m_x - m_y)^2 + (s_x - s_y)^2.
    x, y = draws(0, 9, 1), draws(1, 7, 1)
    for ddof in (0, 1):
        wanted = (x.mean() - y.mean()) ** 2 + (x.std(ddof=ddof) - y.std(ddof=ddof)) ** 2
        found = metrics.frechet_distance(x, y, ddof=ddof)
        assert found == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(("x", "y"), [(X, Y), (FEW_X, FEW_Y)], ids=["many", "few"])
def test_chunks_do_not_change_the_frechet_distance(x, y):
    streamed = metrics.FrechetStatistics()
    for start, end in ((0, 1), (1, 4), (4, 11), (11, len(x))):
        streamed.update(x[start:end])
    assert streamed.count == len(x)
    np.testing.assert_allclose(streamed.mean, x.mean(axis=0), atol=1e-13)
    found = streamed.distance(metrics.FrechetStatistics().update(y))
    assert found == pytest.approx(metrics.frechet_distance(x, y), rel=1e-10)


def test_blocks_do_not_change_the_kernel_distance(monkeypatch):
    wanted = metrics.kernel_distance(X, Y)
    monkeypatch.setattr("keras_mocogan.metrics.kernel._BLOCK", 100)
    assert metrics.kernel_distance(X, Y) == pytest.approx(wanted, rel=1e-12)


def test_few_samples_are_warned_of():
    with pytest.warns(UserWarning, match="16 samples of 400 .* biased upward"):
        metrics.frechet_distance(FEW_X, FEW_Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metrics.frechet_distance(X, Y)


@pytest.mark.parametrize(
    "distance", [metrics.frechet_distance, metrics.kernel_distance]
)
def test_distances_refuse(distance):
    with pytest.raises(ValueError, match="Received: widths 16 and 400"):
        distance(X, FEW_X)
    broken = X.copy()
    broken[7, 3] = np.nan
    with pytest.raises(ValueError, match="not finite in 1 of 512 rows, first in row 7"):
        distance(broken, Y)
    said = r"the shape \(samples, .* Received: shape \(16,\)"
    with pytest.raises(ValueError, match=said):
        distance(X[0], Y)
    few = {
        "frechet": "more than 1 samples, .* Received: 1 samples",
        "kernel": "at least two samples. Received: 1 and 512",
    }
    with pytest.raises(ValueError, match=few[distance.__name__.split("_")[0]]):
        distance(X[:1], Y)


# === Inception score ===


def test_inception_score_of_known_predictions():
    mean, deviation = metrics.inception_score(PROBABILITIES, splits=1)
    assert mean == pytest.approx(12.98705062, rel=1e-8)
    assert deviation == 0
    mean, deviation = metrics.inception_score(PROBABILITIES)
    assert mean == pytest.approx(12.22265587, rel=1e-8)
    assert deviation == pytest.approx(0.31247928, rel=1e-7)


def test_inception_score_has_its_bounds():
    # One class for all: 1. Every class surely, equally often: their number.
    assert metrics.inception_score(np.eye(5)[[2] * 10], 2) == pytest.approx((1, 0))
    assert metrics.inception_score(np.eye(5)[[0, 1, 2, 3, 4] * 2], 2) == pytest.approx(
        (5, 0)
    )


def test_inception_score_refuses():
    with pytest.raises(ValueError, match="Pass the softmax of the logits"):
        metrics.inception_score(draws(0, 20, 3))
    for splits in (10, 2.0, 0):
        said = f"an integer from 1 to 8, .* Received: splits={splits}"
        with pytest.raises(ValueError, match=said):
            metrics.inception_score(PROBABILITIES[:8], splits)


# === Content and motion ===


def test_content_distance_of_known_features():
    features = draws(0, 4, 16, 3)
    found = metrics.average_content_distance(features)
    assert found == pytest.approx(2.31634474835, rel=1e-8)
    parts = [metrics.content_distances(features[i : i + 2]) for i in (0, 2)]
    assert np.concatenate(parts).mean() == pytest.approx(found, rel=1e-12)


def test_content_distance_of_a_step():
    # 2 of 3 frames alike, 5 away from the third: two of three pairs.
    features = np.array([[[0, 0], [0, 0], [3, 4]]])
    assert metrics.average_content_distance(features) == pytest.approx(10 / 3)
    with pytest.raises(ValueError, match="at least two .*, with one frame each"):
        metrics.average_content_distance(features[:, :1])


def test_motion_control_score_is_the_share_of_hits():
    wanted = np.array([0, 1, 2, 1])
    assert metrics.motion_control_score(np.array([0, 1, 1, 1]), wanted) == 0.75
    scores = np.eye(3)[[0, 1, 2, 0]]
    assert metrics.motion_control_score(scores, wanted) == 0.75


def test_motion_control_score_refuses():
    said = "from 0 to 1, .* Received: classes from 0 to 2. .* was trained on other"
    with pytest.raises(ValueError, match=said):
        metrics.motion_control_score(np.eye(2)[[0, 1]], np.array([0, 2]))
    with pytest.raises(ValueError, match="one class number .*: shapes .2,. and .1,"):
        metrics.motion_control_score(np.array([0, 1]), np.array([0]))
    with pytest.raises(ValueError, match="`predicted` must .*Received: dtype float64"):
        metrics.motion_control_score(np.array([0.0]), np.array([0]))
    for wanted in (["walk", "run"], None, [0.0, 1.0]):
        with pytest.raises(ValueError, match="`wanted` must be class numbers, integ"):
            metrics.motion_control_score(np.eye(2), wanted)
    with pytest.raises(ValueError, match="`predicted` must be numbers. .* dtype <U"):
        metrics.motion_control_score([["a", "b"]], [0])
