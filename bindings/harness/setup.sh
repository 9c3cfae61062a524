# shellcheck shell=sh
# What the suites of the language packages start with: libmona in a prefix, a collector, a scratch folder.
#
#     . "$here/../harness/setup.sh"
#
# Sourced by scripts of this repository, which it finds from their own place. It gives, exported:
#
#     MONA_PREFIX      where libmona is installed; also in PKG_CONFIG_PATH, LD_LIBRARY_PATH and PATH
#     MONA_LIBRARY     the shared library there
#     MONA_COLLECTOR   the program mona-collector
#     MONA_SCRATCH     an empty folder that is removed at the end
#
# and for the script alone: `root`, the repository, `target`, cargo's target folder, and the functions below.
#
# MONA_LIBRARY_PREFIX, if set, is an installed libmona, and MONA_COLLECTOR a collector. What is not given is built by
# cargo and installed below its target folder, once for all suites that run at the same time.

# Ends the suite: nothing of it can run here, for this reason.
skip_all() {
    echo "skipped: all of it ($1)"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}

# Ends the suite: what all of it needs is broken.
fail_all() {
    echo "FAILED: $1"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
}

passed=0
failed=0
skipped=0

skip() {
    echo "skipped: $1 ($2)"
    skipped=$((skipped + 1))
}

# A command that passes or fails as one: check NAME COMMAND...
check() {
    mona_name=$1
    shift
    if "$@"; then
        echo "ok: $mona_name"
        passed=$((passed + 1))
    else
        echo "FAILED: $mona_name"
        failed=$((failed + 1))
    fi
}

# A command whose last line of the form "N passed, N failed, N skipped" counts: counted NAME COMMAND...
counted() {
    mona_name=$1
    shift
    mona_status=0
    "$@" >"$MONA_SCRATCH/counted" 2>&1 || mona_status=$?
    mona_closing='^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$'
    mona_counts=$(sed -n "s/$mona_closing/\\1 \\2 \\3/p" "$MONA_SCRATCH/counted" | tail -n 1)
    # The closing line is said once, by `finish`.
    sed "/$mona_closing/d" "$MONA_SCRATCH/counted"
    # shellcheck disable=SC2086 # three numbers
    set -- ${mona_counts:-0 1 0}
    # One that failed and counted no failure broke before or behind its tests.
    [ "$mona_status" = 0 ] || [ "$2" -gt 0 ] || set -- "$1" 1 "$3"
    passed=$((passed + $1))
    failed=$((failed + $2))
    skipped=$((skipped + $3))
    if [ "$2" = 0 ]; then
        echo "ok: $mona_name, $1 passed, $3 skipped"
    else
        echo "FAILED: $mona_name, $1 passed, $2 failed, $3 skipped, status $mona_status"
    fi
}

# The closing line, and the end.
finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
    exit
}

# The repository is above the script that sourced this; a sourced file cannot know its own place.
root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
while [ ! -f "$root/include/mona.h" ]; do
    [ "$root" != / ] || fail_all "no include/mona.h above $0"
    root=$(dirname -- "$root")
done
target=${CARGO_TARGET_DIR:-$root/target}
mkdir -p "$target"
target=$(CDPATH='' cd -- "$target" && pwd)

MONA_SCRATCH=$(mktemp -d)
trap 'rm -rf "$MONA_SCRATCH"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

case $(uname -s) in
Darwin) mona_suffix=dylib ;;
*) mona_suffix=so ;;
esac

# The folder of a prefix with the library and pkgconfig in it.
mona_libdir() {
    for mona_folder in "$1/lib" "$1/lib64" "$1"/lib/*-linux-gnu; do
        if [ -e "$mona_folder/libmona.$mona_suffix" ]; then
            echo "$mona_folder"
            return
        fi
    done
    return 1
}

# Builds and installs what is not given. Called under the lock, so that the second suite finds all of it done.
mona_build() {
    mona_release=$target/release
    if [ -z "${MONA_LIBRARY_PREFIX:-}" ]; then
        (cd "$root" && cargo build --quiet --release --target-dir "$target" -p mona-ffi) || return 1
        mona_stamp=$target/languages/installed
        mona_newer=$(find "$mona_release/libmona.$mona_suffix" "$root/include" "$root/bindings/c" "$root/bindings/cpp" \
            -newer "$mona_stamp" 2>&1 | head -n 1)
        if [ -n "$mona_newer" ]; then
            sh "$root/bindings/c/install/install.sh" "$mona_release" "$target/languages/prefix" >&2 || return 1
            touch "$mona_stamp"
        fi
    fi
    # By itself: features of two packages that are built together are those of both.
    [ -n "${MONA_COLLECTOR:-}" ] ||
        (cd "$root" && cargo build --quiet --release --target-dir "$target" -p mona-collector)
}

if [ -z "${MONA_COLLECTOR:-}" ] && [ -n "${MONA_LIBRARY_PREFIX:-}" ]; then
    # A prefix that is given is used without a build where a collector is at hand.
    for mona_program in "$MONA_LIBRARY_PREFIX/bin/mona-collector" "$target/release/mona-collector"; do
        [ ! -x "$mona_program" ] || MONA_COLLECTOR=$mona_program
    done
    MONA_COLLECTOR=${MONA_COLLECTOR:-$(command -v mona-collector || true)}
fi
if [ -z "${MONA_LIBRARY_PREFIX:-}" ] || [ -z "$MONA_COLLECTOR" ]; then
    command -v cargo >/dev/null 2>&1 || skip_all "cargo is not found, nor libmona in MONA_LIBRARY_PREFIX"
    mkdir -p "$target/languages"
    if command -v flock >/dev/null 2>&1; then
        # Not for cargo: a server that it starts for its compilers would hold the lock after the end.
        (flock 9 && mona_build 9>&-) 9>"$target/languages/lock" || fail_all "libmona cannot be built and installed"
    else
        mona_build || fail_all "libmona cannot be built and installed"
    fi
fi

MONA_PREFIX=${MONA_LIBRARY_PREFIX:-$target/languages/prefix}
MONA_COLLECTOR=${MONA_COLLECTOR:-$target/release/mona-collector}
[ -x "$MONA_COLLECTOR" ] || fail_all "MONA_COLLECTOR $MONA_COLLECTOR: no such program"
mona_lib=$(mona_libdir "$MONA_PREFIX") || fail_all "no libmona.$mona_suffix in $MONA_PREFIX/lib"
MONA_LIBRARY=$mona_lib/libmona.$mona_suffix
PKG_CONFIG_PATH=$mona_lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
LD_LIBRARY_PATH=$mona_lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
PATH=$MONA_PREFIX/bin:$PATH
export MONA_PREFIX MONA_LIBRARY MONA_COLLECTOR MONA_SCRATCH PKG_CONFIG_PATH LD_LIBRARY_PATH PATH
