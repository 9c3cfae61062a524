#!/bin/sh
# Builds the Debian packages from the source tarball, without a network and with an empty CARGO_HOME.
#
#     deb.sh MONA-VERSION.TAR.XZ OUT_DIR
#
# Writes libmona0, libmona-dev and mona-tools. It builds below MONA_DEB_DIR where that is set, and what is compiled stays
# there for the next build; else in a temporary folder, as where the name of that one has a blank: dpkg's own flags for
# compilers name the folder, without quotes. DEB_BUILD_OPTIONS=nocheck leaves the library's tests out.
# MONA_DEB_BUILT is a folder of cargo's to build in instead, for tests that have everything in it.
set -eu

[ $# -eq 2 ] || { echo "usage: deb.sh MONA-VERSION.TAR.XZ OUT_DIR" >&2; exit 2; }
case $1 in
/*) tarball=$1 ;;
*) tarball=$PWD/$1 ;;
esac
mkdir -p "$2"
out=$(CDPATH='' cd -- "$2" && pwd)
name=$(basename "$tarball" .tar.xz)
version=${name#mona-}

work=${MONA_DEB_DIR:-}
case $work in
*[[:space:]]*) work= ;;
esac
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
fi
mkdir -p "$work"
work=$(CDPATH='' cd -- "$work" && pwd)
rm -rf "${work:?}/$name" "${work:?}"/*.deb
tar -x -f "$tarball" -C "$work"
cd "$work/$name"

# The newest file of the sources is as old as all of them.
SOURCE_DATE_EPOCH=$(date -r Cargo.toml +%s)
export SOURCE_DATE_EPOCH
cp -R packaging/debian debian
sed -e "s|@VERSION@|$version|" -e "s|@DATE@|$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")|" \
    debian/changelog.in >debian/changelog

# Root can take the network away, which is a proof; anybody else has cargo's word for it.
offline=
if [ "$(id -u)" = 0 ] && unshare --net true 2>/dev/null; then
    offline="unshare --net"
fi
unset CARGO_HOME
export CARGO_TARGET_DIR="${MONA_DEB_BUILT:-$work/target}"
# --no-check-builddeps: cargo is rustup's here, and the rest is asked for by name when it is missing.
$offline dpkg-buildpackage --build=binary --no-sign --no-check-builddeps >"$work/log" 2>&1 || {
    status=$?
    tail -n 60 "$work/log" >&2
    exit $status
}
for package in "$work"/*.deb; do
    mv -f "$package" "$out/"
    echo "$out/$(basename "$package")"
done
