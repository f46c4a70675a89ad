"""Who is seen and what happens: shares counted by hand, and pair by pair."""

import itertools

import numpy as np
import pytest

from keras_mocogan import metrics

pytestmark = pytest.mark.once


def test_content_is_kept_where_all_frames_agree():
    predictions = {
        "hair": np.array([[0, 0, 0], [1, 1, 2], [2, 2, 2], [3, 3, 3]]),
        "shirt": np.array([[5, 5, 5], [5, 5, 5], [0, 1, 0], [4, 4, 4]]),
    }
    shares, jointly = metrics.content_kept(predictions)
    assert shares == {"hair": 3 / 4, "shirt": 3 / 4}
    assert jointly == 2 / 4


def test_content_is_obeyed_where_motions_agree():
    # Pairs of motions that agree: 3 of 3, 1 of 3, 0 of 3.
    predictions = {"hair": np.array([[4, 4, 4], [1, 1, 2], [0, 1, 2]])}
    found = metrics.content_obeyed(predictions)
    assert found.pairs["hair"] == pytest.approx(4 / 9)
    assert found.all_motions["hair"] == pytest.approx(1 / 3)


def test_content_is_obeyed_as_counted_over_all_pairs():
    random = np.random.default_rng(0)
    values = random.integers(0, 4, (7, 5))
    same, other = [], []
    for a, b in itertools.combinations(range(5), 2):
        for i, j in itertools.product(range(7), range(7)):
            (same if i == j else other).append(values[i, a] == values[j, b])
    found = metrics.content_obeyed({"hair": values})
    assert found.pairs["hair"] == pytest.approx(np.mean(same))
    assert found.by_chance["hair"] == pytest.approx(np.mean(other))


def test_chance_tells_a_generator_that_looks_at_no_content():
    # Motions alone decide: nothing agrees. All alike: everything does, by chance too.
    found = metrics.content_obeyed({"hair": [[0, 1], [0, 1]], "shirt": [[3, 3]] * 2})
    assert found.pairs == {"hair": 0, "shirt": 1}
    assert found.by_chance == {"hair": 0, "shirt": 1}
    # Each content its own: only pairs of one content agree.
    found = metrics.content_obeyed({"hair": [[0, 0], [1, 1]]})
    assert (found.pairs["hair"], found.by_chance["hair"]) == (1, 0)


def test_the_commonest_of_the_frames_counts_for_a_clip():
    frames = np.array([[[1, 1, 0], [2, 1, 1]], [[0, 0, 3], [3, 3, 0]]])
    found = metrics.content_obeyed({"hair": frames})
    assert found == metrics.content_obeyed({"hair": [[1, 1], [0, 3]]})
    assert metrics.distinct_characters({"hair": frames[:, 0]}) == 2


def test_motion_is_obeyed_where_the_class_is_the_wanted_one():
    predicted = np.array([[0, 1, 2, 1], [0, 1, 2, 2], [1, 1, 0, 2]])
    share, by_class = metrics.motion_obeyed(predicted, np.array([0, 1, 2, 2]))
    assert share == 9 / 12
    assert by_class == {0: 2 / 3, 1: 1, 2: 4 / 6}


def test_distinct_characters_are_combinations():
    predictions = {
        "hair": np.array([0, 0, 1, 1, 0]),
        "shirt": np.array([0, 1, 0, 0, 1]),
    }
    assert metrics.distinct_characters(predictions) == 3


@pytest.mark.parametrize(
    ("predictions", "received"),
    [
        ({}, "Received: {}"),
        ({"hair": [[0.0]]}, r"Received: {'hair': \(\(1, 1\), 'float64'\)}"),
        ({"hair": [[0]], "shirt": [[0, 1]]}, r"'shirt': \(\(1, 2\)"),
        ({"hair": np.zeros((0, 2), int)}, r"\(0, 2\)"),
        ({"hair": [[[[0]]]]}, r"\(1, 1, 1, 1\)"),
        ({"hair": [[0, 0], [1]]}, r"Received: {'hair': \(\(2,\), 'object'\)}"),
        (np.zeros((2, 2), int), "Received: a ndarray. Give it a name"),
    ],
)
@pytest.mark.parametrize(
    "measure",
    [metrics.content_kept, metrics.content_obeyed, metrics.distinct_characters],
)
def test_other_predictions_are_refused(measure, predictions, received):
    with pytest.raises(ValueError, match=f"`predictions` must hold .*{received}"):
        measure(predictions)


def test_what_cannot_be_compared_is_refused():
    said = "at least two contents and two motions, .* Received: 2 contents and 1 mot"
    with pytest.raises(ValueError, match=said):
        metrics.content_obeyed({"hair": [[0], [1]]})
    with pytest.raises(ValueError, match=r"Received: shapes \(1, 2\) and \(3,\)"):
        metrics.motion_obeyed([[0, 1]], [0, 1, 2])
    with pytest.raises(ValueError, match="integers. Received: dtype float64"):
        metrics.motion_obeyed([[0.0, 1.0]], [0, 1])
