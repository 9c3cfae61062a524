#!/bin/sh
# Builds what `make install` installs, or sees that it was built.
#
#     build.sh TARGET_DIR [--features LIST]
#
# TARGET_DIR is cargo's. LIST has the features of mona-ffi, with commas or blanks between them; an empty one is the smallest
# library, and without --features all are in it. CARGO names another cargo. MONA_COLLECTOR as for install.sh: `no` builds
# none, and only with `yes` it is an error that it cannot be built.
#
# Where there is no cargo, as for root behind `sudo`, what lies in TARGET_DIR/release will do if it was built with the same
# features from the same sources.
set -eu

usage() {
    echo "usage: build.sh TARGET_DIR [--features LIST]" >&2
    exit 2
}
[ $# -eq 1 ] || { [ $# -eq 3 ] && [ "$2" = --features ]; } || usage

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
cargo=${CARGO:-cargo}
case $1 in
/*) target=$1 ;;
*) target=$PWD/$1 ;;
esac
release=$target/release
# Says with what features `make` built the library that lies beside it.
note=$release/mona-features
wanted=default
if [ $# -eq 3 ]; then
    wanted="features: $(echo "$3" | tr ' ' , | tr , '\n' | sed '/^$/d' | LC_ALL=C sort -u | tr '\n' ' ')"
    set -- --no-default-features --features "$3"
else
    set --
fi

# What is built is looked for in TARGET_DIR/release; for a target of its own it would lie beside that.
unset CARGO_BUILD_TARGET

fail() {
    echo "build.sh: $1" >&2
    exit 1
}

# The path of cargo may have a blank, or words stand behind its name: `cargo +1.89`.
ask_cargo() {
    if command -v "$cargo" >/dev/null 2>&1; then
        "$cargo" "$@"
    else
        # shellcheck disable=SC2086 # words
        $cargo "$@"
    fi
}

build() {
    cd "$root"
    ask_cargo build --release --locked --target-dir "$target" -p mona-ffi "$@"
    echo "$wanted" >"$note"
    [ "${MONA_COLLECTOR:-auto}" != no ] || return 0
    case ${MONA_COLLECTOR:-auto} in
    */*) return ;;
    esac
    # By itself: together, cargo would give the library the features that the collector asks of what both stand on.
    if ! ask_cargo build --release --locked --target-dir "$target" -p mona-collector; then
        [ "${MONA_COLLECTOR:-auto}" = auto ] || fail "mona-collector: cargo cannot build it"
        rm -f "$release/mona-collector"
        echo "build.sh: mona-collector cannot be built, and is left out" >&2
    fi
}

# A shim of rustup without a tool chain is a program, and no cargo.
if ask_cargo --version >/dev/null 2>&1; then
    build "$@"
    exit
fi

again="build as the user who has it (\`make release\` with the same FEATURES), then install"
library=$release/libmona.so
[ -f "$library" ] || library=$release/libmona.dylib
if [ ! -f "$library" ] || [ ! -f "$release/libmona.a" ]; then
    fail "$cargo is not found, and $release has no libmona; $again"
fi
# One that is older than the library is about another one: that was built by cargo alone, with what is the default.
found=default
[ -z "$(find "$release" -path "$note" -newer "$library")" ] || found=$(cat "$note")
[ "$found" = "$wanted" ] ||
    fail "$cargo is not found, and the library in $release was built with \"$found\", not \"$wanted\"; $again"
newer=$(find "$root/core/src" "$root/ffi/src" "$root/ffi/build.rs" -name '*.rs' -newer "$library" | head -n 1)
[ -z "$newer" ] || fail "$cargo is not found, and $newer is newer than the library in $release; $again"
echo "build.sh: $cargo is not found: what was built before in $release is taken" >&2
