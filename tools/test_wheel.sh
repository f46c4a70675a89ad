#!/usr/bin/env bash
# Builds the wheel and uses it as a stranger would: for each backend in an empty
# environment, with nothing of the clone on the path.
#
#   bash tools/test_wheel.sh                 all three; some minutes, most of them pip's
#   bash tools/test_wheel.sh torch           some of them
#
# In each environment: is TensorFlow there only where it was asked for, `doctor`, a GIF
# from the preset, ten steps on video files and ten on strips, scores, and saving and
# loading.
set -euo pipefail
TOOLS="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$TOOLS/environment.sh"

MOST_BYTES=$((15 * 1024 * 1024))
TINY="--content_dim=3 --motion_dim=2 --generator_filters=2 --discriminator_filters=2
    --video_discriminator_levels=3"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
unset PYTHONPATH KERAS_BACKEND
export KERAS_HOME="$work/keras" # no configuration of whoever runs this
export PIP_DISABLE_PIP_VERSION_CHECK=1
# The second training is the first one's step again.
export JAX_COMPILATION_CACHE_DIR="$work/jax-cache"

build_wheel() { # into $work/dist, from a copy, which keeps the clone clean
    mkdir "$work/source"
    cp -r "$ROOT"/{keras_mocogan,pyproject.toml,setup.py,README.md,LICENSE} \
        "$work/source"
    find "$work/source" -name __pycache__ -exec rm -rf {} +
    "$(find_python)" -m venv "$work/tools"
    # Without isolation, which would make an environment for each of the two archives;
    # `build` still checks that what pyproject.toml asks for is there.
    "$work/tools/bin/pip" install --quiet build twine "setuptools>=77"
    "$work/tools/bin/python" -m build --no-isolation --outdir "$work/dist" "$work/source" \
        >"$work/build.log" 2>&1 || { cat "$work/build.log"; fail "the build failed."; }
    "$work/tools/bin/twine" check --strict "$work"/dist/*
    WHEEL="$(echo "$work"/dist/*.whl)"
}

check_content() {
    "$work/tools/bin/python" - "$WHEEL" "$MOST_BYTES" <<'PYTHON'
import os, sys, zipfile

path, most = sys.argv[1], int(sys.argv[2])
names = zipfile.ZipFile(path).namelist()
tops = {name.split("/")[0] for name in names}
strange = [t for t in tops if t != "keras_mocogan" and not t.endswith(".dist-info")]
assert not strange, f"not of the package: {strange}"
assert "keras_mocogan/py.typed" in names
assert any(name.endswith("licenses/LICENSE") for name in names)
assert os.path.getsize(path) <= most, os.path.getsize(path)
print(f"{len(names)} files, {os.path.getsize(path) / 2**20:.1f} MiB")
PYTHON
}

use_wheel() { # BACKEND
    local bin="$work/$1/bin"
    echo "== $1 =="
    "$(find_python)" -m venv "$work/$1"
    # The release of the tests: without it pip brings gigabytes for GPUs.
    grep -o 'torch==[0-9.]*' "$ROOT/pyproject.toml" >"$work/constraints.txt"
    "$bin/pip" install --quiet --constraint "$work/constraints.txt" "$WHEEL[$1]"
    mkdir "$work/home-$1"
    cd "$work/home-$1"
    "$bin/python" - "$1" "$work" <<'PYTHON'
import importlib.util, sys

backend, work = sys.argv[1:]
import keras_mocogan as km
import keras
import numpy as np
from pathlib import Path
from PIL import Image

assert km.__file__.startswith(work), km.__file__
assert keras.config.backend() == backend, keras.config.backend()
found = importlib.util.find_spec("tensorflow") is not None
assert found == (backend == "tensorflow"), found
videos, labels = km.data.shape_motion(20, num_frames=8, image_size=32)
for number, (video, label) in enumerate(zip(videos, labels)):
    km.video.write_mp4(f"clips/{label}/{number}.mp4", video)
    strip = Path(f"strips/{label}/{number}.png")
    strip.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(list(video), axis=1)).save(strip)
PYTHON
    "$bin/keras-mocogan" doctor
    local start=$SECONDS
    "$bin/keras-mocogan" generate --preset=shapes --grid
    ((SECONDS - start < 60)) || fail "the first GIF took $((SECONDS - start)) s."
    "$bin/keras-mocogan" train --data_dir=clips --run_dir=run --steps=10 $TINY
    "$bin/keras-mocogan" train --data_dir=strips --run_dir=strips-run --steps=10 $TINY
    "$bin/keras-mocogan" evaluate --model=run/model.keras --data_dir=clips --count=8
    "$bin/python" - <<'PYTHON'
import keras_mocogan as km
import keras
import numpy as np

for run in ("strips-run", "run"):
    model = keras.models.load_model(f"{run}/model.keras")
    assert model.global_step == 10 and model.num_classes == 2, run
model.save("again.keras")
again = keras.models.load_model("again.keras")
np.testing.assert_array_equal(model.generate(2, seed=1), again.generate(2, seed=1))
PYTHON
    cd "$ROOT"
    rm -rf "$work/$1"
}

build_wheel
check_content
backends=("$@")
((${#backends[@]})) || backends=(tensorflow jax torch)
for backend in "${backends[@]}"; do
    use_wheel "$backend"
done
echo "The wheel works on: ${backends[*]}."
