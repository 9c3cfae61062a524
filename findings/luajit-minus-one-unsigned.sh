#!/bin/sh
# LuaJIT 2.1.0-beta3 (Debian 12, x86-64), the number -1 where an unsigned 64-bit integer is wanted.
#
# C's usual way to say "all bits" gives 2^63 while a line is interpreted, and 2^64-1 once the same line is compiled, so one
# run sees both values. bit.band(1ULL, -1) is 0 first and 1 later for that reason: a mask of all bits finds no bit. There is no
# error. The manual says of this conversion only that it truncates a double; in a thread (LuaJIT issue 837) the author calls it
# undefined for negative numbers. -1LL, a signed 64-bit integer, is right each time.
#
# Needs this LuaJIT on the machine; is skipped without. Makes a temporary folder. Prints what it saw; fails when that changes.
set -eu

found=$(luajit -v 2>/dev/null | cut -d ' ' -f 1,2) || found=
[ "$found $(uname -m)" = "LuaJIT 2.1.0-beta3 x86_64" ] ||
    { echo "skipped: needs LuaJIT 2.1.0-beta3 on x86_64, found: ${found:-none}" && exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >finding.lua <<'LUA'
local ffi = require("ffi")
local bit = require("bit")
local field = ffi.new("struct { uint64_t bits; }")

local function stored(value)
  field.bits = value
  return field.bits
end

-- see prints the values that 1000 calls gave, in the order of their first time.
local function see(name, call)
  local order, known = {}, {}
  for _ = 1, 1000 do
    local value = tostring(call())
    if not known[value] then
      known[value] = true
      order[#order + 1] = value
    end
  end
  print(name .. ": " .. table.concat(order, ", then "))
end

see("field, -1", function() return stored(-1) end)
see("field, -1LL", function() return stored(-1LL) end)
see("band(1ULL, -1)", function() return bit.band(1ULL, -1) end)
see("band(1ULL, -1LL)", function() return bit.band(1ULL, -1LL) end)
LUA
for mode in on off; do
    echo "compiler $mode"
    luajit "-j$mode" finding.lua
done >seen
cat seen
cat >expected <<'SEEN'
compiler on
field, -1: 9223372036854775808ULL, then 18446744073709551615ULL
field, -1LL: 18446744073709551615ULL
band(1ULL, -1): 0ULL, then 1ULL
band(1ULL, -1LL): 1ULL
compiler off
field, -1: 9223372036854775808ULL
field, -1LL: 18446744073709551615ULL
band(1ULL, -1): 0ULL
band(1ULL, -1LL): 1ULL
SEEN
diff expected seen
