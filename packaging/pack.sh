#!/bin/sh
# Packs what was built for a Linux system as a folder that works wherever it is unpacked.
#
#     pack.sh TREE RELEASE_DIR COLLECTOR PACKAGE OUT_DIR
#
# TREE are the sources, RELEASE_DIR has libmona.so and libmona.a, COLLECTOR is that program. Writes PACKAGE.tar.gz. What
# install.sh takes from the environment it takes here too: MONA_CC, CFLAGS, LD, OBJCOPY, AR; and STRIP besides.
# SOURCE_DATE_EPOCH is how old every file is.
set -eu

[ $# -eq 5 ] || { echo "usage: pack.sh TREE RELEASE_DIR COLLECTOR PACKAGE OUT_DIR" >&2; exit 2; }
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
tree=$1
release=$2
collector=$3
package=$4
mkdir -p "$5"
out=$(CDPATH='' cd -- "$5" && pwd)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
DESTDIR=$scratch LIBDIR=lib MONA_TOOLS=yes MONA_RPATH=yes MONA_COLLECTOR=$collector \
    sh "$tree/bindings/c/install/install.sh" "$release" "/$package" >&2
"${STRIP:-strip}" --strip-debug "$scratch/$package/lib/libmona.so".*
sh "$here/archive.sh" "$scratch" "$package" >"$scratch/packed"
gzip -9n "$scratch/packed"
mv -f "$scratch/packed.gz" "$out/$package.tar.gz"
echo "$out/$package.tar.gz"
