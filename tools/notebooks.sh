#!/usr/bin/env bash
# Runs the tutorials of docs/tutorials and keeps their outputs.
#
#   bash tools/notebooks.sh                          the sizes that readers see
#   bash tools/notebooks.sh --only=serving           one of them
#   KERAS_MOCOGAN_TINY=1 bash tools/notebooks.sh     tests them at tiny sizes; keeps nothing
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

make_environment docs
cd "$ROOT"
PATH="$VENV/bin:$PATH" "$VENV_PYTHON" tools/run_notebooks.py "$@"
