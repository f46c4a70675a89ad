"""The Fréchet distance at infinitely many samples, of Gaussians whose own is known."""

import numpy as np
import pytest

from keras_mocogan import metrics

pytestmark = [
    pytest.mark.once,
    pytest.mark.filterwarnings("ignore:.*biased upward"),
]


def gaussians(seed, count, dimensions, shift, scale):
    random = np.random.default_rng(seed)
    x = random.normal(0, 1, (count, dimensions))
    return x, random.normal(shift, scale, (count, dimensions))


# |m_x - m_y|^2 + sum of (s_x - s_y)^2, for Gaussians with independent dimensions.
@pytest.mark.parametrize(
    ("shift", "scale", "wanted"),
    [(0, 1, 0), (0.1, 1.2, 4 * (0.01 + 0.04))],
)
def test_estimates_are_unbiased_and_know_their_error(shift, scale, wanted):
    found = [
        metrics.extrapolated_frechet_distance(*gaussians(seed, 200, 4, shift, scale))
        for seed in range(20)
    ]
    values = np.array([f.value for f in found])
    errors = np.array([f.standard_error for f in found])
    plain = np.array([f.distances[0] for f in found])
    of_mean = values.std(ddof=1) / np.sqrt(len(values))
    assert abs(values.mean() - wanted) < 3 * of_mean
    assert plain.mean() - wanted > 3 * of_mean  # what is corrected
    assert 0.8 < errors.mean() / values.std(ddof=1) < 2
    assert (np.abs(values - wanted) < 2 * errors).mean() >= 0.85


def test_the_line_is_that_of_all_parts():
    x, y = gaussians(0, 120, 3, 0.2, 1)
    found = metrics.extrapolated_frechet_distance(x, y, seed=4)
    assert found.samples == (120, 60, 40, 30)
    assert found.distances[0] == pytest.approx(metrics.frechet_distance(x, y))
    # Least squares by the normal equations.
    design = np.stack([np.ones(4), 1 / np.array(found.samples)], axis=1)
    value, _ = np.linalg.solve(design.T @ design, design.T @ np.array(found.distances))
    assert found.value == pytest.approx(value)
    assert found.bias == pytest.approx(found.distances[0] - found.value)
    again = metrics.extrapolated_frechet_distance(x, y, seed=4)
    assert again == found
    assert "± " in str(found) and "(bias of 120: " in str(found)


def test_the_divisor_is_that_of_the_distance():
    x, y = gaussians(0, 60, 3, 0, 2)
    for ddof in (0, 1):
        found = metrics.extrapolated_frechet_distance(x, y, ddof)
        wanted = metrics.frechet_distance(x, y, ddof)
        assert found.distances[0] == pytest.approx(wanted)


def test_parts_outnumber_the_dimensions():
    x, y = gaussians(0, 60, 20, 0, 1)
    assert metrics.extrapolated_frechet_distance(x, y).samples == (60, 30)
    found = metrics.extrapolated_frechet_distance(x, np.tile(y, (3, 1)))
    assert found.samples[0] == 60  # of the smaller set


@pytest.mark.parametrize("dimensions", [1, 2, 3, 5])
@pytest.mark.filterwarnings("error")
def test_each_part_has_more_samples_than_dimensions(dimensions):
    # Where it has not, `frechet_distance` warns, or refuses a single sample.
    used = set()
    for count in range(2, 40):
        x, y = gaussians(count, count, dimensions, 0, 1)
        try:
            found = metrics.extrapolated_frechet_distance(x, y)
        except ValueError as error:
            least = int(str(error).split("Use at least ")[1].split()[0])
            assert count < least
        else:
            assert count >= least
            used.add(len(found.samples))
    assert used == {2, 3, 4}


def test_too_few_samples_are_refused():
    x, y = gaussians(0, 60, 8, 0, 1)
    with pytest.raises(ValueError, match="Received: 18 samples of 8 .* at least 20"):
        metrics.extrapolated_frechet_distance(x[:18], y)
    metrics.extrapolated_frechet_distance(x[:20], y)  # as the message says
    with pytest.raises(ValueError, match="Received: widths 8 and 3"):
        metrics.extrapolated_frechet_distance(x, y[:, :3])
