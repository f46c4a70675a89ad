#!/usr/bin/env bash
# Tests reading from s3:// in a separate environment, .venv-io: tensorflow-io needs an
# older TensorFlow. A server on loopback takes the place of S3.
#
#   bash tools/test_io.sh              arguments are passed on to pytest
set -euo pipefail
TOOLS="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
VENV="$TOOLS/../.venv-io"
NEWEST_PYTHON=12
source "$TOOLS/environment.sh"

make_environment test-io
cd "$ROOT"
echo "== tests of object storage =="
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=2 \
    "$VENV_PYTHON" -m pytest --quiet tests/io "$@"
