#!/bin/sh
# Sees to the tools that building and testing need. For tests, on Debian as root, it installs what is missing; elsewhere
# it names what to install. It fails only for what nothing works without.
#
#     tools.sh [test | bench | arm | packages]
#
# Without a word: looks whether there is what building and the demo need, and installs nothing.
# test: also compilers, interpreters, servers and a browser that the tests try libmona with.
# bench: the same, and the peers that the benchmarks compare with; they leave out what cannot be had.
# arm: what makes programs for 64-bit ARM and runs them on another processor.
# packages: what builds packages and looks at them; none of them is needed to build libmona.
set -u

# What nothing works without, and how it is had.
precondition() {
    command -v "$1" >/dev/null 2>&1 && return
    echo "tools: $1 is not found: $2" >&2
    lacks=yes
}
preconditions() {
    lacks=
    precondition cargo "a Rust toolchain is expected, as rustup installs it"
    case $(uname -s) in
    Darwin) precondition cc "a C compiler is expected (xcode-select --install)" ;;
    *) precondition cc "a C compiler is expected (Debian, Ubuntu: apt-get install gcc libc6-dev; Fedora: dnf install gcc;
       Alpine: apk add gcc musl-dev)" ;;
    esac
    [ -z "$lacks" ] || exit 1
    # Cargo says this with a page about each package.
    wanted=$(sed -n 's/^rust-version = "1\.\([0-9]*\)"$/\1/p' Cargo.toml)
    minor=$(rustc --version | sed -n 's/^rustc 1\.\([0-9]*\).*/\1/p')
    if [ "${minor:-$wanted}" -lt "$wanted" ]; then
        echo "tools: rustc 1.$minor is found, 1.$wanted or newer is expected (rustup update)" >&2
        exit 1
    fi
}
if [ $# -eq 0 ]; then
    preconditions
    exit 0
fi

missing=
need() {
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

need cc gcc
case $1 in
test | bench)
    need c++ g++
    need clang++ clang
    [ -e /usr/include/nlohmann/json.hpp ] || [ "$(uname -s)" != Linux ] || missing="$missing nlohmann-json3-dev"
    need pkg-config pkg-config
    need cmake cmake
    need ninja ninja-build
    [ "$(uname -s)" = Linux ] && need valgrind valgrind
    need shellcheck shellcheck
    if [ "$(uname -s)" = Linux ]; then
        # For the programs of other systems: a loader of musl, a compiler for Windows and what runs its programs.
        [ -e "/lib/ld-musl-$(uname -m).so.1" ] || missing="$missing musl"
        need x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64
        [ -x /usr/lib/wine/wine64 ] || need wine64 wine64
        # The page is looked at in it.
        need chromium chromium
        # Manual pages are formatted by both, and three shells complete words.
        need mandoc mandoc
        need man man-db
        need fish fish
        need zsh zsh
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
if [ "$1" = packages ] && command -v dpkg >/dev/null 2>&1; then
    need dpkg-buildpackage dpkg-dev
    need dh debhelper
    need chrpath chrpath
    need lintian lintian
    [ -x /usr/sbin/debootstrap ] || need debootstrap debootstrap
    need xz xz-utils
    need zstd zstd
    need cmake cmake
    need pkg-config pkg-config
fi
if [ "$1" = bench ]; then
    need strip binutils
    pkg-config --exists spdlog 2>/dev/null || missing="$missing libspdlog-dev"
    pkg-config --exists openssl 2>/dev/null || missing="$missing libssl-dev"
    pkg-config --exists zlib 2>/dev/null || missing="$missing zlib1g-dev"
fi
arm=
if [ "$1" = arm ] && [ "$(uname -s)" = Linux ] && [ "$(uname -m)" != aarch64 ]; then
    arm=aarch64-unknown-linux-gnu
    need qemu-aarch64 qemu-user
    [ -e "$(aarch64-linux-gnu-gcc -print-file-name=crt1.o 2>/dev/null)" ] ||
        missing="$missing gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
fi

if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "tools: installing$missing"
    # One at a time: suites that run side by side come here, too.
    if command -v flock >/dev/null 2>&1; then
        exec 9>"${TMPDIR:-/tmp}/mona-tools.lock"
        flock 9
    fi
    install() {
        DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "$@" >/dev/null 2>&1
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

preconditions
if [ -n "$arm" ] && [ "$(id -u)" = 0 ] && [ ! -d "$(rustc --print target-libdir --target $arm 2>/dev/null)" ]; then
    echo "tools: adding Rust's library for $arm"
    rustup target add $arm >/dev/null 2>&1 || echo "tools: rustup could not add it"
fi
