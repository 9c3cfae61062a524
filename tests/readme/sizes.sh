#!/bin/sh
# Builds the library with all, some and no features, and writes the sizes of the stripped shared objects into README.md.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
cd "$root"
target=${CARGO_TARGET_DIR:-target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# In MB, with these arguments for cargo.
size() {
    # shellcheck disable=SC2086 # words may stand behind its name
    ${CARGO:-cargo} build --release --locked -p mona-ffi --target-dir "$target" "$@" >&2
    strip -o "$work/stripped.so" "$target/release/libmona.so"
    wc -c <"$work/stripped.so" | awk '{ printf "%.1f", $1 / 1e6 }'
}

neither=$(size --no-default-features)
http=$(size --no-default-features --features http)
# Last, so that the target folder has the library as it is shipped.
all=$(size)
line="Stripped, the shared object has $all MB with TLS and HTTP, $http MB without TLS and $neither MB without either."
awk -v line="$line" '/^Stripped, the shared object has / { $0 = line } { print }' README.md >"$work/README.md"
cat "$work/README.md" >README.md
echo "$line"
