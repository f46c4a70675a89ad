#!/usr/bin/env bash
# Builds the documentation site; every warning is an error.
#
#   bash tools/docs.sh            open docs/_build/index.html
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

make_environment docs
cd "$ROOT"
"$VENV_PYTHON" -m sphinx --fail-on-warning --keep-going --quiet docs docs/_build
echo "Open $ROOT/docs/_build/index.html"
