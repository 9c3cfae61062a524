-- Values as JSON text for what is nested, and JSON text as values for what the library answers.
-- SPDX-License-Identifier: Apache-2.0 OR MIT

local ffi = require "ffi"
local value = require "mona.value"

local json = {}

-- LuaJIT's stack has room for some 5000 calls of put(); the largest max_depth that makes sense is below. Cycles end
-- here.
local MAX_DEPTH = 2000
-- Doubles hold every whole number up to 2^53.
local EXACT = 9007199254740992

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
for code = 0, 31 do
  local char = string.char(code)
  ESCAPES[char] = ESCAPES[char] or ("\\u%04x"):format(code)
end

-- Buffers of LuaJIT's own where it has them: builds before 2021 have tables instead.
local has_buffers, buffers = pcall(require, "string.buffer")
local Pieces = {}
Pieces.__index = Pieces
Pieces.__tostring = table.concat

function Pieces:put(...)
  local n = #self
  for place = 1, select("#", ...) do self[n + place] = select(place, ...) end
end

-- A larger buffer is not kept: no message of every day needs it.
local KEPT_BYTES = 65536

-- The buffer of the last value; a finalizer that encodes in the middle of another value finds none.
local spare

local function new_buffer()
  local buffer = spare
  spare = nil
  if buffer then return buffer:reset() end
  return has_buffers and buffers.new() or setmetatable({}, Pieces)
end

-- Up to this many bytes a compiled loop finds what to escape sooner than a pattern, which LuaJIT does not compile.
local SHORT = 48

local function is_plain(text)
  if #text > SHORT then return not text:find '[%c"\\]' end
  for at = 1, #text do
    local code = text:byte(at)
    -- As %c: a DEL goes the longer way and stays as it is.
    if code < 32 or code == 34 or code == 92 or code == 127 then return false end
  end
  return true
end

local function put_text(out, text)
  if not is_plain(text) then text = text:gsub('[%c"\\]', ESCAPES) end
  out:put('"', text, '"')
end

local function floating(number)
  if number ~= number then return "NaN" end
  if number == math.huge then return "Infinity" end
  if number == -math.huge then return "-Infinity" end
  local text = ("%.16g"):format(number)
  if tonumber(text) ~= number then text = ("%.17g"):format(number) end
  if not text:find "[.e]" then text = text .. ".0" end
  return text
end

local function number_text(number)
  if number == math.floor(number) and number >= -EXACT and number <= EXACT then return ("%d"):format(number) end
  return floating(number)
end

-- What cannot be said: a sentence, a status, and the names on the way to it, the innermost first. Put together only
-- then.
local function refusal(what, status) return { what = what, status = status or "JSON", path = {} } end

