"""Packaging: `pip install .`, or `pip install -e ".[test]"` for development."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent


def read_version():
    """Returns `__version__` without importing the package, which needs Keras."""
    text = (ROOT / "keras_mocogan" / "version.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE).group(1)


def read_readme():
    """Returns the text of README.md, or nothing where it is not shipped along."""
    readme = ROOT / "README.md"
    return readme.read_text(encoding="utf-8") if readme.is_file() else ""


JAX = ["jax"]
TORCH = ["torch"]
# tensorflow-io's last release, and the newest TensorFlow that loads its libraries.
IO = [
    'tensorflow-io==0.37.1; python_version < "3.13"',
    'tensorflow==2.17.1; python_version < "3.13"',
]
TEST = [
    *JAX,
    # One release for everybody, so that the tests mean the same everywhere.
    "torch==2.13.0",
    "pytest",
    "pytest-timeout",
    # The formatter's style changes with its minor releases.
    "ruff==0.17.*",
]

setup(
    name="keras-mocogan",
    version=read_version(),
    description="MoCoGAN for Keras 3: video generation on TensorFlow, JAX and PyTorch",
    long_description=read_readme(),
    long_description_content_type="text/markdown",
    author="The keras_mocogan authors",
    license="Apache-2.0",
    license_files=["LICENSE"],
    packages=find_packages(include=["keras_mocogan", "keras_mocogan.*"]),
    package_data={
        "keras_mocogan": ["py.typed"],
        "keras_mocogan.presets": ["files/*"],
    },
    python_requires=">=3.11",
    install_requires=[
        # The first release with keras.optimizers.MultiOptimizer.
        "keras>=3.15",
        "tensorflow",
        # TensorFlow no longer brings it along.
        "tensorboard",
        "numpy",
        "absl-py",
        # Brings Pillow along, which writes the GIFs.
        "matplotlib",
        "av",
        # Decodes the JPEG frames of records, to the same bytes as Pillow and faster.
        "simplejpeg",
    ],
    extras_require={
        "jax": JAX,
        "torch": TORCH,
        "io": IO,
        "test": TEST,
        # Without TensorFlow's newest release: an environment of its own.
        "test-io": [*IO, "moto[server]", "pytest", "pytest-timeout"],
    },
    classifiers=[
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
)
