#!/bin/sh
# Checks an installed libmona the way its users meet it: files, pkg-config, the bare archive, the tools.
#
#     check.sh PREFIX
#
# CC and CXX name other compilers. What a machine has no tool for is skipped, with a line that says so.
set -u

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
    echo "usage: check.sh PREFIX" >&2
    exit 2
fi
prefix=$(CDPATH='' cd -- "$1" && pwd)
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
examples=$root/bindings/c/examples
cpp_example=$root/bindings/cpp/examples/quick_start.cpp

pc=$(find "$prefix" -path '*/pkgconfig/mona.pc' | head -n 1)
if [ -z "$pc" ]; then
    echo "check.sh: $prefix: no pkgconfig/mona.pc below it, libmona is not installed there" >&2
    exit 2
fi
lib=${pc%/pkgconfig/mona.pc}
shared=$(find "$lib" -maxdepth 1 -name 'libmona.so.*' -o -maxdepth 1 -name 'libmona.*.dylib' | head -n 1)

# pkg FOLDER FLAGS...: what pkg-config says about the mona.pc in the folder; pkg_cpp, about the mona-cpp.pc.
pkg() {
    from=$1
    shift
    PKG_CONFIG_PATH=$from pkg-config "$@" mona
}
pkg_cpp() {
    from=$1
    shift
    PKG_CONFIG_PATH=$from pkg-config "$@" mona-cpp
}

