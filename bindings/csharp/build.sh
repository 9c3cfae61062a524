#!/bin/sh
# Builds LibMona.dll and programs that use it with Mono's compiler.
#
#     build.sh FOLDER [PROGRAM SOURCE...]
#
# Without a program: the library alone. LibMona.csproj is for .NET.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$1
shift
mkdir -p "$folder"
# 0649: fields that C writes through their addresses.
flags="-langversion:7 -unsafe -optimize -debug -warnaserror -nowarn:0649"
if [ $# = 0 ]; then
    # shellcheck disable=SC2086 # several flags
    exec mcs $flags -target:library -doc:"$folder/LibMona.xml" -out:"$folder/LibMona.dll" "$here"/src/*.cs "$here"/src/Generated/*.cs
fi
program=$1
shift
# shellcheck disable=SC2086 # the same
exec mcs $flags -r:"$folder/LibMona.dll" -r:System.Core -out:"$folder/$program.exe" "$@"
