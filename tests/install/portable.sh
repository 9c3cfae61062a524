#!/bin/sh
# Builds the portable library and reads what it asks of the system it is loaded on.
#
#     portable.sh
#
# The object for this machine's processor runs a program too.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
newest=2.17
passed=0
failed=0

check() {
    name=$1
    shift
    if "$@"; then
        echo "ok    $name"
        passed=$((passed + 1))
    else
        echo "FAIL  $name"
        failed=$((failed + 1))
    fi
}

done_with() {
    echo "$passed passed, $failed failed, $1 skipped"
    [ "$failed" -eq 0 ]
    exit
}

if [ "$(uname -s)" != Linux ]; then
    echo "skip  the portable library: it is one of Linux"
    done_with 1
fi
folder=$(sh "$root/bindings/c/install/portable.sh")
status=$?
if [ $status -eq 3 ]; then
    echo "skip  the portable library: no cargo-zigbuild, and none from PyPI"
    done_with 1
elif [ $status -ne 0 ]; then
    echo "FAIL  the build of the portable library"
    failed=1
    done_with 0
fi
object=$folder/libmona.so
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

versions() {
    found=$(objdump -T "$object" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu)
    highest=$(echo "$found" | tail -n 1)
    echo "      the newest symbol is of glibc $highest"
    [ -n "$highest" ] && [ "$(printf '%s\n' "$highest" "$newest" | sort -V | tail -n 1)" = "$newest" ]
}

# Storage of threads that is reserved when a program starts: what is loaded later may find no room in it.
no_static_storage() {
    ! readelf -dW "$object" | grep STATIC_TLS && ! readelf -rW "$object" | grep -E 'TPOFF|TLS_TPREL|TPREL'
}

stays_loaded() {
    readelf -dW "$object" | grep FLAGS_1 | grep -q NODELETE
}

soname() {
    abi=$(sed -n 's/^#define MONA_ABI_VERSION *//p' "$root/include/mona.h")
    readelf -dW "$object" | grep -qF "soname: [libmona.so.$abi]"
}

# The C library in all its parts, and its loader.
needs_the_c_library_alone() {
    ! readelf -dW "$object" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
        grep -vE '^(lib(c|m|dl|rt|pthread|gcc_s)\.so\.[0-9]+|ld-linux.*)$'
}

names() {
    nm -D --defined-only "$object" | awk 'NF == 3 { print $3 }' | sort >"$work/names"
    grep -v "^#" "$root/tests/abi/symbols.txt" | sort | diff - "$work/names"
}

runs() {
    ln -s "$object" "$work/$(readelf -dW "$object" | sed -n 's/.*soname: \[\(.*\)\]/\1/p')" &&
        "${CC:-cc}" -std=c11 -Wall -Wextra -Werror -I"$root/include" "$root/bindings/c/examples/hello.c" \
            "$object" -Wl,-rpath,"$work" -o "$work/hello" &&
        MONA_ENDPOINT="file://$work/events" "$work/hello" && grep -q hello-classifier "$work/events"
}

check "no symbol of the C library is newer than $newest" versions
check "no storage of threads that has to be there at the start" no_static_storage
check "it stays loaded" stays_loaded
check "its name carries the number of the interface" soname
check "it needs the C library alone" needs_the_c_library_alone
check "its names are those of the interface" names
check "a program runs with it" runs
done_with 0
