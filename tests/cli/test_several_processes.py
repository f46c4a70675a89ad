"""Processes as `torchrun` and SLURM start them, on one host."""

import os

import pytest
from processes import free_port, run_backend, run_together

import keras_mocogan as km

pytestmark = [pytest.mark.once, pytest.mark.slow]

TINY_FLAGS = (
    "--dataset=shapes --image_size=32 --clip_frames=4 --num_classes=0 --engine=python "
    "--content_dim=3 --motion_dim=2 --generator_filters=2 --discriminator_filters=2 "
    "--video_discriminator_levels=3 --noimage_discriminator --batch_size=4 --steps=1 "
    "--steps_per_epoch=1 --notensorboard --strategy=data_parallel"
).split()
TORCHRUN = """
    import sys
    from torch.distributed.run import main
    main(sys.argv[1:])
"""
# What srun tells the processes of a job on one host. JAX makes its port of the job's
# number.
SLURM = """
    import os, sys

    job, process, *flags = sys.argv[1:]
    os.environ.update(
        SLURM_JOB_ID=job, SLURM_STEP_NODELIST="localhost", SLURM_STEP_NUM_NODES="1",
        SLURM_NTASKS="2", SLURM_PROCID=process, SLURM_LOCALID=process,
    )
    from keras_mocogan.cli import devices
    import keras_mocogan as km

    devices.FLAGS(["train", *flags])
    devices.start(batch_size=4)
    print(km.processes.shard())
"""


def test_torchrun_trains_with_two_processes(tmp_path):
    lines = "--nproc_per_node=2 -m keras_mocogan.cli train".split()
    flags = [*lines, *TINY_FLAGS, f"--run_dir={tmp_path / 'run'}"]
    told = run_backend("torch", TORCHRUN, *flags, env={"OMP_NUM_THREADS": "1"})
    assert told.count("Saved") == told.count("step 1 of 1") == 1
    assert "torchrun --nproc_per_node=2 -m keras_mocogan.cli train --run_dir=" in told
    # Nothing was left over by a second writer.
    wanted = "checkpoints finished flags history losses model plan previews"
    assert sorted(path.stem for path in (tmp_path / "run").iterdir()) == wanted.split()
    assert len(os.listdir(tmp_path / "run" / "previews")) == 1
    saved = km.callbacks.latest_checkpoint(tmp_path / "run" / "checkpoints")
    assert km.load_model(saved).global_step == 1


def test_slurm_tells_jax_of_the_other_process():
    job = free_port()  # one of 4,096 numbers, most likely a free one
    flags = ["--strategy=data_parallel", "--coordinator=auto"]
    told = run_together("jax", SLURM, [(job, process, *flags) for process in (0, 1)])
    assert "(0, 2)" in told[0] and "(1, 2)" in told[1]
