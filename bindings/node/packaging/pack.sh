#!/bin/sh
# Makes the tarballs that npm publishes, or installs from here: the package, and those of the platforms.
#
#     pack.sh FOLDER [ARCHITECTURE...]
#
# Without an ARCHITECTURE: for this machine, with the libmona and the compiler that build.sh finds. With them (x86_64,
# aarch64): for Linux back to glibc 2.17, where bindings/c/install/portable.sh builds the library and zig compiles the
# addon. Prints the paths. Nothing in the tarballs runs when they are installed.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
mkdir -p "$1"
out=$(CDPATH='' cd -- "$1" && pwd)
shift
stage=$out/stage
rm -rf "$stage" "$out"/monalabs-mona-*.tgz

# tarball FOLDER: what npm makes of it, with the licences.
tarball() {
    cp "$root/LICENSE-APACHE" "$root/LICENSE-MIT" "$root/THIRD-PARTY.txt" "$1"
    (cd "$out" && npm pack --silent --ignore-scripts "$1" >/dev/null)
}

# platform FOLDER [ARCHITECTURE]
platform() {
    sh "$here/build.sh" "$1"
    node "$here/platform.js" "$here/../package.json" ${2:+"$2"} >"$1/package.json"
    cp "$here/platform.md" "$1/README.md"
    tarball "$1"
}

if [ $# = 0 ]; then
    platform "$stage/platform"
else
    zig=$(CARGO_TARGET_DIR=$target sh "$root/tests/venv.sh" zig cargo-zigbuild==0.24.0 ziglang==0.17.0)
    for architecture in "$@"; do
        MONA_LIBRARY_FOLDER=$(CARGO_TARGET_DIR=$target sh "$root/bindings/c/install/portable.sh" "$architecture")
        CC="$zig/python -m ziglang cc -target $architecture-linux-gnu.2.17"
        export MONA_LIBRARY_FOLDER CC
        platform "$stage/$architecture" "$architecture"
    done
fi

mkdir -p "$stage/main"
package=$here/..
cp -R "$package/package.json" "$package/README.md" "$package/lib" "$package"/index.* "$package/generated.d.ts" "$stage/main"
tarball "$stage/main"
rm -rf "$stage"
ls "$out"/monalabs-mona-*.tgz
