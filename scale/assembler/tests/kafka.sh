#!/bin/sh
# The ARC assembler against a real Kafka: killed in mid-stream and started again, two that share the work, the end by
# SIGTERM. About two minutes; everything is started here and on free ports.
#
#     kafka.sh [FOLDER]
#
# The folder takes what is built, `target` of the assembler without one. The closing line counts.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=${1:-$here/../target}
for program in javac mvn python3; do
    command -v "$program" >/dev/null 2>&1 || {
        echo "skipped: all of it ($program is not found)"
        echo "0 passed, 0 failed, 1 skipped"
        exit 0
    }
done
sh "$here/../build.sh" "$build" || {
    echo "FAILED: the assembler is not built"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
}
exec python3 "$here/kafka.py" "$build"
