#!/bin/sh
# Makes all of a release but the packages of other languages, and prints what it made.
#
#     dist.sh OUT_DIR [URL]
#
# URL is where the files will be fetched from; recipes of Conan, vcpkg and conda name it (OUT_DIR itself). PLATFORMS names
# the portable tarballs to make, of "x86_64-glibc2.17 x86_64-musl aarch64-glibc2.17 aarch64-musl" (all). What a machine
# lacks the tools for is left out with a line, and the exit status is 1.
set -eu

[ $# -eq 1 ] || [ $# -eq 2 ] || { echo "usage: dist.sh OUT_DIR [URL]" >&2; exit 2; }
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/.." && pwd)
mkdir -p "$1"
out=$(CDPATH='' cd -- "$1" && pwd)
url=${2:-file://$out}
target=${CARGO_TARGET_DIR:-$root/target}
mkdir -p "$target/dist"
# What is built stays there, for the next time.
MONA_PORTABLE_DIR=$(CDPATH='' cd -- "$target/dist" && pwd)
MONA_DEB_DIR=$MONA_PORTABLE_DIR/deb
export MONA_PORTABLE_DIR MONA_DEB_DIR
version=$(sed -n 's/^version *= *"\([^"]*\)".*/\1/p' "$root/Cargo.toml" | head -n 1)
name=mona-$version
left_out=

sh "$here/source.sh" "$out" >/dev/null
tarball=$out/$name.tar.xz

# The library's tests belong to `make test`.
if command -v dpkg-buildpackage >/dev/null 2>&1 && command -v dh >/dev/null 2>&1 && command -v chrpath >/dev/null 2>&1; then
    rm -f "$out"/*.deb
    DEB_BUILD_OPTIONS=${DEB_BUILD_OPTIONS:-nocheck} sh "$here/deb.sh" "$tarball" "$out" >/dev/null
else
    left_out="$left_out debian"
    echo "dist.sh: the Debian packages are left out: apt-get install debhelper chrpath" >&2
fi

for platform in ${PLATFORMS:-x86_64-glibc2.17 x86_64-musl aarch64-glibc2.17 aarch64-musl}; do
    status=0
    sh "$here/portable.sh" "$tarball" "${platform%-*}" "${platform#*-}" "$out" >/dev/null || status=$?
    case $status in
    0) ;;
    3) left_out="$left_out $platform" ;;
    *) exit $status ;;
    esac
done

# The recipes, with the checksum of the tarball.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
sh "$here/ports.sh" "$tarball" "$url" "$work/$name-recipes"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
sh "$here/archive.sh" "$work" "$name-recipes" >"$work/packed"
gzip -9n <"$work/packed" >"$out/$name-recipes.tar.gz"

for file in "$root"/*.cdx.json "$root"/THIRD-PARTY*.txt; do
    cp "$file" "$out/"
done

# Of these files alone: others' may lie beside them.
cd "$out"
set -- "$name.tar.xz" "$name"-*.tar.gz ./*.cdx.json THIRD-PARTY*.txt
for file in ./*.deb; do
    [ ! -f "$file" ] || set -- "$@" "$file"
done
sha256sum "$@" | sed 's| \./| |; s|  \./|  |' | LC_ALL=C sort -k 2 >SHA256SUMS
printf '%-48s %10s  %s\n' file bytes sha256
while read -r sum file; do
    printf '%-48s %10s  %s\n' "$file" "$(wc -c <"$file")" "$sum"
done <SHA256SUMS
if [ -n "$left_out" ]; then
    echo "dist.sh: left out:$left_out" >&2
    exit 1
fi
