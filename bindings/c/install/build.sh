#!/bin/sh
# Builds what `make install` installs, or sees that it was built.
#
#     build.sh TARGET_DIR [--features LIST]
#     build.sh TARGET_DIR --collector          builds mona-collector alone
#
# TARGET_DIR is cargo's. LIST has the features of mona-ffi, with commas or blanks between them; an empty one is the smallest
# library, and without --features all are in it. From the environment:
#
#   CARGO             another cargo
#   MONA_COLLECTOR    as for install.sh: `no` builds none, and only with `yes` it is an error that it cannot be built
#   MONA_REMAP        yes: what is built names /usr/src/mona for the folders of the sources, of TARGET_DIR and of cargo's
#                     crates, in the places of its code that a panic would show. Flags of their own to cargo, which then
#                     builds every crate anew in a folder that has been built in without: therefore no, without it
#
# Where there is no cargo, as for root behind `sudo`, what lies in TARGET_DIR/release will do if it was built with the same
# features from the same sources.
set -eu

usage() {
    echo "usage: build.sh TARGET_DIR [--features LIST], or build.sh TARGET_DIR --collector" >&2
    exit 2
}
[ $# -eq 1 ] || { [ $# -eq 2 ] && [ "$2" = --collector ]; } || { [ $# -eq 3 ] && [ "$2" = --features ]; } || usage

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
# As old as the last moment at which a source could change that cargo then looked at: cargo itself leaves what it built as
# old as it is where only a test has changed.
library_stamp=$release/mona-looked-at
collector_stamp=$release/mona-collector-looked-at
wanted=default
wants_library=yes
[ "${2:-}" != --collector ] || wants_library=
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

# With a character between them that no folder has: RUSTFLAGS would be split at blanks.
rust_flag() {
    CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS:+$CARGO_ENCODED_RUSTFLAGS$(printf '\037')}$1
}

case ${MONA_REMAP:-no} in
no) ;;
yes)
    # cargo takes one or the other.
    if [ -z "${CARGO_ENCODED_RUSTFLAGS:-}" ]; then
        set -f
        for word in ${RUSTFLAGS:-}; do
            rust_flag "$word"
        done
        set +f
    fi
    # Of folders that lie in one another the one that stands last counts.
    rust_flag "--remap-path-prefix=${CARGO_HOME:-${HOME:-}/.cargo}=/usr/src/mona/cargo"
    rust_flag "--remap-path-prefix=$root=/usr/src/mona"
    rust_flag "--remap-path-prefix=$target=/usr/src/mona/target"
    export CARGO_ENCODED_RUSTFLAGS
    ;;
*) fail "MONA_REMAP $MONA_REMAP: yes or no is expected" ;;
esac

# looking STAMP COMMAND...: the stamp is that of before the command, and only where that succeeds.
looking() {
    stamp=$1
    shift
    mkdir -p "$release"
    : >"$stamp.$$"
    ask_cargo "$@" || return
    mv -f "$stamp.$$" "$stamp"
}

build_collector() {
    looking "$collector_stamp" build --release --locked --target-dir "$target" -p mona-collector
}

build() {
    cd "$root"
    if [ -z "$wants_library" ]; then
        build_collector
        return
    fi
    looking "$library_stamp" build --release --locked --target-dir "$target" -p mona-ffi "$@"
    echo "$wanted" >"$note"
    case ${MONA_COLLECTOR:-auto} in
    no | */*) return ;;
    esac
    # By itself: together, cargo would give the library the features that the collector asks of what both stand on.
    if ! build_collector; then
        [ "${MONA_COLLECTOR:-auto}" = auto ] || fail "mona-collector: cargo cannot build it"
        rm -f "$release/mona-collector"
        echo "build.sh: mona-collector cannot be built, and is left out" >&2
    fi
}

# A shim of rustup without a tool chain is a program, and no cargo.
if ask_cargo --version >/dev/null 2>&1; then
    trap 'rm -f "$library_stamp.$$" "$collector_stamp.$$"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' HUP TERM
    build "$@"
    exit
fi

# is_current BUILT STAMP HOW PATH...: no source below the paths is newer than the stamp; where something else than this
# script built it, than what was built.
is_current() {
    built=$1
    stamp=$2
    how=$3
    shift 3
    [ -f "$stamp" ] || stamp=$built
    newer=$(cd "$root" && find "$@" -type f \( -name '*.rs' -o -name '*.toml' -o -name '*.lock' -o -name '*.js' \
        -o -name '*.css' -o -name '*.svg' \) -newer "$stamp" | head -n 1)
    [ -z "$newer" ] || fail "$cargo is not found, and $root/$newer is newer than the last build of ${built##*/} in $release;\
 build as the user who has it ($how), then install"
}

[ -n "$wants_library" ] || fail "$cargo is not found"
what="\`make release\`"
program=
case ${MONA_COLLECTOR:-auto} in
yes | auto)
    if [ -f "$release/mona-collector" ]; then
        program=$release/mona-collector
        what="\`make release build-collector\`"
    fi
    ;;
esac
again="build as the user who has it ($what with the same FEATURES), then install"
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
is_current "$library" "$library_stamp" "$what with the same FEATURES" \
    Cargo.toml Cargo.lock core/Cargo.toml core/src ffi/Cargo.toml ffi/build.rs ffi/src
[ -z "$program" ] || is_current "$program" "$collector_stamp" "\`make build-collector\`; MONA_COLLECTOR=no leaves it out" \
    Cargo.toml Cargo.lock collector/Cargo.toml collector/src
echo "build.sh: $cargo is not found: what was built before in $release is taken" >&2
