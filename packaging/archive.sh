#!/bin/sh
# Writes a folder as a tar archive to its output: order, owners and times are those of no machine.
#
#     archive.sh PARENT FOLDER
#
# SOURCE_DATE_EPOCH is how old every file is, in seconds since 1970.
set -eu

[ $# -eq 2 ] || { echo "usage: archive.sh PARENT FOLDER" >&2; exit 2; }
: "${SOURCE_DATE_EPOCH:?}"
exec tar --sort=name --format=posix --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime \
    --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -c -C "$1" "$2"
