#!/bin/sh
# Makes what `make scale` runs on, once, in a folder below cargo's target folder, and prints its name: an OpenTelemetry
# Collector from Go modules, Kafka from Maven Central, a Python environment, libmona and the fleet simulator. About 1 GB
# with what Go and Maven keep in their own caches, and some minutes; later only what has changed is made anew.
#
#     setup.sh
#
# SCALE_PREFIX names a libmona that is installed already, instead of this tree's.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
tree=$(CDPATH='' cd -- "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$tree/target}
mkdir -p "$target/scale"
folder=$(CDPATH='' cd -- "$target" && pwd)/scale

say() {
    echo "scale: $*" >&2
}

# Fails with this sentence: here nothing is skipped, what is missing is what would be tried.
fail() {
    say "$*"
    exit 1
}

# Before anything is installed: these come from no package of Debian's that is new enough.
command -v go >/dev/null 2>&1 || fail "go is not found; Go 1.26 builds the OpenTelemetry Collector"
command -v cargo >/dev/null 2>&1 || fail "cargo is not found; a Rust toolchain builds libmona"

missing=
need() {
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing="$missing $2"
}
need cc gcc
need javac openjdk-17-jdk-headless
need mvn maven
need haproxy haproxy
need pkg-config pkg-config
# Debian's Python without python3-venv has venv, and lacks what that needs.
python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || missing="$missing python3 python3-venv"
if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "installing$missing"
    apt-get update >/dev/null 2>&1 || true
    # shellcheck disable=SC2086 # a list of package names
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >/dev/null 2>&1 ||
        fail "apt-get could not install$missing"
elif [ -n "$missing" ]; then
    fail "not found:$missing"
fi

# Whether a product is there and was made from these files: $1 is its name, the rest are the files.
stamp=
is_made() {
    name=$1
    shift
    stamp=$folder/$name.made
    now=$(cat "$@" | cksum)
    [ -e "$folder/$name" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$now" ]
}
made() {
    echo "$now" >"$stamp"
}

if ! is_made otelcol "$here/otel/main.go" "$here/otel/go.mod" "$here/otel/go.sum"; then
    say "building the OpenTelemetry Collector (core 0.165.0, contrib 0.165.1): two minutes, 700 MB of modules"
    (cd "$here/otel" && go build -trimpath -o "$folder/otelcol" .) || fail "the Collector could not be built"
    made
fi

if ! is_made kafka "$here/kafka/pom.xml"; then
    say "fetching Kafka 4.4.0: 45 jars, 43 MB"
    rm -rf "$folder/kafka"
    mvn -q -B -f "$here/kafka/pom.xml" dependency:copy-dependencies -DoutputDirectory="$folder/kafka" \
        -DincludeScope=runtime >"$folder/maven.log" 2>&1 || fail "Maven Central did not give Kafka: $folder/maven.log"
    made
fi

if ! is_made python "$here/requirements.txt"; then
    say "making a Python environment: a Kafka client, OTLP's messages, ClickHouse in process; 600 MB"
    rm -rf "$folder/python"
    python3 -m venv "$folder/python" >&2
    "$folder/python/bin/pip" --quiet --disable-pip-version-check install --no-deps -r "$here/requirements.txt" >&2 ||
        fail "PyPI did not give what requirements.txt names"
    made
fi

# Maven compiles what has changed, and nothing else.
say "building the ARC assembler"
sh "$tree/scale/assembler/build.sh" "$folder/assembler" >&2 || fail "the assembler could not be built"

prefix=${SCALE_PREFIX:-$folder/prefix}
if [ -z "${SCALE_PREFIX:-}" ]; then
    say "building libmona"
    make --no-print-directory -C "$tree" install PREFIX="$prefix" >"$folder/install.log" 2>&1 ||
        fail "libmona could not be installed: $folder/install.log"
fi
PKG_CONFIG_PATH=$prefix/lib/pkgconfig sh "$here/fleet/build.sh" "$folder/fleet" >&2 ||
    fail "the fleet simulator could not be built"

echo "$folder"
