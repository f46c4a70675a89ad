"""Several steps in one compiled loop on JAX learn what single steps do."""

import keras
import numpy as np
import pytest
from testing import BATCH, labels_for, random_clips, snapshot, tiny_model

from keras_mocogan.backend import kernels

on_jax = pytest.mark.skipif(
    keras.backend.backend() != "jax", reason="the loop is JAX's"
)


def train(count):
    keras.utils.set_random_seed(0)  # of layers without a seed
    videos = random_clips(3 * BATCH)
    model = tiny_model()
    model.compile(steps_per_execution=count)
    logs = model.fit(
        videos, labels_for(videos), batch_size=BATCH, shuffle=False, verbose=0
    )
    assert model.global_step == 3
    return snapshot(model), logs.history


@on_jax
@pytest.mark.slow
def test_as_single_steps(monkeypatch):
    from keras_mocogan.backend import jax_loop

    single, single_logs = train(1)
    counts, several_steps = [], jax_loop.several_steps

    def counted(step, count):
        counts.append(count)
        return several_steps(step, count)

    with monkeypatch.context() as patch:
        patch.setattr(jax_loop, "pays", lambda: True)
        patch.setattr(jax_loop, "several_steps", counted)
        looped, looped_logs = train(2)  # a loop of two steps, and the third by itself
    assert counts == [2]
    assert set(single_logs) == set(looped_logs)
    for name, values in single_logs.items():
        np.testing.assert_allclose(looped_logs[name], values, rtol=1e-4, err_msg=name)
    for one, other in zip(single, looped, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


@on_jax
def test_a_smaller_batch_is_a_step_by_itself():
    from keras_mocogan.backend import jax_loop

    def step(state, batch):
        return {"rows": len(batch)}, 2 * state + batch.sum()

    clips = np.arange(10.0)
    execute = jax_loop.several_steps(step, 2)
    batches = iter(np.split(clips, [3, 6, 9]))
    logs, state = execute(1.0, batches)  # a loop
    assert int(logs["rows"]) == 3
    assert float(state) == 2 * (2 * 1 + 3) + 12
    logs, state = execute(state, batches)  # of three clips and of one
    assert int(logs["rows"]) == 1
    assert float(state) == 2 * (2 * 22 + 21) + 9


@on_jax
def test_not_on_a_cpu():
    from keras_mocogan.backend import jax_loop

    assert jax_loop.pays() is (not kernels.on_cpu())