local function below(refused, step)
  local path = refused.path
  path[#path + 1] = step
  return refused
end

-- As much of a path as a sentence shows.
local SHOWN = 60

local function sentence(refused, path)
  for place = #refused.path, 1, -1 do
    local step = refused.path[place]
    path = type(step) == "number" and ("%s[%d]"):format(path, step) or path .. "." .. step
    if #path > SHOWN then
      path = path:sub(1, SHOWN) .. "…"
      break
    end
  end
  return ('field "%s": %s'):format(path, refused.what)
end

local put

local function put_object(out, depth, next_field, state)
  local comma = "{"
  for given, inner in next_field, state do
    local key = value.key(given)
    if not key then
      return refusal(("a name that is a %s, a text, a number or a boolean is expected"):format(type(given)))
    end
    out:put(comma)
    put_text(out, key)
    out:put ":"
    comma = ","
    local refused = put(out, inner, depth)
    if refused then return below(refused, key) end
  end
  out:put(comma == "{" and "{}" or "}")
end

local function put_array(out, items, n, depth)
  out:put "["
  for place = 1, n do
    if place > 1 then out:put "," end
    local inner = items[place]
    if rawequal(inner, nil) then inner = value.null end
    local refused = put(out, inner, depth)
    if refused then return below(refused, place) end
  end
  out:put "]"
end

--- The fields of an ordered object, in their order.
function json.in_order(object)
  local place = -1
  return function()
    place = place + 2
    if place <= 2 * object.n then
      local inner = object[place + 1]
      if rawequal(inner, nil) then inner = value.null end
      return object[place], inner
    end
  end
end

-- How many texts were taken as they are.
local taken = 0

local function put_table(out, given, depth)
  if depth >= MAX_DEPTH then
    return refusal(("more than %d levels, fewer are expected"):format(MAX_DEPTH), "LIMIT")
  end
  local kind = getmetatable(given)
  if kind == value.Json then
    taken = taken + 1
    out:put(given.text)
  elseif kind == value.Array then
    return put_array(out, given.items, given.n or #given.items, depth + 1)
  elseif kind == value.Object then
    return put_object(out, depth + 1, json.in_order(given))
  else
    local n = value.items(given)
    if n then return put_array(out, given, n, depth + 1) end
    return put_object(out, depth + 1, next, given)
  end
end

local function put_cdata(out, given)
  local what, plain = value.of_cdata(given)
  if not what then return refusal(value.expected(given)) end
  if what == "f64" then
    out:put(floating(plain))
  elseif what == "null" then
    out:put "null"
  else
    -- 5LL and 5ULL in Lua's own spelling.
    out:put((tostring(plain):gsub("U?LL$", "")))
  end
end

function put(out, given, depth)
  local kind = type(given)
  if kind == "string" then
    put_text(out, given)
  elseif kind == "number" then
    out:put(number_text(given))
  elseif kind == "boolean" then
    out:put(given and "true" or "false")
  elseif value.is_null(given) then
    out:put "null"
  elseif kind == "table" then
    return put_table(out, given, depth)
  elseif kind == "cdata" then
    return put_cdata(out, given)
  else
    return refusal(value.expected(given))
  end
end

--- A value as JSON text, and true behind it where a mona.json is in it, whose text nobody has looked at; or nil, the
-- sentence about the part of it that cannot be said, and a status.
-- @param path  how the sentence calls the value
function json.encode(given, path)
  local out, before = new_buffer(), taken
  local refused = put(out, given, 1)
  if refused then return nil, sentence(refused, path or "value"), refused.status end
  local text = tostring(out)
  if has_buffers and #text <= KEPT_BYTES then spare = out end
  if taken ~= before then return text, true end
  return text
end

--- Whether a text is UTF-8.
function json.is_utf8(text)
  local at = text:find "[\128-\255]"
  while at and at <= #text do
    local first, second = text:byte(at, at + 1)
    if first < 0x80 then
      at = at + 1
    else
      -- What may follow the first byte, and how many bytes follow the second.
      local low, high, more = 0x80, 0xBF, 0
      if first >= 0xE0 then more = first < 0xF0 and 1 or 2 end
      if first == 0xE0 then low = 0xA0 elseif first == 0xED then high = 0x9F end
      if first == 0xF0 then low = 0x90 elseif first == 0xF4 then high = 0x8F end
      if first < 0xC2 or first > 0xF4 or not second or second < low or second > high then return false end
      for place = at + 2, at + 1 + more do
        local code = text:byte(place)
        if not code or code < 0x80 or code > 0xBF then return false end
      end
      at = at + 2 + more
    end
  end
  return true
end

-- Reading. The texts are those of the library: they are taken to be well formed.

local read
local UNESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function utf8(code)
  local char, floor = string.char, math.floor
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xC0 + floor(code / 64), 0x80 + code % 64) end
  if code < 0x10000 then
    return char(0xE0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
  end
  local second, third = floor(code / 4096) % 64, floor(code / 64) % 64
  return char(0xF0 + floor(code / 262144), 0x80 + second, 0x80 + third, 0x80 + code % 64)
end

local function read_text(text, at)
  local out = {}
  while true do
    local stop = text:find('["\\]', at)
    out[#out + 1] = text:sub(at, stop - 1)
    if text:byte(stop) == 34 then return table.concat(out), stop + 1 end
    local escape = text:sub(stop + 1, stop + 1)
    at = stop + 2
    if escape == "u" then
      local code = tonumber(text:sub(at, at + 3), 16)
      at = at + 4
      local low = text:match("^\\u([dD][c-fC-F]%x%x)", at)
      if code >= 0xD800 and code < 0xDC00 and low then
        code = 0x10000 + (code - 0xD800) * 1024 + tonumber(low, 16) - 0xDC00
        at = at + 6
      end
      out[#out + 1] = utf8(code)
    else
      out[#out + 1] = UNESCAPES[escape] or escape
    end
  end
end

-- A whole number that a double cannot hold is a cdata, as LuaJIT's own literals are.
local function read_number(text, at)
  local digits, stop = text:match("^(-?%d+)()", at)
  local whole, behind = text:match("^(-?[%d.eE+-]+)()", at)
  if behind == stop and #digits > 15 and math.abs(tonumber(digits)) >= EXACT then
    local negative, number = digits:sub(1, 1) == "-", 0ULL
    for digit in digits:gmatch "%d" do number = number * 10 + tonumber(digit) end
    return negative and ffi.cast("int64_t", 0ULL - number) or number, stop
  end
  return tonumber(whole), behind
end

local function read_array(text, at)
  local items = {}
  at = text:match("^%s*()", at)
  if text:byte(at) == 93 then return items, at + 1 end
  while true do
    items[#items + 1], at = read(text, at)
    local sign, behind = text:match("^%s*([,%]])()", at)
    at = behind
    if sign == "]" then return items, at end
  end
end

local function read_object(text, at)
  local fields = {}
  at = text:match("^%s*()", at)
  if text:byte(at) == 125 then return fields, at + 1 end
  while true do
    local key
    key, at = read_text(text, text:match('^%s*"()', at))
    fields[key], at = read(text, text:match("^%s*:()", at))
    local sign, behind = text:match("^%s*([,}])()", at)
    at = behind
    if sign == "}" then return fields, at end
  end
end

local WORDS = { ["t"] = { true, 4 }, ["f"] = { false, 5 }, ["n"] = { value.null, 4 } }

function read(text, at)
  at = text:match("^%s*()", at)
  local first = text:sub(at, at)
  if first == "{" then return read_object(text, at + 1) end
  if first == "[" then return read_array(text, at + 1) end
  if first == '"' then return read_text(text, at + 1) end
  local word = WORDS[first]
  if word then return word[1], at + word[2] end
  return read_number(text, at)
end

--- The value of a JSON text that the library gave.
function json.decode(text)
  return (read(text, 1))
end

return json
