# What the scripts of this folder share; each says first
#
#     here=...; . "$here/common.sh"
#
# and ends with `summary`. Gives $root, $work (a folder that goes with the script), $version, $abi and the functions below.
# shellcheck shell=sh disable=SC2034,SC2154

root=$(CDPATH='' cd -- "$here/../.." && pwd)
cc=${CC:-cc}
cxx=${CXX:-c++}
version=$(sed -n 's/^version *= *"\([^"]*\)".*/\1/p' "$root/Cargo.toml" | head -n 1)
abi=$(sed -n 's/^#define MONA_ABI_VERSION *//p' "$root/include/mona.h")
cargo_target=${CARGO_TARGET_DIR:-$root/target}
case $cargo_target in
/*) ;;
*) cargo_target=$PWD/$cargo_target ;;
esac
unset PKG_CONFIG_PATH LD_LIBRARY_PATH DESTDIR LIBDIR PREFIX FEATURES MONA_COLLECTOR MONA_TOOLS MONA_RPATH MONA_CC
# Of a `make` that runs this: variables of its command line would be those of the ones that are run here.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' HUP TERM

passed=0
failed=0
skipped=0

# check NAME COMMAND...: the command runs in a shell that stops at the first failing step.
check() {
    name=$1
    shift
    (
        set -e
        "$@"
    ) >"$work/log" 2>&1
    # Asked for afterwards: the shell would not stop at failing steps inside the condition of an `if`.
    status=$?
    if [ "$status" -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok    $name"
    else
        failed=$((failed + 1))
        echo "FAIL  $name"
        sed 's/^/      /' "$work/log"
    fi
}

skip() {
    skipped=$((skipped + 1))
    echo "skip  $1: $2"
}

# needs NAME TOOL...: whether all the tools are here; if not, the line that says what is skipped.
needs() {
    name=$1
    shift
    for tool; do
        if ! command -v "$tool" >/dev/null 2>&1; then
            skip "$name" "no $tool on this machine"
            return 1
        fi
    done
}

# A program that hangs is a failure, not a reason to wait.
limited() {
    if command -v timeout >/dev/null 2>&1; then
        timeout 240 "$@"
    else
        "$@"
    fi
}

# refused STATUS TEXT COMMAND...: the command ends with the status and says the text, wherever it breaks lines.
refused() {
    wanted=$1
    text=$2
    shift 2
    status=0
    "$@" >"$work/answer" 2>&1 || status=$?
    cat "$work/answer"
    if [ "$status" -ne "$wanted" ]; then
        echo "$*: exit status $status, $wanted is expected"
        return 1
    fi
    tr '\n' ' ' <"$work/answer" | tr -s ' ' | grep -F -e "$text"
}

compile() {
    # shellcheck disable=SC2086 # the compiler may have options
    $cc -std=c11 -Wall -Wextra -Werror "$@"
}

# All modes of the program. Its panic is only caught if the tables of the unwinder survived the linking, and the
# events of its last mode only arrive if what the library does at exit did. Words before the program run it.
works() {
    limited "$@"
    MONA_TEST_PANIC=mona_client_describe limited "$@" panic
    rm -f "$work/works.ndjson"
    MONA_ENDPOINT=file://$work/works.ndjson limited "$@" exit
    grep -c 'MONA_ARC_CLASS' "$work/works.ndjson"
    grep '"last"' "$work/works.ndjson"
}

# A program in C++ that sends a run and a step of it.
works_in_cpp() {
    MONA_ENDPOINT=stdout: limited "$@" >"$work/cpp-records"
    [ "$(grep -c '"context"' "$work/cpp-records")" -eq 5 ]
    grep '"confidence":0.97' "$work/cpp-records"
}

summary() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
}
