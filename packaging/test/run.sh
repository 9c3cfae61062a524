#!/bin/sh
# Packs the sources, makes packages from them, and installs each where nothing else is.
#
#     run.sh [long]
#
# Without `long` nothing is compiled but programs in C: the packages take the library and the collector that lie in cargo's
# release folder, as they are shipped, by a cargo that builds nothing; the empty root has the C library alone. With `long`
# everything is built from the archive without a network, the Debian packages as they are shipped, the recipes also without
# features, and the empty root is a system with a compiler. What a machine lacks is skipped with a line.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
. "$here/suite.sh"
. "$here/in-root.sh"

is_long=${1:-}
build=$target/packages
release=$target/release
dist=$work/dist
tarball=$dist/mona-$version.tar.xz
mkdir -p "$build" "$dist"
# What can be taken away is: a build that asks for something fails.
offline=
if [ "$(id -u)" = 0 ] && unshare --net true 2>/dev/null; then
    offline="unshare --net"
fi
printf '#!/bin/sh\nexec sh "%s" "$@"\n' "$here/built.sh" >"$work/cargo"
chmod +x "$work/cargo"

packs() {
    # The smallest effort: the archive is not kept. The second time another folder and another umask.
    MONA_XZ_LEVEL=-0 sh "$root/packaging/source.sh" "$dist"
    (umask 077 && TMPDIR=$work MONA_XZ_LEVEL=-0 sh "$root/packaging/source.sh" "$work/again")
    cmp "$tarball" "$work/again/mona-$version.tar.xz"
    rm -r "$work/again"
    # No file of anybody's, and none that a machine made.
    tar -tvf "$tarball" >"$work/names"
    [ "$(awk '{ print $2 }' "$work/names" | sort -u)" = 0/0 ]
    # Crates are as they were published: what some have for Windows is theirs.
    if grep -v ' [^ ]*/vendor/' "$work/names" | grep -E '\.(dll|lib|a|so|o)$|/target/'; then
        return 1
    fi
}

# Every crate that was compiled for what lies in the release folder is in the archive.
vendored() {
    mkdir "$work/unpacked"
    tar -x -f "$tarball" -C "$work/unpacked"
    for package in mona-ffi mona-collector; do
        (cd "$root" && ${CARGO:-cargo} build --release --locked --target-dir "$target" -p "$package" --message-format=json)
    done >"$work/messages"
    python3 "$here/vendored.py" "$work/unpacked/mona-$version" <"$work/messages"
    # With nothing else to take them from, cargo finds all of them.
    # shellcheck disable=SC2086 # words
    (cd "$work/unpacked/mona-$version" && CARGO_HOME=$work/cargo-home $offline ${CARGO:-cargo} metadata --offline --locked \
        --format-version 1 >"$work/metadata")
    rm -r "$work/unpacked"
}

