# Sourced by test.sh and quickstart.sh: makes the environment they run in.
#
# make_environment EXTRAS
#   Makes .venv at the repository's root and installs the package there with the
#   named extras of pyproject.toml ("" for none). If nothing has changed, a second call
#   takes a fraction of a second. Sets ROOT and VENV_PYTHON.
#
# PYTHON=/path/to/python chooses the interpreter that it is made from. A script may set
# VENV to another place, and NEWEST_PYTHON to the newest minor version that works.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VENV="${VENV:-$ROOT/.venv}"
NEWEST_PYTHON="${NEWEST_PYTHON:-99}"
WANTED="Python 3.11 or newer"
((NEWEST_PYTHON == 99)) || WANTED="Python 3.11 to 3.$NEWEST_PYTHON"
VENV_PYTHON="$VENV/bin/python"
# One line for each set of extras that was installed, with a hash of what it depends on.
STAMP="$VENV/installed.txt"

fail() {
    echo "error: $*" >&2
    exit 1
}

is_fitting() {
    "$1" -c "import sys
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $NEWEST_PYTHON))" 2>/dev/null
}

find_python() {
    local candidate candidates=(python3 python3.13 python3.12 python3.11)
    [[ -z "${PYTHON:-}" ]] || candidates=("$PYTHON")
    for candidate in "${candidates[@]}"; do
        if is_fitting "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "$WANTED is needed, but ${candidates[0]} is" \
        "$("${candidates[0]}" --version 2>/dev/null || echo "missing")." \
        "Set PYTHON=/path/to/python to use another one."
}

make_venv() {
    local python
    python="$(find_python)"
    echo "Making $VENV with $("$python" --version)."
    if ! "$python" -m venv "$VENV"; then
        rm -rf "$VENV"  # Half made: the next call must not take it for complete.
        fail "$python -m venv failed. On Debian and Ubuntu," \
            "install the package python3-venv."
    fi
}

# What an installation depends on: the requirements, and where the package lies.
fingerprint() {
    {
        echo "$ROOT"
        cat "$ROOT/setup.py" "$ROOT/pyproject.toml"
    } | "$VENV_PYTHON" -c \
        'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())'
}

is_installed() { # EXTRAS FINGERPRINT; any set of extras includes the bare package
    if [[ -z "$1" ]]; then
        grep -qs "^$2 " "$STAMP"
    else
        grep -qsx "$2 $1" "$STAMP"
    fi
}

make_environment() {
    local extras="${1:-}" print
    [[ -d "$VENV" ]] || make_venv
    "$VENV_PYTHON" -m pip --version >/dev/null 2>&1 ||
        fail "$VENV holds no working Python with pip. Remove it and try again."
    is_fitting "$VENV_PYTHON" ||
        fail "$VENV holds $("$VENV_PYTHON" --version); $WANTED is needed." \
            "Remove it and try again."
    print="$(fingerprint)"
    if is_installed "$extras" "$print"; then
        return
    fi
    echo "Installing into $VENV; the first time takes some minutes."
    "$VENV_PYTHON" -m pip install --quiet --disable-pip-version-check \
        --editable "$ROOT${extras:+[$extras]}" ||
        fail "the installation failed; pip says why above."
    # Lines of other requirements are no longer true.
    { grep -s "^$print " "$STAMP" || true; echo "$print $extras"; } >"$STAMP.new"
    mv "$STAMP.new" "$STAMP"
}
