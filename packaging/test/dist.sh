#!/bin/sh
# Makes a release, and tries each portable tarball where nothing else is: in an empty root, or under an emulator with
# nothing but another processor's C libraries. Then builds what differs most easily once more, elsewhere, and compares bytes.
#
#     dist.sh
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
. "$here/suite.sh"
. "$here/in-root.sh"

out=$target/dist/release
zig=

makes() {
    rm -rf "$out"
    sh "$root/packaging/dist.sh" "$out" >"$work/table"
    (cd "$out" && sha256sum --check --strict SHA256SUMS)
    # Every file is in the list, and one line of the table each.
    [ "$(find "$out" -type f ! -name SHA256SUMS | wc -l)" -eq "$(wc -l <"$out/SHA256SUMS")" ]
    [ "$(wc -l <"$work/table")" -eq $(($(wc -l <"$out/SHA256SUMS") + 1)) ]
}

# Unpacked under a name with a blank, as nobody's build folder is called.
unpack() {
    unpacked="$work/$1/some where"
    rm -rf "${work:?}/$1"
    mkdir -p "$unpacked"
    tar -x -f "$out/mona-$version-linux-$1.tar.gz" -C "$unpacked" --strip-components=1
    lib=$unpacked/lib
}

complete() {
    for file in include/mona.h include/mona.hpp lib/libmona.so.0 lib/libmona.a lib/pkgconfig/mona.pc \
        lib/cmake/mona/mona-config.cmake bin/mona-doctor bin/mona-spool bin/mona-collector share/man/man1/mona-doctor.1 \
        share/man/man3/libmona.3 share/doc/mona/LICENSE-MIT share/doc/mona/THIRD-PARTY.txt \
        share/doc/mona/THIRD-PARTY-collector.txt share/doc/mona/libmona.cdx.json; do
        [ -f "$unpacked/$file" ] || { echo "$file is missing"; return 1; }
    done
    names_no_folder "$unpacked" "$target" "$root" "${CARGO_HOME:-$HOME/.cargo}"
}

# glibc's symbols are asked for by version, musl's have none.
asks_for_little() {
    for file in "$lib/libmona.so.0" "$unpacked"/bin/*; do
        needed=$(readelf -dW "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
        echo "$file: $needed"
        if echo "$needed" | grep -vE '^(lib(c|m|dl|rt|pthread|util|gcc_s|mona)\.so(\.[0-9]+)?|ld-linux.*|)$'; then
            return 1
        fi
        newest=$(readelf -VW "$file" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -V | tail -n 1)
        echo "newest symbol of glibc: ${newest:-none}"
        case $1 in
        *glibc*) [ "$(printf '%s\n' "${newest:-0}" 2.17 | sort -V | tail -n 1)" = 2.17 ] ;;
        *) [ -z "$newest" ] ;;
        esac
    done
}

# run PLATFORM PROGRAM...: in a copy of the empty root, or under the emulator. Paths are those of this machine.
run() {
    platform=$1
    shift
    case $platform in
    "$(uname -m)"-*)
        program=$1
        shift
        rm -rf "$empty/here"
        mkdir "$empty/here"
        cp -R "$unpacked" "$work/$platform/built" "$empty/here/"
        IN_ROOT_LIBRARY_PATH=${LD_LIBRARY_PATH:+/here/some where/lib}
        in_root "$empty" "/here/${program#"$work/$platform"/}" "$@"
        ;;
    *)
        # The path is for the program, not for the emulator.
        env -u LD_LIBRARY_PATH "qemu-${platform%%-*}" -L "$empty" ${LD_LIBRARY_PATH:+-E "LD_LIBRARY_PATH=$LD_LIBRARY_PATH"} "$@"
        ;;
    esac
}

runs() {
    platform=$1
    case $platform in
    *glibc2.17) name=${platform%-*}-linux-gnu.2.17 ;;
    *musl) name=${platform%-*}-linux-musl ;;
    esac
    mkdir -p "$work/$platform/built"
    built=$work/$platform/built
    cp "$root/bindings/c/examples/hello.c" "$built/"
    PKG_CONFIG_PATH=$lib/pkgconfig pkg-config --exists --print-errors mona
    "$zig" cc -target "$name" -std=c11 -Wall -Wextra -Werror -I"$unpacked/include" "$built/hello.c" \
        -L"$lib" -lmona -o "$built/shared"
    MONA_ENDPOINT=stdout: LD_LIBRARY_PATH=$lib run "$platform" "$built/shared" >"$work/said"
    says_hello "$work/said"

    static=
    [ "${platform#*-}" != musl ] || static=-static
    # shellcheck disable=SC2046,SC2086 # flags are words
    "$zig" cc -target "$name" $static -std=c11 -I"$unpacked/include" "$built/hello.c" "$lib/libmona.a" \
        $(PKG_CONFIG_PATH=$lib/pkgconfig pkg-config --static --libs-only-l mona | sed 's/-lmona//') -lunwind -o "$built/static"
    if readelf -dW "$built/static" | grep -F libmona; then
        return 1
    fi
    MONA_ENDPOINT=stdout: run "$platform" "$built/static" >"$work/said"
    says_hello "$work/said"

    # They find the library beside them.
    for tool in mona-doctor mona-spool mona-collector; do
        run "$platform" "$unpacked/bin/$tool" --version | grep -F "$version"
    done
    MONA_ENDPOINT=stdout: run "$platform" "$unpacked/bin/mona-doctor"
}

# A second build in another folder, of a tarball that was packed again.
the_same() {
    rm -rf "$work/again"
    PLATFORMS=x86_64-musl CARGO_TARGET_DIR="$work/again/target" sh "$root/packaging/dist.sh" "$work/again/out" >/dev/null
    cd "$work/again/out" || return
    for file in mona-"$version".tar.xz mona-"$version"-linux-x86_64-musl.tar.gz ./*.deb; do
        cmp "$file" "$out/$file" && echo "$file: the same bytes"
    done
}

check "a release is made, and its checksums are right" makes
[ "$status" -eq 0 ] || finish
cat "$work/table"
bin=$(sh "$root/tests/venv.sh" zig cargo-zigbuild==0.24.0 ziglang==0.17.0) && zig=$bin/python-zig
for platform in x86_64-glibc2.17 x86_64-musl aarch64-glibc2.17 aarch64-musl; do
    unpack $platform
    check "$platform: the tarball is complete, and names no folder of the build" complete
    check "$platform: it asks for little of a system" asks_for_little $platform
    case $platform in
    x86_64-*) architecture=amd64 ;;
    *) architecture=arm64 ;;
    esac
    if ! can_make_mounts || ! base=$(sh "$here/roots.sh" $architecture 2>/dev/null); then
        skip "$platform: an empty root: debootstrap, root and a mirror of Debian"
        continue
    fi
    if [ "${platform%-*}" = "$(uname -m)" ]; then
        empty=$work/root
        [ -d "$empty" ] || cp -a "$base" "$empty"
    elif command -v "qemu-${platform%-*}" >/dev/null 2>&1; then
        empty=$base
    else
        skip "$platform: no qemu-${platform%-*}"
        continue
    fi
    check "$platform: hello and the tools run where nothing else is" runs $platform
done
check "the sources, a tarball and the Debian packages are the same bytes when they are built elsewhere" the_same
finish
