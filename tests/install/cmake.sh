#!/bin/sh
# libmona in projects of CMake: found where it is installed, and built by the project, with what generators there are.
#
#     cmake.sh PREFIX
#
# PREFIX is an installed libmona. CARGO_TARGET_DIR is where the library was built (target): projects that build it take that.
set -u

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
    echo "usage: cmake.sh PREFIX" >&2
    exit 2
fi
prefix=$(CDPATH='' cd -- "$1" && pwd)
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
cpp_example=$root/bindings/cpp/examples/quick_start.cpp
has_cpp=
if command -v "$cxx" >/dev/null 2>&1; then
    has_cpp=yes
fi

# runs FOLDER: the programs of a project, wherever its generator put them.
runs() {
    for program in with_mona with_mona_static; do
        works "$(find "$1" -type f -name "$program" | head -n 1)"
    done
    [ -n "$has_cpp" ] || return 0
    for program in with_cpp with_cpp_static; do
        works_in_cpp "$(find "$1" -type f -name "$program" | head -n 1)"
    done
}

# configures PROJECT FOLDER ARGUMENTS...
configures() {
    project=$1
    build=$2
    shift 2
    set -- -S "$here/$project" -B "$build" -DCMAKE_C_COMPILER="$cc" -DPROGRAM="$here/program.c" "$@"
    [ -z "$has_cpp" ] || set -- "$@" -DCMAKE_CXX_COMPILER="$cxx" -DCPP_PROGRAM="$cpp_example"
    cmake "$@"
}

# The whole prefix elsewhere, under a name with a blank, and the project too.
finds() {
    cp -RP "$prefix" "$work/moved away"
    configures cmake-installed "$work/a build" -DCMAKE_PREFIX_PATH="$work/moved away" -DWANTED="$version"
    cmake --build "$work/a build"
    runs "$work/a build"
}

# asks WORDS: whether find_package takes the installed one when this is asked for.
asks() {
    asks_aloud "$@" >"$work/answer" 2>&1
}
asks_aloud() {
    words=$1
    shift
    rm -rf "$work/asked"
    cmake -S "$here/cmake-asked" -B "$work/asked" -DCMAKE_C_COMPILER="$cc" -DCMAKE_PREFIX_PATH="$prefix" "-DWANTED=$words" "$@"
}

# The rule is that of the number in the shared object's name: from the first version that had it, up to this one. A range
# has an end besides.
versions() {
    since=$(sed -n 's/^abi-since *= *"\([^"]*\)".*/\1/p' "$root/Cargo.toml")
    major=${version%%.*}
    for wanted in "$since" "$version" "${version%.*}" "$major" "$version EXACT" "$since...99" "$since...<99" "0...<99"; do
        asks "$wanted" || { cat "$work/answer" && echo "$wanted was asked for, $version was not taken" && return 1; }
    done
    for wanted in 99.0 0.0.1 0.0 "$version.1" "0.0.1 EXACT" 0.0.1...0.0.2 98...99; do
        if asks "$wanted"; then
            echo "$wanted was asked for, $version was taken"
            return 1
        fi
        grep -F "version: $version" "$work/answer" || { cat "$work/answer" && return 1; }
    done
}

# A component is a target; one that is required and not there is an error, an optional one is said not to be there.
components() {
    for wanted in "COMPONENTS mona" "$version COMPONENTS cpp mona_static cpp_static" "OPTIONAL_COMPONENTS nothing" \
        "COMPONENTS cpp OPTIONAL_COMPONENTS nothing"; do
        asks "$wanted" || { cat "$work/answer" && echo "$wanted: not found" && return 1; }
    done
    for wanted in "COMPONENTS nothing" "$version COMPONENTS cpp nothing" "COMPONENTS nothing cpp"; do
        refused 1 "libmona has no component nothing here" asks_aloud "$wanted"
    done
    for pair in nothing=FALSE cpp_static=TRUE; do
        asks_aloud "OPTIONAL_COMPONENTS ${pair%=*}" "-DOPTIONAL=${pair%=*}" | grep -x -e "-- optional ${pair%=*}: ${pair#*=}"
    done
    # A package with one of the libraries.
    cp -RP "$prefix" "$work/half"
    find "$work/half" -name libmona.a -exec rm {} +
    prefix=$work/half
    asks_aloud "COMPONENTS cpp"
    refused 1 "libmona has no component cpp_static here" asks_aloud "COMPONENTS cpp_static"
}

