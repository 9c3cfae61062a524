#!/bin/sh
# Installs libmona, as built by `cargo build --release -p mona-ffi`.
#
#     install.sh RELEASE_DIR PREFIX [ABI]
#
# RELEASE_DIR holds libmona.so (or .dylib) and libmona.a. From the environment: DESTDIR, put before PREFIX;
# LIBDIR, where libraries go below PREFIX (lib); MONA_NATIVE_LIBS, what the static library needs from the system;
# CC, which builds mona-doctor and mona-spool against the installed library. Without a compiler they are left out, with
# a line.
# ABI is the number in the shared object's name; without it the header tells.
set -eu

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    echo "usage: install.sh RELEASE_DIR PREFIX [ABI]" >&2
    exit 2
fi
release=$1
prefix=$2
libdir=${LIBDIR:-lib}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)

case $prefix in
/*) ;;
*)
    echo "install.sh: PREFIX $prefix: a relative path, an absolute one is expected" >&2
    exit 2
    ;;
esac
case /$libdir/ in
//* | *//* | */./* | */../*)
    echo "install.sh: LIBDIR $libdir: a plain path below PREFIX is expected, like lib64" >&2
    exit 2
    ;;
esac

header=$root/include/mona.h
abi=${3:-$(sed -n 's/^#define MONA_ABI_VERSION *//p' "$header")}

if [ "$(uname -s)" = Darwin ]; then
    built=libmona.dylib
    shared=libmona.$abi.dylib
    native='-framework Security -framework CoreFoundation -liconv -lSystem -lc -lm'
else
    built=libmona.so
    shared=libmona.so.$abi
    native='-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc'
fi
native=${MONA_NATIVE_LIBS:-$native}

for input in "$release/$built" "$release/libmona.a"; do
    if [ ! -f "$input" ]; then
        echo "install.sh: $input: no such file, build with \`cargo build --release -p mona-ffi\` first" >&2
        exit 1
    fi
done

# The first version in Cargo.toml is the one of the workspace, which all its crates share.
version=$(sed -n 's/^version *= *"\([^"]*\)".*/\1/p' "$root/Cargo.toml" | head -n 1)

# The way back to PREFIX from LIBDIR/SUBFOLDERS: one step for each folder.
up_from() {
    echo "$libdir/$1" | sed 's|[^/][^/]*|..|g; s|/$||'
}

# The byte that tells 32-bit from 64-bit objects is the same in ELF and, read so, in Mach-O (0xcf ends 64-bit magics).
pointer_bytes() {
    case $(od -An -tx1 -N5 "$release/$built" | tr -d ' \n') in
    7f454c4601 | cefaedfe*) echo 4 ;;
    *) echo 8 ;;
    esac
}

# CMake wants a list; `-framework X` has to stay one item.
native_cmake=$(echo "$native" | sed 's/-framework /-framework%/g; s/  */;/g; s/%/ /g; s/-l//g')

fill() {
    sed -e "s|@VERSION@|$version|g" -e "s|@LIBDIR@|$libdir|g" \
        -e "s|@SHARED_NAME@|$shared|g" -e "s|@SONAME@|$soname|g" \
        -e "s|@NATIVE_LIBS@|$native|g" -e "s|@NATIVE_LIBS_CMAKE@|$native_cmake|g" \
        -e "s|@PREFIX_FROM_PC@|$(up_from pkgconfig)|g" -e "s|@PREFIX_FROM_CMAKE@|$(up_from cmake/mona)|g" \
        -e "s|@POINTER_BYTES@|$(pointer_bytes)|g" "$1"
}

soname=$shared
if [ "$(uname -s)" = Darwin ]; then
    soname=@rpath/$shared
fi

target=${DESTDIR:-}$prefix
lib=$target/$libdir
doc=$target/share/doc/mona
umask 022
mkdir -p "$lib/pkgconfig" "$lib/cmake/mona" "$target/include/mona" "$doc"

# Each file is written beside its place and moved there, so that a program that has the old one open keeps it.
put() {
    mode=$1
    source=$2
    place=$3
    rm -f "$place.new"
    cp "$source" "$place.new"
    chmod "$mode" "$place.new"
    mv -f "$place.new" "$place"
}

put_filled() {
    fill "$1" >"$2.new"
    chmod 644 "$2.new"
    mv -f "$2.new" "$2"
}

put 755 "$release/$built" "$lib/$shared"
ln -sf "$shared" "$lib/$built"
sh "$here/localise.sh" "$release/libmona.a" "$lib/libmona.a"
chmod 644 "$lib/libmona.a"
put 644 "$header" "$target/include/mona.h"
put 644 "$root/bindings/cpp/mona.hpp" "$target/include/mona.hpp"
for part in "$root"/bindings/cpp/mona/*.hpp; do
    put 644 "$part" "$target/include/mona/$(basename "$part")"
done
put_filled "$root/bindings/c/mona.pc.in" "$lib/pkgconfig/mona.pc"
put_filled "$root/bindings/cpp/mona-cpp.pc.in" "$lib/pkgconfig/mona-cpp.pc"
put_filled "$root/bindings/c/cmake/mona-config.cmake.in" "$lib/cmake/mona/mona-config.cmake"
put_filled "$root/bindings/c/cmake/mona-config-version.cmake.in" "$lib/cmake/mona/mona-config-version.cmake"

# The tools find the library from where they are themselves, so that the whole prefix can be moved.
if [ "$(uname -s)" = Darwin ]; then
    origin=@loader_path
else
    origin=\$ORIGIN
fi
mkdir -p "$target/bin"
for tool in mona-doctor mona-spool; do
    place=$target/bin/$tool
    if ! command -v "${CC:-cc}" >/dev/null 2>&1; then
        echo "install.sh: $tool is left out: ${CC:-cc} is not found, set CC to a C compiler" >&2
    elif sh "$root/bindings/c/tools/build.sh" "$tool" "$lib" "$place.new" "$origin/../$libdir"; then
        chmod 755 "$place.new"
        mv -f "$place.new" "$place"
    else
        rm -f "$place.new"
        echo "install.sh: $tool is left out: ${CC:-cc} cannot build it, set CC to a compiler for this library" >&2
    fi
done

licences=0
for licence in "$root"/LICENSE* "$root"/NOTICE* "$root"/THIRD-PARTY*; do
    if [ -f "$licence" ]; then
        put 644 "$licence" "$doc/$(basename "$licence")"
        licences=$((licences + 1))
    fi
done
# What the library is made of, for tools that look for known faults in it.
put 644 "$root/libmona.cdx.json" "$doc/libmona.cdx.json"
if [ "$licences" -eq 0 ]; then
    echo "install.sh: $root: no LICENSE file there, share/doc/mona is empty" >&2
fi

echo "libmona $version (ABI $abi) is in $target"
