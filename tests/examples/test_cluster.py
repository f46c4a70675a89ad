"""The examples for SLURM and Kubernetes, with stand-ins for what starts processes."""

import os
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from processes import ROOT

from keras_mocogan.cli import train, training

pytestmark = pytest.mark.once

FOLDER = ROOT / "examples" / "cluster"
SCRIPTS = sorted(FOLDER.glob("*.slurm"))
JOBSETS = sorted(FOLDER.glob("*.yaml"))
# Notes its arguments; then waits for SIGTERM, or ends as it is told.
PROGRAM = """#!/bin/bash
echo "$(basename "$0") $*" >> "$NOTES"
touch "$RUN_DIR/model.keras"  # which a training that is stopped leaves too
trap 'exit 0' TERM
[ "${HOW:-}" = wait ] && { touch "$NOTES.begun"; sleep 20 & wait; }
[ "${HOW:-}" = complete ] && touch "$RUN_DIR/finished.txt"
[ "${HOW:-}" != fail ]
"""
TOOLS = {
    "keras-mocogan": PROGRAM,
    "torchrun": PROGRAM,
    "srun": '#!/bin/bash\nwhile [[ $1 == -* ]]; do shift; done\n"$@"\n',
    "scontrol": '#!/bin/bash\n[ "$1" = show ] && echo host0 || echo "$*" >> "$NOTES"\n',
}


@pytest.fixture
def start(tmp_path):
    """`start(command, how, **variables)`: a process among the stand-ins."""
    for name, text in TOOLS.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)

    def start(command, how="", **variables):
        told = {
            "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
            "NOTES": str(tmp_path / "notes"),
            "RUN_DIR": str(tmp_path),
            "DATA_DIR": "clips",
            "HOW": how,
        }
        return subprocess.Popen(command, env={**os.environ, **told, **variables})

    return start


def container(path):
    """The specification of a JobSet, and that of its container."""
    jobset = yaml.safe_load(path.read_text())
    [job] = jobset["spec"]["replicatedJobs"]
    [found] = job["template"]["spec"]["template"]["spec"]["containers"]
    return jobset, job, found


def run_slurm(start, path, how):
    job = {
        "SLURM_JOB_ID": "7",
        "SLURM_JOB_NODELIST": "host[0-1]",
        "SLURM_NTASKS": "16",
        "SLURM_PROCID": "3",
        "SLURM_LOCALID": "3",
    }
    return start(["bash", str(path)], how, **job).wait(10)


def start_pod(start, path, how, index="0"):
    _, _, found = container(path)
    return start([*found["command"], *found["args"]], how, JOB_COMPLETION_INDEX=index)


def check_training(line):
    """Fails unless the flags of a noted command exist and can be parsed."""
    words = shlex.split(line)
    flags = words[words.index("train") + 1 :]
    if not training.FLAGS.is_parsed():
        training.FLAGS(["train"])
    known = {flag: training.FLAGS[flag].value for flag in training.FLAGS}
    for word in flags:
        name, _, value = word.removeprefix("--").partition("=")
        assert name in known, word
        if value:
            training.FLAGS[name].parser.parse(value)
    assert "--strategy=data_parallel" in flags and "--resume" in flags
    return flags


def test_there_are_examples_for_both_backends():
    assert [path.name for path in SCRIPTS] == ["jax.slurm", "torch.slurm"]
    assert [path.name for path in JOBSETS] == ["jax.jobset.yaml", "torch.jobset.yaml"]
    assert train.FLAGS is training.FLAGS


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_slurm_job_queues_up_again_until_the_training_is_over(start, path, tmp_path):
    notes = tmp_path / "notes"
    assert run_slurm(start, path, "") == 0
    command, requeued = notes.read_text().splitlines()
    flags = check_training(command)
    assert requeued == "requeue 7"
    numbers = ["--num_processes=16", "--process_id=3"]
    assert ("--coordinator=auto" in flags) == (path.name == "jax.slurm")
    assert (numbers == [f for f in flags if f in numbers]) == ("torch" in path.name)
    notes.unlink()
    assert run_slurm(start, path, "fail") != 0
    assert "requeue" not in notes.read_text()
    notes.unlink()
    assert run_slurm(start, path, "complete") == 0
    assert "requeue" not in notes.read_text()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_slurm_job_has_a_process_for_each_gpu_and_time_to_save(path):
    lines = re.findall(r"^#SBATCH --([\w-]+)(?:=(\S+))?$", path.read_text(), re.M)
    options = dict(lines)
    assert options["ntasks-per-node"] == options["gpus-per-node"]
    assert options["signal"] == "TERM@300" and "requeue" in options
    processes = int(options["nodes"]) * int(options["ntasks-per-node"])
    assert 256 % processes == 0 and "--batch_size=256" in path.read_text()


@pytest.mark.parametrize("path", JOBSETS, ids=lambda path: path.name)
def test_the_processes_of_a_jobset_find_the_first_one(path):
    jobset, job, found = container(path)
    assert (jobset["apiVersion"], jobset["kind"]) == (
        "jobset.x-k8s.io/v1alpha2",
        "JobSet",
    )
    spec, [script] = job["template"]["spec"], found["args"]
    hosts = spec["parallelism"]
    assert spec["completions"] == hosts and spec["completionMode"] == "Indexed"
    assert re.search(f"--(num_processes|nnodes)={hosts} ", script)
    name = jobset["metadata"]["name"]
    assert f"={name}-{job['name']}-0-0.{name}" in script
    env = {each["name"]: each["value"] for each in found["env"]}
    assert env["KERAS_BACKEND"] == path.name.split(".")[0]
    [gpus] = found["resources"]["limits"].values()
    assert f"--nproc_per_node={gpus} " in script or "torchrun" not in script
    volumes = {v["name"] for v in spec["template"]["spec"]["volumes"]}
    assert {m["name"] for m in found["volumeMounts"]} == volumes


@pytest.mark.parametrize("path", JOBSETS, ids=lambda path: path.name)
def test_a_pod_succeeds_only_if_the_training_is_over(start, path, tmp_path):
    assert start_pod(start, path, "").wait(10) != 0
    check_training((tmp_path / "notes").read_text())
    assert start_pod(start, path, "", index="1").wait(10) == 0
    assert start_pod(start, path, "fail", index="1").wait(10) != 0
    assert start_pod(start, path, "complete").wait(10) == 0


@pytest.mark.parametrize("path", JOBSETS, ids=lambda path: path.name)
def test_a_pod_hands_sigterm_to_the_training(start, path, tmp_path):
    pod = start_pod(start, path, "wait", index="1")
    begun = Path(tmp_path / "notes.begun")
    for _ in range(100):
        if begun.exists():
            break
        time.sleep(0.05)
    pod.send_signal(signal.SIGTERM)
    assert pod.wait(10) == 0


@pytest.mark.slow  # loads PyTorch
def test_torchrun_knows_the_flags_of_the_jobset(start, tmp_path):
    run = pytest.importorskip("torch.distributed.run")
    start_pod(start, FOLDER / "torch.jobset.yaml", "complete", index="1").wait(10)
    _, *words = shlex.split((tmp_path / "notes").read_text())
    parsed = run.get_args_parser().parse_args(words)
    assert (parsed.nnodes, parsed.nproc_per_node, parsed.node_rank) == ("2", "8", 1)
    assert (parsed.training_script, parsed.module) == ("keras_mocogan.cli", True)
    assert parsed.shutdown_timeout == 240