# The same file, filled for versions that do not exist yet. Each line: the first version with the number, the installed one,
# the wanted one, whether it will do.
later_versions() {
    cat >"$work/rule.cmake" <<'RULE'
if(WANTED MATCHES "^(.*)\\.\\.\\.(<?)(.*)$")
  set(WANTED ${CMAKE_MATCH_1})
  set(PACKAGE_FIND_VERSION_RANGE ON)
  set(PACKAGE_FIND_VERSION_MAX ${CMAKE_MATCH_3})
  set(PACKAGE_FIND_VERSION_RANGE_MAX INCLUDE)
  if(CMAKE_MATCH_2)
    set(PACKAGE_FIND_VERSION_RANGE_MAX EXCLUDE)
  endif()
endif()
set(PACKAGE_FIND_VERSION ${WANTED})
string(REPLACE "." ";" parts ${WANTED})
list(LENGTH parts PACKAGE_FIND_VERSION_COUNT)
list(GET parts 0 PACKAGE_FIND_VERSION_MAJOR)
include(${FILE})
message("answer ${PACKAGE_VERSION_COMPATIBLE}")
RULE
    while read -r since installed wanted answer; do
        sed -e "s/@VERSION@/$installed/; s/@ABI_SINCE@/$since/; s/@ABI@/0/; s/@POINTER_BYTES@/8/" \
            "$root/bindings/c/cmake/mona-config-version.cmake.in" >"$work/version.cmake"
        cmake -DFILE="$work/version.cmake" -DWANTED="$wanted" -P "$work/rule.cmake" >"$work/answer" 2>&1
        grep -qix "answer $answer" "$work/answer" || {
            cat "$work/answer"
            echo "$wanted, $installed installed, the interface since $since: $answer is expected"
            return 1
        }
    done <<'RULES'
0.1.0 0.2.0 0.1 true
0.1.0 0.9.3 0.1.0 true
0.1.0 0.9.3 0.9.4 false
0.1.0 0.9.3 0 true
0.1.0 1.4.0 0.3 true
0.1.0 1.4.0 1 true
2.0.0 2.1.0 2 true
2.0.0 2.1.0 1.4 false
2.0.0 2.1.0 0.1 false
2.0.0 2.1.0 3 false
0.1.0 0.3.0 0.1...0.3 true
0.1.0 0.3.0 0.1...<0.3 false
0.1.0 0.3.1 0.1...0.3 false
0.1.0 0.3.1 0.1...<1 true
RULES
}

# What states the number and the version, all with the same.
all_agree() {
    lib=$(find "$prefix" -path '*/pkgconfig/mona.pc' | sed 's|/pkgconfig/mona.pc||')
    readelf -d "$lib/libmona.so.$abi" | grep -F "soname: [libmona.so.$abi]"
    grep -x "abi_version=$abi" "$lib/pkgconfig/mona.pc"
    grep -x "Version: $version" "$lib/pkgconfig/mona.pc"
    grep -F "libmona.so.$abi" "$lib/cmake/mona/mona-config.cmake"
    grep -F "(MONA_ABI_VERSION, $abi here)" "$lib/cmake/mona/mona-config-version.cmake"
    since=$(sed -n 's/^abi-since *= *"\([^"]*\)".*/\1/p' "$root/Cargo.toml")
    grep -x "abi_since=$since" "$lib/pkgconfig/mona.pc"
    grep -F "set(_mona_since \"$since\")" "$lib/cmake/mona/mona-config-version.cmake"
    # The promise in words.
    grep -F "The C interface only grows" "$root/docs/install.md"
    grep -F "\`libmona.so.$abi\`" "$root/docs/install.md"
    grep -F "and the C interface only grows" "$root/docs/RELEASING.md"
}