# debs_of VARIABLE=VALUE...: the library's tests are run elsewhere.
debs_of() {
    env DEB_BUILD_OPTIONS=nocheck "$@" sh "$root/packaging/deb.sh" "$tarball" "$dist"
    (cd "$dist" && ls -l ./*.deb)
}

debs_of_what_is_built() {
    : >"$work/asked"
    debs_of MONA_DEB_BUILT="$stand_in" CARGO="$work/cargo" MONA_ASKED="$work/asked"
    cat "$work/asked"
    [ "$(grep -c -e --locked "$work/asked")" -ge 2 ]
}

debs() {
    debs_of MONA_DEB_DIR="$build/deb"
    for package in "$dist"/*.deb; do
        rm -rf "$work/looked-at"
        dpkg-deb --extract "$package" "$work/looked-at"
        names_no_folder "$work/looked-at" "$build" "$root" "${CARGO_HOME:-$HOME/.cargo}"
    done
}

# Each row of the table in docs/packages.md has commands that there are, and that run where it says.
rows_are_true() {
    sed -n '/^### What is tried/,$p' "$root/docs/packages.md" | grep '^|.*`make ' >"$work/rows"
    [ "$(grep -c . "$work/rows")" -ge 10 ]
    while IFS='|' read -r _ what commands places _; do
        for command in $(echo "$commands" | grep -o 'test-[a-z-]*'); do
            grep -q "^$command:" "$root/Makefile" || { echo "$what: no target $command"; return 1; }
            place=.ci/dist
            ! grep -q "^ *$command  " "$root/tests/run_all.py" || place=.ci/run
            [ "$place" = .ci/run ] || grep -v '^#' "$root/.ci/dist" | grep -qE "(^| )$command( |$)" ||
                { echo "$what: $command runs in neither of them"; return 1; }
            echo "$places" | grep -F "\`$place\`" || { echo "$what: $command runs in $place"; return 1; }
        done
    done <"$work/rows"
}

symbols() {
    sed -n 's/^ \(mona_[a-z0-9_]*\)@Base .*/\1/p' "$root/packaging/debian/libmona0.symbols" | LC_ALL=C sort >"$work/listed"
    grep -v '^#' "$root/tests/abi/symbols.txt" | LC_ALL=C sort | diff - "$work/listed"
}

lints() {
    (cd "$dist" && lintian --allow-root --fail-on error,warning ./*.deb)
}

# They are installed beside the C library that they ask for, and removed again.
installs_bare() {
    bare_root "$work/bare" "$dist"/*.deb
    files_of_bare >"$work/before"
    bare_dpkg --install "$dist"/*.deb
    multiarch=$(dpkg-architecture --query DEB_HOST_MULTIARCH)
    cc -std=c11 -Wall -Wextra -Werror "-I$bare/usr/include" "$root/bindings/c/examples/hello.c" "-L$bare/usr/lib/$multiarch" \
        -lmona -o "$bare/tmp/hello"
    MONA_ENDPOINT=stdout: in_root "$bare" /tmp/hello >"$work/said"
    says_hello "$work/said"
    for tool in mona-doctor mona-spool mona-collector; do
        in_root "$bare" "/usr/bin/$tool" --version | grep -F "$version"
    done
    MONA_ENDPOINT=stdout: in_root "$bare" /usr/bin/mona-doctor
    rm "$bare/tmp/hello"
    bare_dpkg --remove mona-tools libmona-dev libmona0
    files_of_bare | diff "$work/before" -
}

# Whoever has the tools alone has the pages that they and their manual pages name, and no link in those leads nowhere.
tools_have_their_pages() {
    rm -rf "$work/tools"
    dpkg-deb --extract "$dist"/mona-tools_*.deb "$work/tools"
    documents=$work/tools/usr/share/doc/mona-tools
    gunzip --force --recursive "$work/tools/usr/share/man"
    # mona-collector names none, and much of it is of others.
    (cd "$work/tools/usr" && grep -rhaoE '[a-z0-9_-]+\.md\>' bin/mona-doctor bin/mona-spool share/man) >"$work/named"
    grep -x doctor.md "$work/named"
    (cd "$documents" && grep -hoE '\]\([^)]+\)' ./*.md) | sed 's/^](//; s/)$//; s/[# ].*//; /^[a-z]*:/d; /^$/d' >>"$work/named"
    LC_ALL=C sort -u "$work/named" | while read -r page; do
        # A whole page, and no link into another package.
        if [ -L "$documents/$page" ] || ! head -n 1 "$documents/$page" | grep '^# '; then
            echo "$page: not in mona-tools"
            exit 1
        fi
    done
    for page in doctor tls names spool; do
        [ -f "$documents/$page.md" ]
    done
}

# The folder of a tarball, as the portable ones are packed, under a name with a blank, with nothing but the C library.
unpacks_bare() {
    package=mona-$version-here
    epoch=$(git -C "$root" log -1 --format=%ct)
    SOURCE_DATE_EPOCH=$epoch sh "$root/packaging/pack.sh" "$root" "$release" "$release/mona-collector" "$package" "$work/packed"
    bare_root "$work/bare" "$dist"/*.deb
    mkdir "$bare/some where"
    tar -x -f "$work/packed/$package.tar.gz" -C "$bare/some where" --strip-components=1
    cc -std=c11 -Wall -Wextra -Werror "-I$bare/some where/include" "$root/bindings/c/examples/hello.c" \
        "-L$bare/some where/lib" -lmona -o "$bare/tmp/hello"
    IN_ROOT_LIBRARY_PATH="/some where/lib" MONA_ENDPOINT=stdout: in_root "$bare" /tmp/hello >"$work/said"
    says_hello "$work/said"
    # They find the library beside them.
    for tool in mona-doctor mona-spool mona-collector; do
        in_root "$bare" "/some where/bin/$tool" --version | grep -F "$version"
    done
}

installs() {
    empty=$build/root
    rm -rf "$empty"
    cp -a "$base" "$empty"
    mkdir "$empty/packages"
    cp "$dist"/*.deb "$root/bindings/c/examples/hello.c" "$here/deb-in-root.sh" "$empty/packages/"
    echo "$version" >"$empty/packages/version"
    in_root "$empty" sh /packages/deb-in-root.sh
    rm -rf "$empty"
}

if [ -n "$is_long" ]; then
    built=debs
else
    # By other names: what a cargo that builds nothing leaves there says nothing about the folder that they lie in.
    stand_in=$work/target
    mkdir -p "$stand_in/release"
    for file in libmona.so libmona.a mona-collector; do
        [ -f "$release/$file" ] || { echo "run.sh: $release/$file: no such file, \`make release build-collector\` first" >&2 && exit 2; }
        ln -s "$release/$file" "$stand_in/release/"
    done
    built=debs_of_what_is_built
fi
check "the sources are packed, twice the same" packs
[ "$status" -eq 0 ] || finish
check "every crate that is compiled is in them, whole" vendored
check "what docs/packages.md says is tried is run where it says" rows_are_true
check "the list of symbols of the Debian package is that of the interface" symbols

if ! command -v dpkg-buildpackage >/dev/null 2>&1 || ! command -v dh >/dev/null 2>&1 || ! command -v chrpath >/dev/null 2>&1; then
    skip "the Debian packages: no debhelper or chrpath"
else
    # Not in a condition: there the shell would not stop at a failing step.
    check "the Debian packages build from the sources alone" $built
fi
if [ "$status" -eq 0 ] && [ -n "$(find "$dist" -name '*.deb')" ]; then
    if command -v lintian >/dev/null 2>&1; then
        check "lintian finds no error and no warning" lints
    else
        skip "lintian: apt-get install lintian"
    fi
    check "mona-tools has the pages that the tools name" tools_have_their_pages
    if ! can_make_mounts; then
        skip "a root with the C library alone: nobody may make mounts here"
    else
        check "they are installed beside the C library alone, hello runs, nothing stays behind" installs_bare
        check "a folder of all runs beside the C library alone, wherever it lies" unpacks_bare
    fi
    if [ -z "$is_long" ]; then
        :
    elif can_make_mounts && base=$(sh "$here/roots.sh" "$(dpkg --print-architecture)" 2>/dev/null); then
        check "they are installed in an empty root, hello runs, nothing stays behind" installs
    else
        skip "an empty root: debootstrap, root and a mirror of Debian"
    fi
fi
. "$here/recipes.sh"
finish
