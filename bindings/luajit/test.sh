#!/bin/sh
# Tests the LuaJIT module: generated files, the unit tests interpreted and compiled, the conformance scenarios, the
# examples, the ends of processes with a ledger, and the rock. Ends with "N passed, N failed, N skipped".
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=../harness/setup.sh
. "$here/../harness/setup.sh"

command -v luajit >/dev/null 2>&1 || skip_all "luajit is not found"
luajit -e 'require "ffi"' 2>/dev/null || skip_all "this luajit has no ffi"

cd "$here"
LUA_PATH="$here/src/?.lua;$here/tests/?.lua;;"
export LUA_PATH
harness=$here/../harness

check "generated files" python3 generate.py --check

for unit in values batches contexts logs readme; do
    for mode in on off; do
        counted "$unit, compiler $mode" luajit "-j$mode" "tests/$unit.lua"
    done
done
# Every trace at once: what differs between the interpreter and the compiler shows here.
counted "values, eager compiler" luajit -Ohotloop=2 -Ohotexit=2 tests/values.lua
# As in builds of LuaJIT before 2021.
counted "values, without string.buffer" \
    luajit -e 'package.preload["string.buffer"] = function() error "none" end' tests/values.lua

# Without a library the sentence says what to do.
missing() {
    MONA_LIBRARY=$MONA_SCRATCH/none luajit -e 'print(select(2, pcall(require, "mona")))' | grep -q 'MONA_LIBRARY has to name'
}
check "no library" missing

counted "conformance scenarios" python3 "$harness/scenarios.py" --cannot tests/cannot.json -- luajit tests/player.lua

for example in quickstart batch workers; do
    check "example $example" sh "$harness/example.sh" "$example" luajit "examples/$example.lua"
done
check "example quickstart, no collector" sh "$harness/unreached.sh" luajit examples/quickstart.lua

for way in return os.exit close "own client" "other state" finalizer fork "fork, own client" _exit "in a block"; do
    check "end: $way" python3 "$harness/ledger.py" --expect 200 -- luajit tests/ends.lua "$way"
done
check "end: error" python3 "$harness/ledger.py" --expect 200 --status 1 -- luajit tests/ends.lua error

# nginx with Lua comes with OpenResty's fork of LuaJIT, which Debian does not install beside luajit: unpacked, once.
nginx=$(PATH=$PATH:/usr/sbin command -v nginx || true)
unpacked=$target/languages/nginx-lua
unpack() {
    [ ! -e "$unpacked/done" ] || return 0
    command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || return 1
    mkdir -p "$unpacked" "$MONA_SCRATCH/packages"
    (cd "$MONA_SCRATCH/packages" && timeout 120 apt-get download libnginx-mod-http-lua libnginx-mod-http-ndk \
        libluajit2-5.1-2 lua-resty-core lua-resty-lrucache) >/dev/null 2>&1 || return 1
    for package in "$MONA_SCRATCH"/packages/*.deb; do
        dpkg-deb -x "$package" "$unpacked" || return 1
    done
    touch "$unpacked/done"
}
if [ -n "$nginx" ] && unpack; then
    check "200 requests of nginx" sh "$harness/example.sh" "$here/tests/nginx.json" \
        sh tests/nginx.sh "$nginx" "$unpacked"
else
    skip "200 requests of nginx" "nginx is not found, or Debian's packages of its Lua"
fi

# Builds the rock, and runs the quick start with what was installed.
rock() {
    # luarocks keeps caches in the home folder.
    HOME=$MONA_SCRATCH luarocks lint ./*.rockspec || return 1
    mkdir -p "$MONA_SCRATCH/rock"
    (cd "$MONA_SCRATCH/rock" && cp -r "$here/src" "$here"/*.rockspec . &&
        HOME=$MONA_SCRATCH luarocks --lua-version 5.1 make --tree "$MONA_SCRATCH/tree" ./*.rockspec) \
        >"$MONA_SCRATCH/rock.log" 2>&1 || { cat "$MONA_SCRATCH/rock.log"; return 1; }
    LUA_PATH="$MONA_SCRATCH/tree/share/lua/5.1/?.lua;;" \
        sh "$harness/example.sh" quickstart luajit "$here/examples/quickstart.lua"
}
if command -v luarocks >/dev/null 2>&1; then
    check "rock" rock
else
    skip "rock" "luarocks is not found"
fi

finish
