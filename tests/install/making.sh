#!/bin/sh
# `make install` and `make uninstall`, with what packagers and careful people give them.
#
#     making.sh RELEASE_DIR
#
# RELEASE_DIR is cargo's release folder, with what `make release` built and mona-collector.
set -u

if [ $# -ne 1 ] || [ ! -f "$1/libmona.a" ]; then
    echo "usage: making.sh RELEASE_DIR" >&2
    exit 2
fi
release=$(CDPATH='' cd -- "$1" && pwd)
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
multiarch=lib/$(uname -m)-linux-gnu
# Whatever a shell would do with it.
stage="$work/it's a \"stage\""

# bare WORDS...: make, without cargo, without a home, in an environment with nothing but the system's folders.
bare() {
    env -i PATH=/usr/bin:/bin HOME=/nonexistent make --no-print-directory -C "$root" CARGO=no-cargo-here \
        CARGO_TARGET_DIR="${release%/release}" "$@"
}

# The files and links below a folder, relative to it.
files_below() {
    (cd "$1" && find . \( -type f -o -type l \) | sed 's|^\./||' | LC_ALL=C sort)
}

listed() {
    LIBDIR=$1 sh "$root/bindings/c/install/install.sh" --list /usr | LC_ALL=C sort
}

# A target folder with the library, the collector and when they were looked at; a test may change them.
copy_of_target() {
    rm -rf "$work/target"
    mkdir -p "$work/target/release"
    ln -s "$release/libmona.a" "$work/target/release/"
    cp -p "$release"/libmona.so "$release"/mona-collector "$release"/mona*-looked-at "$work/target/release/"
}

# A tree of the same sources, whose files a test may touch.
copy_of_sources() {
    rm -rf "$work/sources"
    mkdir "$work/sources"
    for part in "$root"/*; do
        case $part in
        "$root"/core | "$root"/ffi | "$root"/collector | "$root"/bindings | "$root"/Cargo.*) cp -Rp "$part" "$work/sources/" ;;
        "$root"/target) ;;
        *) ln -s "$part" "$work/sources/" ;;
        esac
    done
}

without_cargo() {
    bare install PREFIX=/usr LIBDIR="$multiarch" DESTDIR="$stage"
    files_below "$stage/usr" >"$work/found"
    listed "$multiarch" >"$work/listed"
    diff "$work/listed" "$work/found"
    [ "$(ls "$stage")" = usr ]
    "$stage/usr/bin/mona-doctor" --version | grep -F "$version"
    "$stage/usr/bin/mona-collector" --version | grep -F "$version"
}

# What is installed names neither the stage nor the place of the sources.
names_no_stage() {
    if grep -rlF -e "$work" -e "$root" "$stage/usr/share" "$stage/usr/include" \
        "$stage/usr/$multiarch/pkgconfig" "$stage/usr/$multiarch/cmake"; then
        return 1
    fi
    # And so the tools find the library where they are in the end.
    readelf -d "$stage/usr/bin/mona-doctor" | grep -F "[\$ORIGIN/../$multiarch]"
}

for_everybody() {
    if find "$stage/usr" ! -perm -a+r -print -o -type d ! -perm -a+x -print -o -perm /022 ! -type l -print | grep .; then
        return 1
    fi
    for program in mona-doctor mona-spool mona-collector; do
        [ -x "$stage/usr/bin/$program" ]
    done
}

again_over_itself() {
    bare install PREFIX=/usr LIBDIR="$multiarch" DESTDIR="$stage"
    files_below "$stage/usr" | diff "$work/listed" -
}

uninstalls() {
    cat >"$work/theirs" <<'THEIRS'
usr/include/mona/theirs.h
usr/include/mona/theirs.hpp
usr/include/other.h
usr/share/doc/mona/NOTES
usr/share/doc/mona/docs/theirs.txt
usr/share/man/man3/monarch.3
THEIRS
    while read -r path; do
        mkdir -p "$stage/${path%/*}"
        echo "somebody else's" >"$stage/$path"
    done <"$work/theirs"
    # Of another version, which had more.
    cp "$stage/usr/include/mona/time.hpp" "$stage/usr/include/mona/older.hpp"
    mkdir "$stage/usr/share/doc/mona/docs/older"
    echo "# Older" >"$stage/usr/share/doc/mona/docs/older/page.md"
    bare uninstall PREFIX=/usr LIBDIR="$multiarch" DESTDIR="$stage"
    files_below "$stage" | diff "$work/theirs" -
    [ ! -e "$stage/usr/bin" ] && [ ! -e "$stage/usr/lib" ]
    # No empty folder is left either.
    [ -z "$(find "$stage" -type d -empty)" ]
}

without_rpath() {
    bare install PREFIX=/usr DESTDIR="$work/plain" MONA_COLLECTOR=no MONA_RPATH=no \
        MONA_CC='cc -g0 -pipe' CFLAGS='-O1 -Werror'
    for tool in mona-doctor mona-spool; do
        readelf -d "$work/plain/usr/bin/$tool" >"$work/said"
        grep -F "[libmona.so.$abi]" "$work/said"
        if grep -E 'RPATH|RUNPATH' "$work/said"; then
            return 1
        fi
    done
    LD_LIBRARY_PATH="$work/plain/usr/lib" "$work/plain/usr/bin/mona-spool" --version | grep -F "$version"
    refused 2 'MONA_RPATH maybe: yes or no' bare install PREFIX=/usr DESTDIR="$work/plain" MONA_RPATH=maybe
}

prefix_with_blanks() {
    bare install PREFIX="$work/some place" MONA_COLLECTOR=no MONA_TOOLS=no
    [ -f "$work/some place/lib/libmona.so.$abi" ] && [ ! -e "$work/some place/bin" ]
    command -v pkg-config >/dev/null 2>&1 || return 0
    # Blanks are escaped for a shell there.
    flags=$(PKG_CONFIG_PATH="$work/some place/lib/pkgconfig" pkg-config --cflags --libs mona)
    eval "compile \"\$here/program.c\" $flags \"-Wl,-rpath,\$work/some place/lib\" -o \"\$work/blanks\""
    works "$work/blanks"
}

refuses_old_builds() {
    copy_of_target
    rm "$work/target/release/mona-looked-at"
    touch -d '2001-01-01' "$work/target/release/libmona.so"
    refused 2 'is newer than the last build of libmona.so in' bare install CARGO_TARGET_DIR="$work/target" PREFIX="$work/old"
    rm "$work/target/release/libmona.so"
    refused 2 'has no libmona' bare install CARGO_TARGET_DIR="$work/target" PREFIX="$work/old"
    [ ! -e "$work/old" ]
}

# After a pull: what cargo then has nothing to do for is no reason to refuse for good.
advice_helps() {
    copy_of_target
    copy_of_sources
    mkdir -p "$work/idle"
    # All was built before this file became newer, and none of it is compiled from it.
    printf '#!/bin/sh\n' >"$work/idle/cargo"
    chmod +x "$work/idle/cargo"
    for changed in core/src/delivery/tests.rs Cargo.lock collector/src/page/assets/page.js; do
        touch "$work/sources/$changed"
        refused 2 "$changed is newer" pulled install MONA_TOOLS=no
        [ ! -e "$work/pulled" ]
        # What it says helps: a build that leaves what was built as old as it is.
        # shellcheck disable=SC2016 # what stands there
        advice=$(sed -n 's/.*(`make \([a-z -]*\)`.*/\1/p' "$work/answer")
        # shellcheck disable=SC2086 # words
        pulled $advice CARGO="$work/idle/cargo"
        pulled install MONA_TOOLS=no
        rm -r "$work/pulled"
    done
    pulled install MONA_TOOLS=no
    [ -f "$work/pulled/lib/libmona.so.$abi" ] && [ -x "$work/pulled/bin/mona-collector" ]
    # Only what is installed has to be as new as its sources.
    touch "$work/sources/collector/src/page/assets/page.js"
    refused 2 'last build of mona-collector' pulled install MONA_TOOLS=no
    pulled install MONA_TOOLS=no MONA_COLLECTOR=no
    # One that fails has looked at nothing.
    touch "$work/sources/core/src/lib.rs"
    # shellcheck disable=SC2016 # for the script
    printf '#!/bin/sh\n[ "$1" = --version ]\n' >"$work/idle/cargo"
    refused 2 '' pulled release CARGO="$work/idle/cargo"
    refused 2 'core/src/lib.rs is newer' pulled install MONA_TOOLS=no MONA_COLLECTOR=no
    [ "$(find "$work/target/release" -name 'mona*-looked-at*' | grep -c .)" -eq 2 ]
}

# pulled WORDS...: make in the sources that a test may touch.
pulled() {
    bare -C "$work/sources" CARGO_TARGET_DIR="$work/target" PREFIX="$work/pulled" "$@"
}

refuses_other_features() {
    copy_of_target
    refused 2 'was built with "default", not "features: http "' bare install CARGO_TARGET_DIR="$work/target" \
        PREFIX="$work/other" FEATURES=http
    refused 2 'not "features: "' bare install CARGO_TARGET_DIR="$work/target" PREFIX="$work/other" FEATURES=
    echo 'features: http tls ' >"$work/target/release/mona-features"
    refused 2 'not "default"' bare install CARGO_TARGET_DIR="$work/target" PREFIX="$work/other"
    [ ! -e "$work/other" ]
    bare install CARGO_TARGET_DIR="$work/target" PREFIX="$work/other" FEATURES='tls,http' MONA_TOOLS=no
    [ -f "$work/other/lib/libmona.a" ]
    # One in the environment is somebody else's, of a packager's own tools.
    rm "$work/target/release/mona-features"
    env FEATURES=test make --no-print-directory -n -C "$root" release >"$work/said"
    if grep -F -e --features "$work/said"; then
        return 1
    fi
}

missing_parts() {
    copy_of_target
    rm "$work/target/release/mona-collector"
    bare install CARGO_TARGET_DIR="$work/target" PREFIX="$work/less" MONA_CC=no-such-compiler 2>"$work/said"
    cat "$work/said"
    [ "$(grep -c 'is left out' "$work/said")" -eq 3 ]
    [ -f "$work/less/lib/libmona.a" ] && [ ! -e "$work/less/bin" ]
    for wanted in MONA_COLLECTOR=yes "MONA_COLLECTOR=$work/none" MONA_TOOLS=yes MONA_TOOLS=perhaps; do
        if bare install CARGO_TARGET_DIR="$work/target" PREFIX="$work/less" MONA_CC=no-such-compiler "$wanted"; then
            echo "$wanted: was taken, and cannot be had"
            return 1
        fi
    done
}

refuses_bad_places() {
    # What is in the way of root, too.
    : >"$work/a file"
    for place in /proc/mona "$work/a file" "$work/a file/below"; do
        refused 1 "PREFIX $place: " sh "$root/bindings/c/install/install.sh" "$release" "$place"
        refused 1 "name a folder that you may write to" sh "$root/bindings/c/install/install.sh" "$release" "$place"
    done
    refused 2 'an absolute one is expected' sh "$root/bindings/c/install/install.sh" "$release" some/place
    for folder in /usr/lib ../lib lib//x ./lib; do
        refused 2 "LIBDIR $folder: a plain path" env LIBDIR="$folder" sh "$root/bindings/c/install/install.sh" "$release" /usr
    done
}

# What cargo is asked for, by a cargo that only says so.
asks_cargo() {
    mkdir -p "$work/bin" "$work/asked/release"
    cat >"$work/bin/cargo" <<'SAYS'
#!/bin/sh
[ "$1" = --version ] || [ "$2" = --version ] || printf '%s\n' "$*" >>"$ASKED"
SAYS
    chmod +x "$work/bin/cargo"
    for way in "" "FEATURES=" "FEATURES=http tls"; do
        ASKED=$work/words make --no-print-directory -C "$root" CARGO="$work/bin/cargo" CARGO_TARGET_DIR="$work/asked" release \
            ${way:+"$way"}
    done
    cat "$work/words"
    grep -c -e --locked "$work/words" | grep -x 3
    sed -n 1p "$work/words" | grep -v -e features
    sed -n 2p "$work/words" | grep -e '--no-default-features --features $'
    sed -n 3p "$work/words" | grep -e '--no-default-features --features http tls$'
    # With a word behind its name, and by a path with a blank.
    rm "$work/words"
    mkdir "$work/a bin"
    cp "$work/bin/cargo" "$work/a bin/"
    for cargo in "$work/bin/cargo +1.89" "$work/a bin/cargo"; do
        ASKED=$work/words CARGO=$cargo sh "$root/bindings/c/install/build.sh" "$work/asked"
    done
    [ "$(grep -c -e '^+1.89 build --release --locked' "$work/words")" -eq 2 ]
    [ "$(grep -c -e '^build --release --locked' "$work/words")" -eq 2 ]
}

# A cargo that says its flags, an item a line.
remaps() {
    mkdir -p "$work/flags"
    cat >"$work/flags/cargo" <<'SAYS'
#!/bin/sh
[ "$1" = --version ] || printf '%s\n' "${CARGO_ENCODED_RUSTFLAGS-none}" | tr '\037' '\n' >"$SAID"
SAYS
    chmod +x "$work/flags/cargo"
    for variable in MONA_REMAP=no RUSTFLAGS=-Cdebuginfo=0; do
        env "$variable" SAID="$work/said" CARGO="$work/flags/cargo" sh "$root/bindings/c/install/build.sh" "$work/flags" --collector
        grep -x none "$work/said"
    done
    for more in "RUSTFLAGS=  -Cdebuginfo=0 -Ctarget-cpu=native" \
        "CARGO_ENCODED_RUSTFLAGS=-Cdebuginfo=0$(printf '\037')-Ctarget-cpu=native"; do
        env "$more" MONA_REMAP=yes CARGO_HOME="$work/some crates" SAID="$work/said" CARGO="$work/flags/cargo" \
            sh "$root/bindings/c/install/build.sh" "$work/flags" --collector
        diff - "$work/said" <<FLAGS
-Cdebuginfo=0
-Ctarget-cpu=native
--remap-path-prefix=$work/some crates=/usr/src/mona/cargo
--remap-path-prefix=$root=/usr/src/mona
--remap-path-prefix=$work/flags=/usr/src/mona/target
FLAGS
    done
    refused 1 'MONA_REMAP maybe: yes or no' env MONA_REMAP=maybe sh "$root/bindings/c/install/build.sh" "$work/flags"
}

check "make install without cargo: DESTDIR with blanks and quotes, PREFIX, LIBDIR, all that is listed" without_cargo
check "nothing that is installed names the stage or the sources" names_no_stage
check "everybody can read it, and only its owner write" for_everybody
check "make install over itself" again_over_itself
check "make uninstall leaves what is not libmona's" uninstalls
check "MONA_RPATH=no: the tools look where the system does" without_rpath
check "PREFIX with blanks" prefix_with_blanks
check "without cargo, nothing old or half is installed" refuses_old_builds
check "a source that is newer than its build is refused, and what it advises helps" advice_helps
check "without cargo, only what was built with these features" refuses_other_features
check "a part that cannot be had is a line, or an error where it is asked for" missing_parts
check "places that cannot be are refused" refuses_bad_places
check "cargo is asked for the locked crates and for the features" asks_cargo
check "MONA_REMAP=yes: cargo gets the folders that are to be named otherwise, beside the flags of its caller" remaps
summary
