#!/bin/sh
# Renders the site, checks it, and runs the samples of the pages with what `make install` puts into a folder: test.sh
set -u

cd "$(dirname -- "$0")/../.." || exit 1
mkdir -p "${CARGO_TARGET_DIR:-target}"
target=$(CDPATH='' cd -- "${CARGO_TARGET_DIR:-target}" && pwd)
export CARGO_TARGET_DIR="$target"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
counts='^[0-9]* passed, [0-9]* failed, [0-9]* skipped$'
# shown FILE WHAT: what it said but for its counts, which are added up. One that ended before it counted has failed.
shown() {
    grep -v "$counts" "$1"
    grep -q "$counts" "$1" || { echo "FAILED: $2 ended before it counted" && echo "0 passed, 1 failed, 0 skipped" >>"$1"; }
}

# shellcheck disable=SC2046 # no requirement has a blank in it
if ! bin=$(sh tests/venv.sh docs $(cat docs/site/requirements.txt) 2>"$work/venv"); then
    echo "skipped: the documentation site ($(tail -n 1 "$work/venv"))"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi

if sh docs/site/build.sh "$work/site"; then
    echo "ok: every page renders without a warning" | tee "$work/built"
    "$bin/python" docs/site/check.py "$work/site" >"$work/checked" 2>&1
    shown "$work/checked" check.py
else
    echo "FAILED: every page renders without a warning" | tee "$work/built"
fi

# MONA_DOCS_PREFIX: an installation that is there already. mona-collector is taken from there, or built.
prefix=${MONA_DOCS_PREFIX:-$work/prefix}
collector=${MONA_DOCS_COLLECTOR:-$prefix/bin/mona-collector}
if { [ -d "$prefix" ] || "${MAKE:-make}" --no-print-directory install PREFIX="$prefix" >"$work/install" 2>&1; } &&
    { [ -x "$collector" ] || { collector=$target/release/mona-collector &&
        cargo build --quiet --release -p mona-collector; }; }; then
    "$bin/python" docs/site/samples.py "$prefix" "$collector" >"$work/played" 2>&1
    shown "$work/played" samples.py
else
    cat "$work/install"
    echo "FAILED: libmona is installed for the samples" | tee "$work/played"
fi

# Lines of counts are added up; a step that ended before its own counts as what it said.
cat "$work/built" "$work/checked" "$work/played" 2>/dev/null | awk '
    /^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { passed += $1; failed += $3; skipped += $5 }
    /^ok: every page renders/ { passed++ }
    /^FAILED: (every page renders|libmona is installed)/ { failed++ }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 || passed == 0 }'
