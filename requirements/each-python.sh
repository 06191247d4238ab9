#!/bin/sh
# Runs the small test suite on every other supported Python that this machine has.
# Usage: each-python.sh VENV   (VENV: the one that is tested already; its neighbours get a suffix)
set -eu
venv=$1
done_already=$("$venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')

find_python() {
    for candidate in "$(command -v "python$1" || true)" \
        "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
        # A shim may be there for a Python that is not.
        [ -n "$candidate" ] && "$candidate" -c '' >/dev/null 2>&1 && { echo "$candidate"; return; }
    done
}

for version in 3.10 3.11 3.12 3.13; do
    [ "$version" != "$done_already" ] || continue
    python=$(find_python "$version")
    if [ -z "$python" ]; then
        echo "each-python: no Python $version here; skipped" >&2
        continue
    fi
    [ "$venv-$version/.development-set" -nt requirements/development.txt ] ||
        sh requirements/set-up.sh "$python" "$venv-$version" development
    echo "each-python: Python $version" >&2
    "$venv-$version/bin/pytest" -q -n 2 -m "not prove"
done
