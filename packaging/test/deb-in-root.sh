#!/bin/sh
# Runs in an empty root: installs the packages that lie in /packages, builds and runs a program, and removes them again.
#
#     deb-in-root.sh
set -eu
cd /packages

# Every file, link and folder that is not dpkg's own record, a log, or a cache that ldconfig writes.
files() {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /packages -o -path /tmp -o -path /var/lib/dpkg \
        -o -path /var/log -o -path /var/cache -o -path /etc/ld.so.cache \) -prune -o -print | LC_ALL=C sort
}

hello() {
    cc -std=c11 -Wall -Wextra -Werror hello.c "$@" -o hello
    MONA_ENDPOINT=stdout: ./hello >said
    cat said
    grep -q '"confidence": *0.97' said
    grep -q hello-classifier said
}

files >before
dpkg -i ./libmona0_*.deb ./libmona-dev_*.deb ./mona-tools_*.deb
pkg-config --exists --print-errors mona
[ "$(pkg-config --modversion mona)" = "$(cat version)" ]
# shellcheck disable=SC2046 # flags are words
hello $(pkg-config --cflags --libs mona)
cp hello shared
ldd ./hello | grep 'libmona.so.0 => /'
# shellcheck disable=SC2046 # flags are words
hello $(pkg-config --cflags mona) -l:libmona.a $(pkg-config --static --libs mona | sed 's/-lmona//')
if ldd ./hello | grep mona; then
    exit 1
fi
for tool in mona-doctor mona-spool mona-collector; do
    "$tool" --version | grep -F "$(cat version)"
done

# What the program sends is what the collector takes, both of them from packages.
mona-collector --forward 127.0.0.1:0 --port-file address --out records >table &
collector=$!
tries=600
until [ -s address ] || [ $tries -eq 0 ]; do
    tries=$((tries - 1))
    sleep 0.1
done
MONA_ENDPOINT=tcp://$(cat address) ./shared
MONA_ENDPOINT=tcp://$(cat address) mona-doctor
kill $collector
wait $collector || true
cat records
grep -q hello-classifier records

dpkg -r mona-tools libmona-dev
dpkg -r libmona0
# There is no configuration to keep, so that nothing is left to purge.
if dpkg -l | grep mona; then
    exit 1
fi
files >after
diff before after
dpkg --verify
echo "installed, tried and removed"
