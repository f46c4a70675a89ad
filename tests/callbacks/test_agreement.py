"""What several processes agree on, told by numbers that stand for the others'."""

import pytest

from keras_mocogan.callbacks import agreement
from keras_mocogan.utils import processes

pytestmark = pytest.mark.once


@pytest.fixture
def others(monkeypatch):
    """The numbers that the other process gives, call by call; two processes."""
    numbers = []
    monkeypatch.setattr(processes, "shard", lambda: (0, 2))
    monkeypatch.setattr(
        agreement.backend, "largest", lambda own: max(own, numbers.pop(0))
    )
    return numbers


def test_what_one_gives_reaches_all_a_call_later(others):
    others += [0, 1, 0, 0]
    agreed = agreement.Agreement()
    assert [agreed.reach(0) for _ in range(4)] == [0, 0, 1, 0]


def test_what_was_done_is_not_asked_for_twice(others):
    # The other's clock runs out; it asks again before the answer has come.
    others += [1, 1, 0, 1]
    agreed, answers = agreement.Agreement(), []
    for _ in range(4):
        answers.append(agreed.reach(0))
        if answers[-1]:
            agreed.meet(1)
    assert answers == [0, 1, 0, 0]
    others.append(0)
    assert agreed.reach(0) == 1  # asked for after it was done


def test_what_is_more_than_was_done_is_heard(others):
    others += [1, 2, 0]
    agreed = agreement.Agreement()
    assert agreed.reach(0) == 0 and agreed.reach(0) == 1
    agreed.meet(1)
    assert agreed.reach(0) == 2


def test_the_end_of_an_epoch_waits_for_all(others):
    others += [0, 2]
    agreed = agreement.Agreement()
    agreed.reach(1)
    assert agreed.reach_now(0) == 2
