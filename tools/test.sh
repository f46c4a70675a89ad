#!/usr/bin/env bash
# Lint, then the tests on each backend, in an environment it makes by itself.
#
#   bash tools/test.sh                 everything
#   bash tools/test.sh -k video        arguments are handed on to pytest
#   KERAS_MOCOGAN_BACKENDS="jax torch" bash tools/test.sh      some backends only
#
# Two backends run side by side, since a test keeps one core busy; each one's output
# appears when it ends. Goes on when one fails, and ends with a summary. Tests that need
# no particular backend (marked "once") run under TensorFlow.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

BACKENDS="${KERAS_MOCOGAN_BACKENDS:-tensorflow jax torch}"
NO_TESTS_RAN=5 # pytest's exit status when every test was deselected
summary=()
failed=0
tested=0

report() { # NAME STATUS SECONDS
    local result="passed"
    case "$2" in
    0) ;;
    "$NO_TESTS_RAN") result="no test selected" ;;
    *)
        result="FAILED"
        failed=1
        ;;
    esac
    summary+=("$(printf '%-12s %-18s %4d s' "$1" "$result" "$3")")
}

lint() {
    local start=$SECONDS status=0
    echo "== lint =="
    "$VENV_PYTHON" -m ruff check . || status=1
    "$VENV_PYTHON" -m ruff format --check . || status=1
    report lint "$status" $((SECONDS - start))
}

run_tests() { # BACKEND PYTEST_ARGUMENTS...
    local backend="$1" start=$SECONDS status=0
    shift
    KERAS_BACKEND="$backend" TF_CPP_MIN_LOG_LEVEL=2 \
        "$VENV_PYTHON" -m pytest --quiet "$@" >"$results/$backend.log" 2>&1 || status=$?
    echo "$status $((SECONDS - start))" >"$results/$backend"
    echo "== tests on $backend =="
    cat "$results/$backend.log"
}

report_tests() { # BACKEND
    local status seconds
    read -r status seconds <"$results/$1"
    [[ "$status" == "$NO_TESTS_RAN" ]] || tested=1
    report "$1" "$status" "$seconds"
}

make_environment test
cd "$ROOT"
lint
results="$(mktemp -d)"
trap 'rm -rf "$results"' EXIT
for backend in $BACKENDS; do
    while (($(jobs -rp | wc -l) >= 2)); do sleep 1; done
    run_tests "$backend" "$@" &
done
wait
for backend in $BACKENDS; do
    report_tests "$backend"
done

echo "== summary =="
printf '%s\n' "${summary[@]}"
[[ "$tested" == 1 ]] || fail "no test was selected on any backend."
exit "$failed"
