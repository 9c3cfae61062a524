#!/bin/sh
# Runs the ARC assembler, after build.sh.
#
#     run.sh [settings.properties]
#
# Settings may come from the environment too, see README.md. MONA_ASSEMBLER_JAVA_OPTIONS takes the place of what Java is
# given here; MONA_ASSEMBLER_BUILD is where it was built.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=${MONA_ASSEMBLER_BUILD:-$here/target}
# 100 000 open ARCs take 40 MB of the heap; RocksDB has its memory beside it, and malloc's arenas would double that.
options=${MONA_ASSEMBLER_JAVA_OPTIONS:--Xms256m -Xmx256m -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError}
unset MONA_ASSEMBLER_JAVA_OPTIONS MONA_ASSEMBLER_BUILD
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"
# shellcheck disable=SC2086 # words on purpose
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" $options -Dorg.slf4j.simpleLogger.showDateTime=true \
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX" \
    -Dorg.slf4j.simpleLogger.log.org.apache.kafka=warn \
    -cp "$(echo "$build"/mona-assembler-*.jar):$build/lib/*" dev.libmona.assembler.Main "$@"
