# What the suites of packages share; to be read by them with `.`. They set `root`.
# shellcheck shell=sh

passed=0
failed=0
skipped=0
: "${root:?}"
target=${CARGO_TARGET_DIR:-$root/target}
case $target in
/*) ;;
*) target=$PWD/$target ;;
esac
# shellcheck disable=SC2034 # the suites name files by it
version=$(sed -n 's/^version *= *"\([^"]*\)".*/\1/p' "$root/Cargo.toml" | head -n 1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

# check NAME COMMAND...: the command runs in a shell that stops at the first failing step. Says how long it took.
check() {
    name=$1
    shift
    started=$(date +%s)
    (
        set -e
        "$@"
    ) >"$work/log" 2>&1
    status=$?
    took=$(($(date +%s) - started))
    if [ $status -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok    $name ($took s)"
    else
        failed=$((failed + 1))
        echo "FAIL  $name ($took s)"
        tail -n "${LINES_OF_LOG:-60}" "$work/log" | sed 's/^/      /'
    fi
}

skip() {
    skipped=$((skipped + 1))
    echo "skip  $1"
}

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
    exit
}

# What the first program prints with MONA_ENDPOINT=stdout:, whatever it was installed from.
says_hello() {
    cat "$1"
    grep -q '"confidence": *0.97' "$1" && grep -q hello-classifier "$1"
}

# The same of the first program in C++.
says_quick_start() {
    cat "$1"
    grep -q '"boxes": *\[\[1, *2\]\]' "$1" && grep -q image-classifier "$1"
}

# names_no_folder FOLDER WORD...: no file below it has any of the words, which are folders of this machine.
names_no_folder() {
    in_folder=$1
    shift
    for word; do
        # A short one would be found by chance.
        [ "${#word}" -ge 4 ] || continue
        if grep -rlaF -e "$word" "$in_folder"; then
            echo "they name $word"
            return 1
        fi
    done
}
