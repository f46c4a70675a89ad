#!/usr/bin/env bash
# All tests: those of test.sh, the slow ones beside them (two devices and two processes,
# replicas, runs that are killed, the studies, storage that fails), those of object
# storage with tensorflow-io, the documentation, built without a warning, and the wheel.
#
#   bash tools/test_all.sh             arguments are passed on to pytest
set -euo pipefail
TOOLS="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
KERAS_MOCOGAN_SLOW=1 bash "$TOOLS/test.sh" "$@"
bash "$TOOLS/test_io.sh" "$@"
bash "$TOOLS/docs.sh"
bash "$TOOLS/test_wheel.sh"
