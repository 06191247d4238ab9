#!/bin/sh
# Makes the virtual environment and installs one pinned, hashed set into it.
# Usage: set-up.sh PYTHON VENV SET
set -eu
python=$1 venv=$2 set=$3

stop() { printf 'set-up: %s\n' "$1" >&2; exit 1; }

command -v "$python" >/dev/null 2>&1 ||
    stop "there is no '$python' here; install CPython 3.10 to 3.13, or name one: make PYTHON=python3.12 ..."
"$python" -c 'import sys; sys.exit(not ((3, 10) <= sys.version_info < (3, 14)))' ||
    stop "'$python' is $("$python" -V 2>&1); CPython 3.10 to 3.13 is needed: make PYTHON=python3.12 ..."
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    stop "'$python' has no venv module; install it (on Debian: apt-get install python3-venv)"

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"

install() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$@" ||
        stop "the packages could not be installed (what pip said is above); is a package index within reach?"
}

echo "set-up: installing the $set set into $venv" >&2
install --require-hashes --requirement requirements/build.txt
# Source distributions build with the pinned tools above, not with whatever is newest today.
install --require-hashes --no-build-isolation --requirement "requirements/$set.txt"
install --no-deps --no-build-isolation --no-index --editable .
touch "$venv/.$set-set"
