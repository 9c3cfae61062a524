#!/bin/sh
# Makes a root folder of Debian, once, and prints where it is.
#
#     roots.sh amd64 | arm64
#
# For this machine's processor it is an installed minimal system with a C compiler. For another one its packages are only
# unpacked, with musl's: enough for programs to run under an emulator. It stays below cargo's target folder. Takes root;
# ends with 3 where debootstrap or a mirror of Debian cannot be had.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
arch=$1
target=${CARGO_TARGET_DIR:-$here/../../target}
mkdir -p "$target/roots"
folder=$(CDPATH='' cd -- "$target/roots" && pwd)/$arch

if [ ! -e "$folder.done" ]; then
    [ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null 2>&1 || exit 3
    # The release that this machine runs, whose mirrors and keys it has.
    suite=$(. /etc/os-release && [ "$ID" = debian ] && echo "$VERSION_CODENAME") || suite=bookworm
    if [ "$arch" = "$(dpkg --print-architecture)" ]; then
        set -- --include=gcc,libc6-dev,pkg-config,musl
    else
        set -- --foreign --include=libgcc-s1,musl
    fi
    rm -rf "$folder"
    debootstrap --arch="$arch" --variant=minbase "$@" "$suite" "$folder" >"$folder.log" 2>&1 || {
        tail -n 5 "$folder.log" >&2
        exit 3
    }
    # Of what is unpacked only, debootstrap leaves all but the required packages where it loaded them.
    for package in "$folder"/var/cache/apt/archives/musl_*.deb; do
        [ "$1" = --foreign ] || break
        dpkg-deb --fsys-tarfile "$package" | tar -x -f - -C "$folder" --keep-directory-symlink
    done
    # Packages that are installed already are not looked at again.
    rm -rf "$folder/var/cache/apt/archives" "$folder/var/lib/apt/lists"
    touch "$folder.done"
fi
echo "$folder"
