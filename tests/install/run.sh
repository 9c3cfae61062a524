#!/bin/sh
# Installs into a temporary prefix and checks what a user can build against it.
#
#     run.sh RELEASE_DIR
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT

sh "$root/bindings/c/install/install.sh" "$1" "$prefix"
sh "$here/check.sh" "$prefix"
