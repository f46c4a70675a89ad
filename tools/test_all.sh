#!/usr/bin/env bash
# All tests: those of test.sh, the slow ones beside them (two devices and two processes,
# replicas, runs that are killed, the studies), those of object storage, and the
# documentation, built without a warning.
# test_wheel.sh, which installs the wheel for each backend anew, is run by itself.
#
#   bash tools/test_all.sh             arguments are passed on to pytest
set -euo pipefail
TOOLS="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
KERAS_MOCOGAN_SLOW=1 bash "$TOOLS/test.sh" "$@"
bash "$TOOLS/test_io.sh" "$@"
bash "$TOOLS/docs.sh"
