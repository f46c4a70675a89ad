"""Says what works on this machine, which precision is faster, and what is missing.

keras-mocogan doctor
KERAS_BACKEND=jax keras-mocogan doctor
"""

import importlib.metadata
import importlib.util
import os
import platform
import sys

import keras

import keras_mocogan as km
from keras_mocogan.backend import kernels

FIRST_FLAGS = ""

_PACKAGES = (
    "keras-mocogan",
    "keras",
    "tensorflow",
    "jax",
    "torch",
    "numpy",
    "av",
    "pillow",
    "matplotlib",
    "tensorboard",
)
# What a part of the package needs, beyond what is always installed.
_PARTS = (
    ("export SavedModels and for LiteRT", ("tensorflow",), "keras-mocogan[tensorflow]"),
    ("serve over HTTP", ("fastapi", "uvicorn"), "keras-mocogan[serve]"),
    ("export ONNX graphs and pages", ("onnx",), "keras-mocogan[onnx]"),
    ("presets on the Hugging Face hub", ("huggingface_hub",), "keras-mocogan[hub]"),
    ("tensorboard/ in run directories", ("tensorboard",), "tensorboard"),
    ("read and write video files (FFmpeg comes along)", ("av",), "av"),
    ("read and write s3:// URLs", ("fsspec", "s3fs"), "keras-mocogan[remote]"),
    ("I3D's weights as TorchScript", ("torch",), "keras-mocogan[torch]"),
)


def devices():
    """Names of the devices that the backend computes on."""
    if keras.config.backend() != "torch":
        return keras.distribution.list_devices() or ["cpu"]
    import torch  # for which Keras lists none

    if not torch.cuda.is_available():
        return ["cpu"]
    numbers = range(torch.cuda.device_count())
    return [torch.cuda.get_device_name(number) for number in numbers]


def versions():
    """`(package, version or None)` of everything that matters."""
    for name in _PACKAGES:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield name, km.__version__ if name == "keras-mocogan" else None


def missing_parts():
    """`(what does not work, missing modules, what to install)` of each such part."""
    for part, modules, package in _PARTS:
        missing = [m for m in modules if importlib.util.find_spec(m) is None]
        if missing:
            yield part, missing, package


def precision():
    """Which precision is faster here, in words."""
    policy, seconds = km.precision.faster_policy()
    times = ", ".join(f"{1000 * s:.1f} ms in {kind}" for kind, s in seconds.items())
    advice = "--mixed_precision=bfloat16" if policy != "float32" else "float32"
    return f"a convolution takes {times}: train in {advice}"


def main(_):
    """Prints what this machine and its packages can do."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    print(f"Python      {platform.python_version()}, {sys.executable}")
    print(f"machine     {platform.machine()}, cores: {cores or os.cpu_count()}")
    print(f"backend     {keras.config.backend()} (KERAS_BACKEND chooses)")
    print(f"devices     {', '.join(devices())}")
    where = "a CPU" if kernels.on_cpu() else "an accelerator"
    print(f"            the networks compute on {where}")
    print(f"precision   {precision()}")
    print("versions")
    for name, version in versions():
        print(f"  {name:<16}{version or '-'}")
    lines = [
        f'  {part}: needs {", ".join(modules)} (pip install "{package}")'
        for part, modules, package in missing_parts()
    ]
    print("missing" if lines else "missing     nothing")
    print("\n".join(lines), end="\n" if lines else "")
