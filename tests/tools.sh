#!/bin/sh
# Sees to the tools that building and testing need. On Debian as root it installs what is missing; elsewhere it
# names what to install, and fails only for what nothing works without.
#
#     tools.sh [test | bench | arm]
#
# Without a word: what building and the demo need, and nothing that only a test would use.
# test: also compilers, interpreters, servers and a browser that the tests try libmona with.
# bench: the same, and the peers that the benchmarks compare with; they leave out what cannot be had.
# arm: what makes programs for 64-bit ARM and runs them on another processor.
set -u

missing=
need() {
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

need cc gcc
case ${1:-} in
test | bench)
    need c++ g++
    need clang++ clang
    [ -e /usr/include/nlohmann/json.hpp ] || [ "$(uname -s)" != Linux ] || missing="$missing nlohmann-json3-dev"
    need pkg-config pkg-config
    need cmake cmake
    [ "$(uname -s)" = Linux ] && need valgrind valgrind
    need shellcheck shellcheck
    if [ "$(uname -s)" = Linux ]; then
        # For the programs of other systems: a loader of musl, a compiler for Windows and what runs its programs.
        [ -e "/lib/ld-musl-$(uname -m).so.1" ] || missing="$missing musl"
        need x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64
        [ -x /usr/lib/wine/wine64 ] || need wine64 wine64
        # The page is looked at in it.
        need chromium chromium
        need pypy3 "pypy3 pypy3-venv"
        # A Python that extensions can be compiled for.
        sh bindings/python/packaging/interpreters.sh | xargs python3 bindings/python/packaging/headers.py >/dev/null 2>&1 ||
            missing="$missing python3 python3-venv python3-dev"
        # For the packages of other languages; Go, Node and Java are wanted newer than Debian has them.
        need luajit luajit
        php -r 'exit((int) !extension_loaded("ffi"));' >/dev/null 2>&1 || missing="$missing php-cli"
        ruby -rfiddle -rjson -e '' >/dev/null 2>&1 || missing="$missing ruby"
        need mono mono-runtime
        need mcs mono-mcs
        # What their users install packages with.
        need luarocks luarocks
        need composer composer
    fi
    # Where systemd runs, these packages would start servers besides. Debian has the programs where only root looks.
    if [ ! -d /run/systemd/system ]; then
        for server in nginx haproxy squid; do
            [ -x "/usr/sbin/$server" ] || need "$server" "$server"
        done
        [ -n "$(PATH=$PATH:/usr/sbin command -v php-fpm || ls /usr/sbin/php-fpm* 2>/dev/null)" ] ||
            missing="$missing php-fpm libfcgi-bin"
    fi
    ;;
esac
if [ "${1:-}" = bench ]; then
    need strip binutils
    pkg-config --exists spdlog 2>/dev/null || missing="$missing libspdlog-dev"
    pkg-config --exists openssl 2>/dev/null || missing="$missing libssl-dev"
    pkg-config --exists zlib 2>/dev/null || missing="$missing zlib1g-dev"
fi
arm=
if [ "${1:-}" = arm ] && [ "$(uname -s)" = Linux ] && [ "$(uname -m)" != aarch64 ]; then
    arm=aarch64-unknown-linux-gnu
    need qemu-aarch64 qemu-user
    [ -e "$(aarch64-linux-gnu-gcc -print-file-name=crt1.o 2>/dev/null)" ] ||
        missing="$missing gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
fi

if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "tools: installing$missing"
    install() {
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1
    }
    apt-get update >/dev/null 2>&1
    # shellcheck disable=SC2086 # a list of package names
    if ! install $missing; then
        # One name that this release does not have refuses all of them.
        for package in $missing; do
            install "$package" || echo "tools: apt-get could not install $package"
        done
    fi
elif [ -n "$missing" ]; then
    echo "tools: not found:$missing; what needs one of them is skipped"
fi

if ! command -v cargo >/dev/null 2>&1; then
    echo "tools: cargo is not found, a Rust toolchain (rustup) is expected" >&2
    exit 1
fi
if ! command -v cc >/dev/null 2>&1; then
    echo "tools: cc is not found, a C compiler is expected" >&2
    exit 1
fi
if [ -n "$arm" ] && [ "$(id -u)" = 0 ] && [ ! -d "$(rustc --print target-libdir --target $arm 2>/dev/null)" ]; then
    echo "tools: adding Rust's library for $arm"
    rustup target add $arm >/dev/null 2>&1 || echo "tools: rustup could not add it"
fi
