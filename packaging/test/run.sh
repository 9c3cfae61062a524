#!/bin/sh
# Packs the sources, builds packages from them without a network, and installs each where nothing else is.
#
#     run.sh
#
# The Debian packages are built as they are shipped, and installed in an empty root. The recipes of Conan, vcpkg and conda
# are run with the tarball that they name; what they compile is not optimised, for speed. What a machine lacks is skipped
# with a line.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
. "$here/suite.sh"

build=$target/packages
dist=$work/dist
tarball=$dist/mona-$version.tar.xz
mkdir -p "$build"
# What can be taken away is: a build that asks for something fails.
offline=
if [ "$(id -u)" = 0 ] && unshare --net true 2>/dev/null; then
    offline="unshare --net"
fi
# What the recipes compile is thrown away.
quickly="env CARGO_TARGET_DIR=$build/recipes CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0"

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

debs() {
    # The library's tests are run elsewhere.
    MONA_DEB_DIR=$build/deb DEB_BUILD_OPTIONS=nocheck sh "$root/packaging/deb.sh" "$tarball" "$dist"
    (cd "$dist" && ls -l ./*.deb)
    # Nothing of the folder that they were built in.
    for package in "$dist"/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -f - -C "$work" --to-command="grep -aF '$build' >&2 && exit 1; exit 0"
    done
}

symbols() {
    sed -n 's/^ \(mona_[a-z0-9_]*\)@Base .*/\1/p' "$root/packaging/debian/libmona0.symbols" | LC_ALL=C sort >"$work/listed"
    grep -v '^#' "$root/tests/abi/symbols.txt" | LC_ALL=C sort | diff - "$work/listed"
}

lints() {
    (cd "$dist" && lintian --allow-root --fail-on error,warning ./*.deb)
}

# in_root FOLDER COMMAND...: with its own mounts and processes, so that nothing stays behind.
in_root() {
    folder=$1
    shift
    # shellcheck disable=SC2016 # the shell inside expands it
    unshare --mount --pid --fork sh -c 'folder=$1; shift
        mount -t proc proc "$folder/proc" && mount -t tmpfs tmpfs "$folder/dev" &&
            mknod -m 666 "$folder/dev/null" c 1 3 && mknod -m 666 "$folder/dev/urandom" c 1 9 &&
            exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C chroot "$folder" "$@"' - "$folder" "$@"
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

# conan ARGUMENTS...: in a home of its own, without any remote.
conan() {
    # shellcheck disable=SC2086 # words
    CONAN_HOME=$work/conan $offline $quickly "$conan_bin/conan" "$@"
}

conan_creates() {
    rm -rf "$work/conan"
    conan profile detect
    conan remote disable '*'
    conan create "$work/ports/conan" --version "$version" "$@" >"$work/conan-says" 2>&1 || {
        cat "$work/conan-says"
        return 1
    }
    says_hello "$work/conan-says"
    # A package of a library is not one of its documents, and has licences.
    package=$(find "$work/conan/p" -path '*/p/licenses/THIRD-PARTY.txt')
    package=${package%/licenses/*}
    (cd "$package" && find . | LC_ALL=C sort)
    [ -f "$package/licenses/LICENSE-MIT" ]
}

conan_shared() {
    conan_creates
    [ -e "$package/lib/libmona.so" ] && [ ! -e "$package/lib/libmona.a" ]
    LD_LIBRARY_PATH='' "$package/bin/mona-doctor" --version | grep -F "$version"
}

conan_static() {
    conan_creates -o 'mona/*:shared=False' -o 'mona/*:tls=False' -o 'mona/*:http=False'
    [ ! -e "$package/lib/libmona.so" ] && [ -e "$package/lib/libmona.a" ] && [ ! -e "$package/bin" ]
    # Without the feature there is nothing of it inside.
    if nm "$package/lib/libmona.a" 2>/dev/null | grep rustls; then
        return 1
    fi
}

# port LINKAGE FEATURES: the portfile, and a program against what it leaves.
port() {
    # shellcheck disable=SC2086 # words
    $offline $quickly cmake "-DPORT_DIR=$work/ports/vcpkg/mona" "-DWORK=$work/vcpkg" "-DLINKAGE=$1" "-DFEATURES=$2" \
        "-DDOUBLE_OPTIONS=-DMONA_CARGO_TARGET_DIR=$build/recipes" -P "$here/vcpkg.cmake"
    packages=$work/vcpkg/packages
    (cd "$packages" && find . | LC_ALL=C sort)
    rm -rf "$work/hello"
    cmake -S "$root/packaging/conan/test_package" -B "$work/hello" "-Dmona_DIR=$packages/share/mona"
    cmake --build "$work/hello"
    MONA_ENDPOINT=stdout: "$work/hello/hello" >"$work/said"
    says_hello "$work/said"
}

port_shared() {
    port dynamic 'http;tls'
    [ -e "$packages/lib/libmona.so" ] && [ ! -e "$packages/lib/libmona.a" ]
    PKG_CONFIG_PATH=$packages/lib/pkgconfig pkg-config --exists --print-errors mona
}

port_static() {
    port static ''
    [ ! -e "$packages/lib/libmona.so" ] && [ -e "$packages/lib/libmona.a" ]
}

manifest() {
    python3 "$here/manifest.py" "$work/ports/vcpkg/mona/vcpkg.json"
}

conda() {
    # shellcheck disable=SC2086 # words
    $offline $quickly "$conda_bin/python3" "$here/conda.py" "$work/ports/conda" "$work/conda"
    package=$(find "$work/conda/built" -name 'libmona-*.conda')
    ls -l "$package"
}

check "the sources are packed, twice the same" packs
[ "$status" -eq 0 ] || finish
check "the list of symbols of the Debian package is that of the interface" symbols

if ! command -v dpkg-buildpackage >/dev/null 2>&1 || ! command -v dh >/dev/null 2>&1 || ! command -v chrpath >/dev/null 2>&1; then
    skip "the Debian packages: no debhelper or chrpath"
else
    # Not in a condition: there the shell would not stop at a failing step.
    check "the Debian packages build from the sources alone" debs
fi
if [ "$status" -eq 0 ] && [ -n "$(find "$dist" -name '*.deb')" ]; then
    if command -v lintian >/dev/null 2>&1; then
        check "lintian finds no error and no warning" lints
    else
        skip "lintian: apt-get install lintian"
    fi
    if ! unshare --mount --pid --fork true 2>/dev/null; then
        skip "an empty root: nobody may make mounts here"
    elif base=$(sh "$here/roots.sh" "$(dpkg --print-architecture)" 2>/dev/null); then
        check "they are installed in an empty root, hello runs, nothing stays behind" installs
    else
        skip "an empty root: debootstrap, root and a mirror of Debian"
    fi
fi

sh "$root/packaging/ports.sh" "$tarball" "file://$dist" "$work/ports"
if conan_bin=$(sh "$root/tests/venv.sh" conan conan==2.34.0 2>/dev/null); then
    check "Conan creates the package, hello runs" conan_shared
    check "Conan creates the static package without TLS and HTTP, hello runs" conan_static
else
    skip "Conan: python3, and PyPI"
fi
if command -v cmake >/dev/null 2>&1; then
    check "the vcpkg manifest is one, and as vcpkg formats it" manifest
    check "the vcpkg port builds shared, hello runs" port_shared
    check "the vcpkg port builds static without TLS and HTTP, hello runs" port_static
else
    skip "the vcpkg port: no cmake"
fi
if [ "$(uname -sm)" != "Linux x86_64" ]; then
    skip "the conda package: tried on Linux, x86_64"
elif conda_bin=$(sh "$root/tests/venv.sh" conda py-rattler-build==0.73.0 2>/dev/null); then
    check "the conda package builds, and its own tests pass" conda
else
    skip "the conda package: python3, and PyPI"
fi
finish