# shared_names PROGRAM: the shared objects that it asks for.
shared_names() {
    readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

complete() {
    ls -l "$prefix/include/mona.h" "$shared" "$lib/libmona.a" "$lib/cmake/mona/mona-config.cmake" \
        "$lib/cmake/mona/mona-config-version.cmake" "$prefix/include/mona.hpp" "$lib/pkgconfig/mona-cpp.pc"
    for part in "$root"/bindings/cpp/mona/*.hpp; do
        cmp "$part" "$prefix/include/mona/$(basename "$part")"
    done
    for link in "$lib"/libmona.so "$lib"/libmona.dylib; do
        [ ! -e "$link" ] || [ "$(readlink "$link")" = "$(basename "$shared")" ]
    done
    ls "$prefix"/share/doc/mona/LICENSE*
    grep -q '"bomFormat": "CycloneDX"' "$prefix/share/doc/mona/libmona.cdx.json"
}

# Every link of the installed pages leads to what is installed. The blanks of code are no paths.
links() {
    (cd "$prefix/share/doc/mona" && find . -name '*.md') >"$work/pages"
    while read -r page; do
        awk '/^ *```/ { is_code = !is_code } !is_code' "$prefix/share/doc/mona/$page" | grep -o '](\([^)]*\))' |
            sed 's/^](//; s/)$//; s/[# ].*//' | grep -vE '^[a-z]+:|^$' | while read -r path; do
            [ -e "$prefix/share/doc/mona/$(dirname "$page")/$path" ] || echo "$page: $path"
        done
    done <"$work/pages" >"$work/dead"
    cat "$work/dead"
    [ -s "$work/pages" ] && [ ! -s "$work/dead" ]
}

soname() {
    readelf -d "$shared" | grep -F "soname: [$(basename "$shared")]"
}

movable() {
    texts="$lib/cmake/mona $lib/pkgconfig"
    # shellcheck disable=SC2086 # two folders
    if grep -rnF -e "$root" -e "$prefix" $texts || grep -rn '@[A-Z_]*@' $texts; then
        return 1
    fi
}

# The static library must not show names of Rust's runtime, and has to have every name that the shared one has.
names() {
    nm -g --defined-only "$lib/libmona.a" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u >"$work/static"
    nm -D --defined-only "$shared" | awk 'NF == 3 { print $3 }' | sort -u >"$work/shared"
    if grep -v -e '^mona_' -e '^DW\.ref\.' "$work/static"; then
        return 1
    fi
    grep '^mona_' "$work/static" | diff "$work/shared" -
    [ -s "$work/shared" ]
}

by_pkg_config() {
    [ "$(pkg "$1" --modversion)" = "$version" ]
    # shellcheck disable=SC2046 # flags are words
    compile "$here/program.c" $(pkg "$1" --cflags --libs) -Wl,-rpath,"$2" -o "$work/dynamic"
    works "$work/dynamic"
}

links_shared() {
    by_pkg_config "$lib/pkgconfig" "$lib"
    shared_names "$work/dynamic" | grep -Fx "$(basename "$shared")"
}

links_static() {
    # shellcheck disable=SC2046 # flags are words
    compile "$here/program.c" $(pkg "$lib/pkgconfig" --static --cflags) \
        $(pkg "$lib/pkgconfig" --static --libs | sed "s|-lmona|$lib/libmona.a|") -o "$work/static-program"
    if shared_names "$work/static-program" | grep mona; then
        return 1
    fi
    works "$work/static-program"
}

# The same files elsewhere, under a name with a blank for CMake.
move_prefix() {
    moved="$work/${1:-moved}"
    below=${lib#"$prefix"/}
    mkdir -p "$moved/include" "$moved/$below/pkgconfig" "$moved/$below/cmake"
    cp -P "$lib"/libmona* "$moved/$below/"
    cp "$pc" "$lib/pkgconfig/mona-cpp.pc" "$moved/$below/pkgconfig/"
    cp -R "$lib/cmake/mona" "$moved/$below/cmake/"
    cp -R "$prefix/include/mona.h" "$prefix/include/mona.hpp" "$prefix/include/mona" "$moved/include/"
}

links_moved() {
    move_prefix
    by_pkg_config "$moved/$below/pkgconfig" "$moved/$below"
}

links_cpp() {
    move_prefix
    for from in "$lib" "$moved/$below"; do
        # shellcheck disable=SC2046 # flags are words
        "$cxx" -std=c++17 -Wall -Wextra -Werror "$cpp_example" $(pkg_cpp "$from/pkgconfig" --cflags --libs) \
            -Wl,-rpath,"$from" -o "$work/cpp-example"
        works_in_cpp "$work/cpp-example"
    done
}

beside_rust() {
    rustc --edition 2024 --crate-type staticlib -O -o "$work/libneighbour.a" "$here/neighbour.rs"
    for order in "$lib/libmona.a $work/libneighbour.a" "$work/libneighbour.a $lib/libmona.a"; do
        # shellcheck disable=SC2086,SC2046 # archives and flags are words
        compile "$here/neighbours.c" $(pkg "$lib/pkgconfig" --cflags) $order \
            $(pkg "$lib/pkgconfig" --static --libs | sed 's|-lmona||') -o "$work/neighbours"
        limited "$work/neighbours"
    done
}

hello_example() {
    # shellcheck disable=SC2046 # flags are words
    compile "$examples/hello.c" $(pkg "$lib/pkgconfig" --cflags --libs) -Wl,-rpath,"$lib" -o "$work/hello"
    MONA_ENDPOINT=file://$work/hello.ndjson limited "$work/hello"
    grep '"confidence": *0.97' "$work/hello.ndjson"
}

digits_example() {
    # shellcheck disable=SC2046 # flags are words
    compile -O2 -DMONA_WARN_UNUSED \
        "$examples/digits.c" "$examples/dataset.c" "$examples/softmax.c" \
        $(pkg "$lib/pkgconfig" --cflags --libs) -lm -Wl,-rpath,"$lib" -o "$work/digits"
    MONA_ENDPOINT=file://$work/digits.ndjson limited "$work/digits" "$examples/data/digits.csv" >"$work/summary"
    cat "$work/summary"
    delivered=$(sed -n 's/.* \([0-9]*\) delivered.*/\1/p' "$work/summary")
    [ "$(wc -l <"$work/digits.ndjson")" -eq "$delivered" ]
    [ "$delivered" -gt 899 ]
}

# doctor STATUS ARGUMENTS...: runs the installed mona-doctor from another folder and keeps what it prints, which
# must not hold the secret.
doctor() {
    wanted=$1
    shift
    status=0
    limited "$moved/bin/mona-doctor" "$@" >"$work/doctor" 2>&1 || status=$?
    if [ "$status" -ne "$wanted" ]; then
        cat "$work/doctor"
        echo "mona-doctor $*: exit status $status, $wanted is expected"
        return 1
    fi
    if grep -F hush-7a2c "$work/doctor"; then
        return 1
    fi
}

shown() {
    grep -F -e "$1" "$work/doctor"
}

tools_build() {
    for tool in mona-doctor mona-spool; do
        CC=$cc CFLAGS='-O2 -Werror' sh "$root/bindings/c/tools/build.sh" "$tool" "$lib" "$work/$tool" "$lib"
        limited "$work/$tool" --version | grep -F "$version"
    done
}

spool_looks() {
    move_prefix 'spool away'
    mkdir "$moved/bin"
    cp "$prefix/bin/mona-spool" "$moved/bin/"
    limited "$moved/bin/mona-spool" --help | grep -F 'usage: mona-spool ls DIR'
    status=0
    limited "$moved/bin/mona-spool" ls "$work/no spool" >"$work/spool" 2>&1 || status=$?
    cat "$work/spool"
    [ "$status" -eq 2 ] && grep -F 'no spool' "$work/spool"
}

doctor_tells() {
    move_prefix 'doctor away'
    mkdir "$moved/bin"
    cp "$prefix/bin/mona-doctor" "$moved/bin/"
    export MONA_USER_ID=acme MONA_QUEUE_SIZE=many MONA_SHARED_KEY=hush-7a2c
    doctor 0 -o "endpoint=file://$work/doctor.ndjson"
    shown 'Every step succeeded.'
    shown '  user_id             environment   acme'
    shown '  shared_key          environment   (hidden)'
    shown 'MONA_QUEUE_SIZE: "many"'
    doctor 1 --timeout 5 -o "endpoint=unix://$work/nobody.sock,unix://$work/no-one.sock"
    [ "$(grep -c 'connect .*FAILED' "$work/doctor")" -eq 2 ]
    grep '^2 of [0-9]* steps failed\.$' "$work/doctor"
    doctor 1 --json -o "endpoint=unix://$work/nobody.sock"
    shown '"step":"connect","ok":false'
    shown '"options":{"user_id":{"value":"acme","source":"environment"'
    doctor 2 -o queue_size=many
    shown 'a whole number from 1 to 10000000 is expected'
    doctor 2 -o endpoint=tcp://collector.example -o shared_key=hush-7a2c
    shown 'option "shared_key": '
    doctor 2 --unknown
    shown 'usage: mona-doctor'
}

check "the installed files are complete" complete
check "the installed text files name no folder of this machine" movable
check "links of the installed pages lead to installed files" links
needs "the soname" readelf && check "the shared object has its file's name" soname
needs "the names of the archive" nm && check "the archive's global names are those of the shared object" names
needs "pkg-config" pkg-config readelf && {
    check "pkg-config, shared" links_shared
    check "pkg-config, static" links_static
    check "pkg-config, shared, from another folder" links_moved
    check "the example hello.c" hello_example
    check "the example digits.c" digits_example
}
needs "pkg-config, C++" pkg-config "$cxx" && check "pkg-config, C++, also from another folder" links_cpp
check "mona-doctor and mona-spool build without warnings" tools_build
check "mona-doctor tells steps, options, sources and no secrets, from another folder" doctor_tells
check "mona-spool looks, from another folder" spool_looks
needs "beside another Rust library" pkg-config rustc && check "the archive beside another Rust library" beside_rust

summary
