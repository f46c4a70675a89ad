#!/usr/bin/env bash
# Lint, then the tests on each backend, in an environment it makes by itself.
#
#   bash tools/test.sh                 everything but slow tests
#   bash tools/test.sh -k video        arguments are passed on to pytest
#   KERAS_MOCOGAN_BACKENDS="jax torch" bash tools/test.sh      some backends only
#
# Two jobs run in parallel, because a test keeps one core busy; the output of each appears
# when it ends. The script goes on when a job fails, and ends with a summary. Tests that
# need no particular backend (marked "once") are two more jobs on TensorFlow: "data", of
# tests/data, and "once", of the rest. Those marked "slow" are left to test_all.sh.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

BACKENDS="${KERAS_MOCOGAN_BACKENDS:-jax tensorflow torch}"
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

run_tests() { # JOB PYTEST_ARGUMENTS...
    local job="$1" backend="$1" marked="not once" start=$SECONDS status=0
    shift
    case "$job" in
    once)
        backend=tensorflow
        marked="once and not data"
        ;;
    data)
        backend=tensorflow
        marked="once and data"
        ;;
    esac
    [[ -n "${KERAS_MOCOGAN_SLOW:-}" ]] || marked+=" and not slow"
    KERAS_BACKEND="$backend" TF_CPP_MIN_LOG_LEVEL=2 "$VENV_PYTHON" -m pytest --quiet \
        -m "$marked" "$@" >"$results/$job.log" 2>&1 || status=$?
    echo "$status $((SECONDS - start))" >"$results/$job"
    echo "== tests: $job =="
    cat "$results/$job.log"
}

report_tests() { # JOB
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
jobs=" $BACKENDS "
# The longest first, the shortest last, so that both lanes end at about the same time.
if [[ "$jobs" == *" tensorflow "* ]]; then
    jobs="once ${jobs/ tensorflow / tensorflow data }"
fi
for job in $jobs; do
    while (($(jobs -rp | wc -l) >= 2)); do sleep 1; done
    run_tests "$job" "$@" &
done
wait
for job in $jobs; do
    report_tests "$job"
done

echo "== summary =="
printf '%s\n' "${summary[@]}"
[[ "$tested" == 1 ]] || fail "no test was selected on any backend."
exit "$failed"
