#!/bin/sh
# Measures the Python packages on the Pythons found here: the newest-but-settled one with the extension, the fallback and
# mona-client 0.2.1, and 3.8, where the older client runs as it was made, with the fallback. Environments lie below
# cargo's target folder. ROUNDS=9 asks for more rounds.
set -eu
export PIP_ROOT_USER_ACTION=ignore

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
library=${MONA_LIBRARY_FOLDER:-$target/release}
rounds=${ROUNDS:-7}

# The first of these that is on PATH or known to pyenv.
find_python() {
    for version in "$@"; do
        if command -v "python$version" >/dev/null 2>&1 && "python$version" -c '' 2>/dev/null; then
            command -v "python$version"
            return 0
        fi
        pyenv=${PYENV_ROOT:-$(pyenv root 2>/dev/null || echo "$HOME/.pyenv")}
        for found in "$pyenv"/versions/"$version".*/bin/python; do
            if [ -x "$found" ]; then
                echo "$found"
                return 0
            fi
        done
    done
    return 1
}

# What the older client needs, without what it says about versions of Python: it runs on later ones.
older_of() {
    folder=$target/python/older-$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ ! -f "$folder/done" ]; then
        rm -rf "$folder"
        pip="$1 -m pip --quiet --disable-pip-version-check --retries 1 --timeout 15"
        # shellcheck disable=SC2086 # words on purpose
        $pip install --no-deps --ignore-requires-python --target "$folder" mona-client==0.2.1 mona-fluent-logger==0.0.6 >&2 &&
            $pip install --target "$folder" msgpack werkzeug watchdog >&2 || return 1
        touch "$folder/done"
    fi
    echo "$folder"
}

measure() {
    python=$1
    staged=$target/python/bench-$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    rm -rf "$staged"
    mkdir -p "$staged"
    cp -R "$here/../src/mona" "$here/../src/mona_client" "$staged"
    rm -f "$staged"/mona/_native/*.so "$staged"/mona/_native/*.so.0
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
        "$python" "$here/../packaging/extension.py" --library "$library" --into "$staged/mona/_native" >/dev/null
    else
        cp "$library/libmona.so" "$staged/mona/_native/libmona.so.0"
    fi
    if older=$(older_of "$python"); then
        "$python" "$here/run.py" --source "$staged" --older "$older" --rounds "$rounds"
    else
        echo "skipped: mona-client 0.2.1 cannot be had"
        "$python" "$here/run.py" --source "$staged" --rounds "$rounds"
    fi
}

if python=$(find_python 3.11 3.12 3.13 3.10); then
    measure "$python"
else
    echo "skipped: the extension (no CPython of 3.10 or later is found)"
fi
echo
if python=$(find_python 3.8); then
    measure "$python"
else
    echo "skipped: mona-client 0.2.1 on its own Python (no CPython 3.8 is found)"
fi
