#!/bin/sh
# Builds the packages from their sdist as `pip install` does where no wheel suits: with cargo and a C compiler of this
# machine. Installs them into an environment that has nothing else, and sends an event. The closing line counts.
#
#     sdist.sh
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
mkdir -p "$target/python"
work=$(CDPATH='' cd -- "$target/python" && pwd)

# shellcheck disable=SC2046 # one path each, and none has a blank in it
python=$(python3 "$here/headers.py" $(sh "$here/interpreters.sh"))
if [ -z "$python" ]; then
    echo "skipped: the sdist (no CPython of 3.10 or later with its headers)"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
PATH=$(dirname "$python"):$PATH
try() {
    bin=$(CARGO_TARGET_DIR=$target sh "$root/tests/venv.sh" python-build setuptools==80.9.0 build==1.3.0) &&
        python3 "$here/stage.py" "$work/stage" &&
        rm -rf "$work/sdist" "$work/from-sdist" &&
        "$bin/python" -m build --no-isolation --sdist --outdir "$work/sdist" "$work/stage" >"$work/build.log" 2>&1 &&
        "$python" -m venv "$work/from-sdist" &&
        env -u CARGO_TARGET_DIR "$work/from-sdist/bin/pip" install --quiet --disable-pip-version-check \
            "$work/sdist/"libmona-*.tar.gz &&
        "$work/from-sdist/bin/python" -I -c '
import mona
mona.init(endpoint="null:")
with mona.context("sdist"):
    assert mona.export(x=1)
assert mona.close() and mona._native.IMPLEMENTATION == "extension"'
}
if try; then
    echo "ok: the sdist"
    echo "1 passed, 0 failed, 0 skipped"
else
    cat "$work/build.log"
    echo "FAILED: the sdist"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
