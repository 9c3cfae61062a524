#!/bin/sh
# Builds the distribution's files from the same sources: sdist, wheel with the extension, wheel with the fallback.
#
#     wheels.sh [FOLDER]
#
# FOLDER is dist where it is left out. The wheels run on systems back to glibc 2.17: the library comes from
# bindings/c/install/portable.sh, and zig compiles the extension. Where zig cannot be had, or MONA_NATIVE is set, this
# machine's compilers build wheels for this machine, and a line says so; MONA_LIBRARY_FOLDER names a folder with a
# libmona.so that is ready. The wheels are built from the unpacked sdist, so what it lacks is seen here.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
mkdir -p "${1:-$root/dist}"
dist=$(CDPATH='' cd -- "${1:-$root/dist}" && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
mkdir -p "$target"
target=$(CDPATH='' cd -- "$target" && pwd)
work=$target/python
architecture=$(uname -m)

python=$(sh "$here/interpreters.sh" | xargs python3 "$here/headers.py") || {
    echo "wheels: no CPython of 3.10 or later with its headers is found" >&2
    exit 3
}
# The environment of the interpreter with headers, and not of whichever python3 is first on PATH.
PATH=$(dirname "$python"):$PATH
bin=$(CARGO_TARGET_DIR=$target sh "$root/tests/venv.sh" python-build setuptools==80.9.0 build==1.3.0)

# What a build says matters when it fails.
quietly() {
    "$@" >"$work/build.log" 2>&1 || {
        cat "$work/build.log" >&2
        return 1
    }
}

python3 "$here/stage.py" "$work/stage"
rm -rf "$work/sdist" "$work/source"
quietly "$bin/python" -m build --no-isolation --sdist --outdir "$work/sdist" "$work/stage"
mkdir "$work/source"
tar -xzf "$work/sdist/"libmona-*.tar.gz -C "$work/source" --strip-components=1

if [ -n "${MONA_LIBRARY_FOLDER:-}" ]; then
    folder=$MONA_LIBRARY_FOLDER
elif [ -z "${MONA_NATIVE:-}" ] && folder=$(CARGO_TARGET_DIR=$target sh "$root/bindings/c/install/portable.sh"); then
    zig=$(CARGO_TARGET_DIR=$target sh "$root/tests/venv.sh" zig cargo-zigbuild==0.24.0 ziglang==0.17.0)
    export CC="$zig/python -m ziglang cc -target $architecture-linux-gnu.2.17"
    export LDSHARED="$CC -shared"
    export MONA_PLATFORM="manylinux_2_17_$architecture.manylinux2014_$architecture"
else
    echo "wheels: zig is not at hand, so these wheels are for this machine and not for older systems" >&2
    (cd "$root" && CARGO_TARGET_DIR=$target cargo build --quiet --release --locked -p mona-ffi)
    folder=$target/release
fi
export MONA_LIBRARY_FOLDER="$folder"

rm -f "$dist"/libmona-*
for flavour in extension fallback; do
    rm -rf "$work/source/build"
    export MONA_FLAVOUR="$flavour"
    quietly "$bin/python" -m build --no-isolation --wheel --outdir "$dist" "$work/source"
done
cp "$work/sdist/"libmona-*.tar.gz "$dist"
ls "$dist"