adds() {
    generator=$1
    folder="$work/by $generator"
    shift
    configures cmake-subdirectory "$folder" -G "$generator" -DLIBMONA="$root" -DMONA_CARGO_TARGET_DIR="$cargo_target" "$@"
}

adds_by_make() {
    adds "Unix Makefiles" -DCMAKE_BUILD_TYPE=Debug
    # What somebody has set for cargo by itself.
    CARGO_BUILD_TARGET=wasm32-unknown-unknown cmake --build "$folder"
    runs "$folder"
}

adds_by_ninja() {
    adds Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo
    cmake --build "$folder"
    runs "$folder"
    # A second build makes nothing anew but asks cargo.
    cmake --build "$folder" >"$work/second"
    cat "$work/second"
    if grep -F Linking "$work/second"; then
        return 1
    fi
}

# What cargo is asked for, as the generator wrote it down.
asks_cargo() {
    adds Ninja -DMONA_FEATURES= -DMONA_COLLECTOR=ON
    ninja -C "$folder" -t commands mona_cargo >"$work/commands"
    cat "$work/commands"
    grep -e '--package mona-ffi .*--no-default-features --features= --locked' "$work/commands"
    grep -e '--package mona-collector ' "$work/commands"
    adds Ninja '-DMONA_FEATURES=http;tls' -DMONA_COLLECTOR=OFF
    ninja -C "$folder" -t commands mona_cargo >"$work/commands"
    grep -e '--no-default-features --features=http,tls --locked' "$work/commands"
    if grep -e 'mona-collector' "$work/commands"; then
        return 1
    fi
}

adds_by_many() {
    adds "Ninja Multi-Config"
    for config in Debug Release; do
        cmake --build "$folder" --config "$config"
        [ -x "$folder/$config/with_mona" ]
        runs "$folder/$config"
    done
}

# fetches CONTENT...: by FetchContent, and installs the project with libmona in it.
fetches() {
    configures cmake-fetched "$work/fetched" -DMONA_CARGO_TARGET_DIR="$cargo_target" -DMONA_INSTALL=ON "$@"
    cmake --build "$work/fetched"
    runs "$work/fetched"
    DESTDIR="$work/stage" cmake --install "$work/fetched" --prefix /usr
    [ -e "$work/stage/usr/lib/libmona.so.$abi" ] || [ -n "$(find "$work/stage/usr/lib" -name "libmona.so.$abi")" ]
    [ -x "$work/stage/usr/bin/mona-doctor" ] && [ ! -e "$work/stage/usr/bin/mona-collector" ]
    [ -f "$work/stage/usr/share/man/man3/mona_client_new.3" ]
}

fetches_a_folder() {
    # Flags that need quotes reach CMake's compiler, and that of the installed tools.
    fetches -DFETCHCONTENT_SOURCE_DIR_LIBMONA="$root" -DURL="file:///nowhere" \
        "-DCMAKE_C_FLAGS=-DMONA_TEST_NOTE='\"a b\"' -DMONA_TEST_ANSWER=\\\"42\\\""
}

# A repository of what is here, with what is not committed yet: below a name with a blank, as the project is.
fetches_from_git() {
    mkdir "$work/a clone"
    (cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 tar -c --ignore-failed-read) |
        tar -x -C "$work/a clone"
    git -C "$work/a clone" init -q
    git -C "$work/a clone" add -A
    git -C "$work/a clone" -c user.name=test -c user.email=test@example.org commit -q -m all
    rm -rf "$work/fetched"
    configures cmake-fetched "$work/fetched" -DURL="file://$work/a clone" -DMONA_CARGO_TARGET_DIR="$cargo_target"
    # Configured and asked for, not built: another path of the sources is another library to cargo, minutes of work.
    cmake --build "$work/fetched" --target help | grep -w mona_cargo
    ls "$work/fetched/_deps/libmona-src/include/mona.h"
}

