#!/bin/sh
# Builds the jar and tests it on the Java that is found, and on one of 22 or later where there is one: unit tests,
# conformance scenarios, the ends of a process, the examples.
#
#     test.sh
#
# What is built stays below cargo's target folder; Maven keeps what it loads where it always does. The closing line
# counts.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=SCRIPTDIR/../harness/setup.sh
. "$here/../harness/setup.sh"

# shellcheck source=SCRIPTDIR/jdk.sh
. "$here/jdk.sh"
compiler=${CC:-cc}
for program in javac mvn "${compiler%% *}"; do
    command -v "$program" >/dev/null 2>&1 || skip_all "$program is not found"
done
[ "$(java_version javac)" -ge 17 ] || skip_all "Java 17 or later is not found"
java=$(dirname -- "$(readlink -f "$(command -v javac)")")/java
later=$(later_jdk)

check "what is generated is as it would be written now" python3 "$here/generate.py" --check

build=$target/languages/java
mkdir -p "$build"
set -- -q -B -ntp "-Dmona.build=$build" "-Dmona.prefix=$MONA_PREFIX" -Dmaven.test.failure.ignore=true
if [ -n "$later" ]; then
    set -- "$@" "-Dmona.jdk22=$later"
    [ "$(java_version "$later/bin/java")" -lt 25 ] || set -- "$@" "-Dmona.jdk25=$later"
fi
# What was loaded before is enough, and then nothing is asked of the network.
maven() {
    rm -rf "$build/surefire-reports"
    (cd "$here" && { mvn -o "$@" >"$build/log" 2>&1 ||
        { grep -q 'offline mode' "$build/log" && mvn "$@" >"$build/log" 2>&1; }; })
}
if ! maven "$@" package; then
    if grep -q -e 'Could not transfer' -e 'Unknown host' -e 'resolution is not reattempted' "$build/log"; then
        skip_all "Maven cannot load its plugins"
    fi
    tail -n 40 "$build/log"
    fail_all "the jar is not built"
fi
jar=$(find "$build" -maxdepth 1 -name 'mona-*.jar')
counted "unit tests on Java $(java_version "$java")" python3 "$here/tests/reports.py" "$build/surefire-reports"

# The same, on another Java.
on_later() {
    broken=0
    # A virtual machine that crashed has no report of the tests it was at.
    maven "$@" "-Djvm=$later/bin/java" surefire:test@default-test || { broken=1 && tail -n 40 "$build/log"; }
    python3 "$here/tests/reports.py" "$build/surefire-reports" && [ "$broken" = 0 ]
}
# Programs that are short: to start fast counts for more than to run fast.
short="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
path=$jar:$build/test-classes

scenarios() {
    # shellcheck disable=SC2086 # words on purpose
    counted "scenarios on Java $(java_version "$1")" python3 "$here/../harness/scenarios.py" \
        --cannot "$here/tests/cannot.json" -- "$@" -cp "$path" dev.libmona.Player
}

# A way that a process ends, the status of that, and how many events arrive.
ends() {
    # Only ends a hang: the machine may be busy.
    # shellcheck disable=SC2086 # words on purpose
    check "ends by $1 on Java $(java_version "$4")" env MONA_EXIT_FLUSH_MS=60000 python3 "$here/../harness/ledger.py" \
        --expect "$3" --status "$2" -- "$4" $short -cp "$path" dev.libmona.Ends "$1" 1000 2>/dev/null
}

# The virtual machine says by its status which signal it was, and is not ended by it.
ends_by_signal() {
    # shellcheck disable=SC2016,SC2086 # the inner shell's, and words on purpose
    check "ends by SIGTERM on Java $(java_version "$1")" env MONA_EXIT_FLUSH_MS=60000 python3 \
        "$here/../harness/ledger.py" --expect 1000 -- sh -c '"$@"; [ $? = 143 ]' sh \
        "$1" $short -cp "$path" dev.libmona.Ends term 1000 2>/dev/null
}

all_ends() {
    ends return 0 1000 "$1"
    ends own-return 0 1000 "$1"
    ends exit 3 1000 "$1"
    ends own-exit 3 1000 "$1"
    ends exit-elsewhere 3 1000 "$1"
    ends throw 1 1000 "$1"
    ends_by_signal "$1"
    ends halt 4 1000 "$1"
    ends close 0 1000 "$1"
    ends hook 0 1001 "$1"
    ends daemons 0 1000 "$1"
}

# shellcheck disable=SC2086 # words on purpose
scenarios "$java" $short
all_ends "$java"
if [ -n "$later" ]; then
    counted "unit tests on Java $(java_version "$later/bin/java")" on_later "$@"
    # shellcheck disable=SC2086 # words on purpose
    scenarios "$later/bin/java" --enable-native-access=ALL-UNNAMED $short
    all_ends "$later/bin/java"
else
    skip "the half for Java 22" "no later JDK is found; MONA_JDK22 may name one"
fi

mkdir -p "$build/examples"
check "the examples compile" "$(dirname -- "$java")/javac" -Xlint:all,-try -Werror -cp "$jar" -d "$build/examples" \
    "$here"/examples/*.java
for example in Quickstart Batch Workers; do
    name=$(echo "$example" | tr '[:upper:]' '[:lower:]')
    # shellcheck disable=SC2086 # words on purpose
    check "example $name" sh "$here/../harness/example.sh" "$name" "$java" $short -cp "$jar:$build/examples" "$example"
done
# shellcheck disable=SC2086 # the same
check "example quickstart, no collector" sh "$here/../harness/unreached.sh" "$java" $short -cp "$jar:$build/examples" Quickstart

finish
