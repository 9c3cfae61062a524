#!/bin/sh
# Measures the Java package: what a call costs on each Java that is found and by each road, and a burst to a real
# collector beside Fluency. A line for each figure: LANGUAGE, what, number, unit, tab-separated.
#
#     run.sh [EVENTS]
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=SCRIPTDIR/../../harness/setup.sh
. "$here/../../harness/setup.sh"
# shellcheck source=SCRIPTDIR/../jdk.sh
. "$here/../jdk.sh"

events=${1:-200000}
for program in javac mvn "${CC:-cc}"; do
    command -v "$program" >/dev/null 2>&1 || skip_all "$program is not found"
done
java=$(dirname -- "$(readlink -f "$(command -v javac)")")/java
later=$(later_jdk)
build=$target/languages/java-bench
mkdir -p "$build/classes"
# What was loaded before is enough.
maven() {
    if ! mvn -o "$@" >"$build/log" 2>&1 && ! mvn "$@" >"$build/log" 2>&1; then
        tail -n 40 "$build/log" >&2
        exit 1
    fi
}
(cd "$here/.." && maven -q -B -ntp "-Dmona.build=$build/package" "-Dmona.prefix=$MONA_PREFIX" -DskipTests \
    ${later:+"-Dmona.jdk22=$later"} package)
jar=$(find "$build/package" -maxdepth 1 -name 'mona-*.jar')
(cd "$here" && maven -q -B -ntp "-Dmona.build=$build/peer" "-Dmdep.outputFile=$build/peer.path" \
    dependency:build-classpath)
path=$jar:$build/classes:$(cat "$build/peer.path")
"$(dirname -- "$java")/javac" --release 17 -cp "$path" -d "$build/classes" "$here"/java/dev/libmona/*.java \
    "$here"/peer/*.java

"$java" -cp "$jar:$build/classes" dev.libmona.Bench
if [ -n "$later" ]; then
    "$later/bin/java" --enable-native-access=ALL-UNNAMED -cp "$jar:$build/classes" dev.libmona.Bench
    "$later/bin/java" --enable-native-access=ALL-UNNAMED -Djdk.util.jar.enableMultiRelease=false \
        -cp "$jar:$build/classes" dev.libmona.Bench
    java=$later/bin/java
fi
for peer in mona mona-sized fluency; do
    case $peer in
    mona) settings="mona, defaults" ;;
    mona-sized) settings="mona, queue_size=1000000 queue_bytes=134217728" ;;
    fluency) settings="fluency-fluentd 2.7.3, defaults" ;;
    esac
    python3 "$here/burst.py" "$settings" "$events" -- "$java" -cp "$path" Burst "$peer"
done
