#!/usr/bin/env bash
# All tests: those of test.sh, the slow ones beside them, those of object storage with
# tensorflow-io, the documentation, built without a warning, the tutorials at tiny sizes,
# and the wheel on all three backends.
#
# Slow are, by kind:
#   training    two devices, two processes and replicas; runs that are killed; the flags
#               of `train` by which a run chooses, scores, goes on and starts from another
#   backends    files of one backend on another; two of the models in the comparison of
#               the backends; exports from JAX and PyTorch
#   documents   the examples of docstrings, the pages of ten seconds and more, the commands
#               of all documents, the cells of the tutorials
#   tools       the studies, the search, the scripts that train classifiers, that measure
#               shapes and figures, that write files of characters, that export
#   the rest    the page in a browser, LiteRT, storage that fails, runs at URLs
#
#   bash tools/test_all.sh             arguments are passed on to pytest
set -euo pipefail
TOOLS="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
KERAS_MOCOGAN_SLOW=1 bash "$TOOLS/test.sh" "$@"
# 5: arguments such as -k, meant for the tests above, have left none of these.
bash "$TOOLS/test_io.sh" "$@" || (($? == 5))
bash "$TOOLS/docs.sh"
KERAS_MOCOGAN_TINY=1 bash "$TOOLS/notebooks.sh"
bash "$TOOLS/test_wheel.sh"
