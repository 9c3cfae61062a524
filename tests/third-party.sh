#!/bin/sh
# Writes THIRD-PARTY.txt and THIRD-PARTY-collector.txt: the crates inside the library and inside mona-collector as built
# for Linux, their licences and copyright lines. Of the licences that a crate offers, MIT is the one that is taken.
#
#     third-party.sh           writes the files again
#     third-party.sh --check   fails when the committed files are not what would be written
set -eu

cd "$(dirname "$0")/.."
platform=x86_64-unknown-linux-gnu
mode=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

cargo metadata --locked --quiet --format-version 1 --filter-platform "$platform" >"$work/metadata"

# Licence files of the crate in folder $1.
licences() {
    for name in LICENSE-MIT LICENSE-MIT.txt LICENSE-MIT.md; do
        if [ -f "$1/$name" ]; then
            echo "$1/$name"
            return
        fi
    done
    find "$1" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' \) | LC_ALL=C sort
}

is_copyright='^ *\(Copyright \((c)\|[0-9]\)\|All rights reserved\)'
# made PACKAGE WHAT: the text about what is in the package, which it calls WHAT.
made() {
    rm -rf "$work/texts"
    # "name version|licence", without our own crates and those that run at build time only: macros, and what they need.
    cargo tree --locked --quiet -p "$1" -e normal --target "$platform" --prefix depth --no-dedupe -f ' {p}|{l}' |
        awk 'macro != "" && $1 > macro { next } { macro = "" } /\(proc-macro\)/ { macro = $1; next } { print }' >"$work/tree"
    sed -n 's/^[0-9]* //; /^mona/d; s/^\([^ |]*\) v\([^ |]*\)[^|]*|/\1 \2|/p' "$work/tree" |
        LC_ALL=C sort -u >"$work/crates"
    mkdir "$work/texts"
    while IFS='|' read -r crate licence; do
        folder=$(echo "$crate" | tr ' ' '-')
        folder=$(grep -o "\"manifest_path\":\"[^\"]*/$folder/Cargo.toml\"" "$work/metadata" | head -n 1 | cut -d '"' -f 4)
        folder=${folder%/Cargo.toml}
        licences "$folder" >"$work/files"
        if [ ! -s "$work/files" ] && echo "$licence" | grep -q Apache-2.0; then
            # A crate that brings no text is taken under the one licence that is the same for everybody.
            echo LICENSE-APACHE >"$work/files"
        elif [ ! -s "$work/files" ]; then
            echo "third-party: $crate ($licence): no licence file was found, one is expected" >&2
            exit 1
        fi
        while read -r file; do
            tr -d '\r' <"$file" | sed '/./,$!d' >"$work/text"
            holders=
            case $file in
            */LICENSE-MIT*)
                # The same text everywhere, but for the holders of the copyright, the title and white space.
                holders=$(sed -n "s/^ */    /; /$is_copyright/p" "$work/text")
                sed "/$is_copyright/d; /^ *\(The \)\{0,1\}MIT License\( (MIT)\)\{0,1\} *\$/d" "$work/text" |
                    sed '/./,$!d' >"$work/body"
                mv "$work/body" "$work/text"
                ;;
            esac
            text=$work/texts/$(tr -s ' \n\t' ' ' <"$work/text" | sed 's/^ //; s/ $//' | cksum | tr ' ' '-')
            [ -f "$text" ] || cp "$work/text" "$text"
            printf '  %s\n%s\n' "$crate" "$holders" | sed '/^$/d' >>"$text.crates"
        done <"$work/files"
    done <"$work/crates"

    {
        echo "$2 contains these crates, each under the licence named beside it. The Rust standard library is part of it"
        echo "too: MIT OR Apache-2.0, copyright the Rust Project contributors, https://github.com/rust-lang/rust."
        echo "Written by tests/third-party.sh."
        echo
        sed 's/^/  /; s/|/, /' "$work/crates"
        # In the order of the first crate of each.
        for crates in "$work"/texts/*.crates; do
            echo "$(head -n 1 "$crates")|$crates"
        done | LC_ALL=C sort | cut -d '|' -f 2 | while read -r crates; do
            printf '\n%s\n' "----------------------------------------------------------------------"
            cat "$crates"
            echo
            cat "${crates%.crates}"
        done
    } >"$work/text-of-all"
}

stale=0
one() {
    made "$2" "$3"
    if [ "$mode" != --check ]; then
        cp "$work/text-of-all" "$1"
    elif ! diff -u "$1" "$work/text-of-all" >"$work/changes"; then
        echo "$1: differs from Cargo.lock, a run of \"make third-party\" is expected:" >&2
        head -n 20 "$work/changes" >&2
        stale=1
    fi
}
one THIRD-PARTY.txt mona-ffi libmona
one THIRD-PARTY-collector.txt mona-collector mona-collector
exit $stale
