#!/bin/sh
# Formatting, lints and the list of licences. A toolchain without rustfmt or clippy skips those with a line.
set -u

passed=0
failed=0
skipped=0

check() {
    name=$1
    tool=$2
    shift 2
    if ! cargo "$tool" --version >/dev/null 2>&1; then
        echo "skipped: $name (rustup component add rustfmt clippy)"
        skipped=$((skipped + 1))
    elif "$@"; then
        echo "ok: $name"
        passed=$((passed + 1))
    else
        echo "FAILED: $name"
        failed=$((failed + 1))
    fi
}

check "formatting" fmt cargo fmt --all --check
# The fuzzer by itself: its features would change what is looked at in the core.
check "lints" clippy cargo clippy --workspace --exclude mona-fuzz --all-targets -- -D warnings
check "lints of the fuzzer" clippy cargo clippy -p mona-fuzz --all-targets -- -D warnings
check "licences of others" tree sh tests/third-party.sh --check

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