refuses_unknown_targets() {
    # CMake breaks its sentences into lines, so short pieces are looked for.
    refused 1 'rustc knows no such target' cmake -S "$root" -B "$work/none" -DMONA_RUST_TARGET=vax-dec-vms
    # One that Rust knows and nobody has installed here, of no system that this library is for.
    [ -e "$(rustc --print target-libdir --target sparc64-unknown-netbsd)" ] ||
        refused 1 'no standard library for sparc64-unknown-netbsd' cmake -S "$root" -B "$work/none2" \
            -DMONA_RUST_TARGET=sparc64-unknown-netbsd
}

# target_for SYSTEM PROCESSOR TRIPLE BYTES: what the tool chain is found to be for.
target_for() {
    cat >"$work/target.cmake" <<'TARGET'
include(${FILE})
set(CMAKE_CROSSCOMPILING ON)
mona_find_rust_target(found)
message("found ${found}")
TARGET
    cmake -DFILE="$root/bindings/c/cmake/rust-target.cmake" -DCMAKE_SYSTEM_NAME="$1" -DCMAKE_SYSTEM_PROCESSOR="$2" \
        -DCMAKE_C_COMPILER_TARGET="$3" -DCMAKE_SIZEOF_VOID_P="$4" -P "$work/target.cmake" 2>&1
}

finds_targets() {
    while read -r system processor triple bytes wanted; do
        target_for "$system" "$processor" "$triple" "$bytes" | grep -x "found $wanted" || {
            echo "$system $processor $triple: $wanted is expected"
            target_for "$system" "$processor" "$triple" "$bytes"
            return 1
        }
        # Rust has one of that name.
        ! command -v rustc >/dev/null 2>&1 || rustc --print target-list | grep -x "$wanted"
    done <<'TARGETS'
Linux aarch64 aarch64-linux-gnu 8 aarch64-unknown-linux-gnu
Linux arm64 aarch64-linux-musl 8 aarch64-unknown-linux-musl
Linux x86_64 x86_64-linux-musl 8 x86_64-unknown-linux-musl
Linux x86_64 x86_64-linux-gnu 4 i686-unknown-linux-gnu
Linux armv7l arm-linux-gnueabihf 4 armv7-unknown-linux-gnueabihf
Linux arm arm-linux-gnueabi 4 arm-unknown-linux-gnueabi
Linux riscv64 riscv64-linux-gnu 8 riscv64gc-unknown-linux-gnu
Linux ppc64le powerpc64le-linux-gnu 8 powerpc64le-unknown-linux-gnu
Linux s390x s390x-linux-gnu 8 s390x-unknown-linux-gnu
Darwin arm64 arm64-apple-macosx 8 aarch64-apple-darwin
FreeBSD x86_64 x86_64-unknown-freebsd14 8 x86_64-unknown-freebsd
TARGETS
    target_for Linux vax vax-linux-gnu 4 | grep -F 'no Rust target is known'
}

check "the version rule of find_package, for versions to come" later_versions
check "a tool chain is found to be for its Rust target" finds_targets
needs "everything states one number and one rule" readelf && check "soname, pkg-config, CMake and documents state one number" all_agree
needs "CMake" cmake && {
    check "find_package, shared and static, C and C++, from another folder" finds
    check "find_package takes and refuses versions by the number of the interface" versions
    check "find_package knows its components, and no others" components
    needs "add_subdirectory" cargo && {
        check "add_subdirectory, Unix Makefiles, Debug" adds_by_make
        needs "Ninja" ninja && {
            check "add_subdirectory, Ninja, RelWithDebInfo" adds_by_ninja
            check "add_subdirectory, Ninja Multi-Config" adds_by_many
            check "MONA_FEATURES and MONA_COLLECTOR reach cargo" asks_cargo
        }
        check "FetchContent of a folder, and the project installs it" fetches_a_folder
        needs "FetchContent from git" git && check "FetchContent from a repository with a blank in its path" fetches_from_git
        needs "targets" rustc && check "targets that Rust does not know, or does not have, are refused" refuses_unknown_targets
    }
}
summary
