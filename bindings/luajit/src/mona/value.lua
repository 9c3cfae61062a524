-- The values that plain Lua tables cannot say: null, arrays, ordered objects, whole and floating numbers, JSON as text.
-- SPDX-License-Identifier: Apache-2.0 OR MIT

local ffi = require "ffi"

local value = {}

local Null, Array, Object, Json = {}, {}, {}, {}
value.Array, value.Object, value.Json = Array, Object, Json
--- The metatables of tables that are not plain ones.
value.special = { [Null] = true, [Array] = true, [Object] = true, [Json] = true }

Null.__tostring = function() return "null" end

--- JSON's null. cjson.null, ngx.null and ffi's NULL mean the same.
value.null = setmetatable({}, Null)

local types = { int64 = ffi.typeof "int64_t", uint64 = ffi.typeof "uint64_t", double = ffi.typeof "double" }
local pointer = ffi.typeof "void *"

--- A table as a JSON array, also when it is empty or has holes, which become null.
-- @param n  how many; nil: as many as it has when it is sent
function value.array(items, n)
  if type(items) ~= "table" then error("array: a table is expected, got " .. type(items), 2) end
  if n ~= nil and not (type(n) == "number" and n >= 0 and n < math.huge) then
    error("array: a number of items is expected, got " .. tostring(n), 2)
  end
  return setmetatable({ items = items, n = n }, Array)
end

--- An object whose fields keep their order: object("a", 1, "b", 2).
function value.object(...)
  local n = select("#", ...)
  if n % 2 ~= 0 then error("object: names and values in turn are expected", 2) end
  for place = 1, n, 2 do
    if (select(place, ...)) == nil then error(("object: name %d is nil"):format((place + 1) / 2), 2) end
  end
  return setmetatable({ n = n / 2, ... }, Object)
end

--- One JSON value as text, sent as it is.
function value.json(text)
  if type(text) ~= "string" then error("json: a text is expected, got " .. type(text), 2) end
  return setmetatable({ text = text }, Json)
end

--- A number that stays a floating-point one: 1 becomes 1.0.
function value.f64(number) return types.double(number) end

--- Whether a value stands for null; of_cdata() knows those that are cdata.
function value.is_null(given)
  if rawequal(given, value.null) then return true end
  local kind = type(given)
  -- A light userdata of address 0.
  if kind == "userdata" then return tostring(given) == "userdata: NULL" end
  return false
end

-- The names of the kinds of number that cdata can be.
local WHOLE = { "int8_t", "int16_t", "int32_t", "uint8_t", "uint16_t", "uint32_t" }
for place, name in ipairs(WHOLE) do WHOLE[place] = ffi.typeof(name) end
local single, boolean = ffi.typeof "float", ffi.typeof "bool"

--- What a cdata is: "i64", "u64", "f64", "bool", and the value as the C type takes it; "null": a NULL pointer to
-- whatever; nil: nothing that can be sent.
function value.of_cdata(given)
  if ffi.istype(types.int64, given) then return "i64", given end
  if ffi.istype(types.uint64, given) then return "u64", given end
  if ffi.istype(types.double, given) or ffi.istype(single, given) then return "f64", tonumber(given) end
  if ffi.istype(boolean, given) then return "bool", tonumber(given) ~= 0 end
  for _, type in ipairs(WHOLE) do
    if ffi.istype(type, given) then return "i64", tonumber(given) end
  end
  -- Cast, for the type behind a pointer may have an __eq of its own.
  if tostring(ffi.typeof(given)):find("*", 1, true) and ffi.cast(pointer, given) == nil then return "null" end
  return nil
end

--- How many items a plain table has as an array; nil: it is an object, as the empty table is.
function value.items(given)
  local n = #given
  if n == 0 then return nil end
  local count = 0
  for key in next, given do
    if type(key) ~= "number" then return nil end
    count = count + 1
  end
  if count ~= n then return nil end
  for place = 1, n do
    if rawequal(given[place], nil) then return nil end
  end
  return n
end

--- A value as text, by its metatable where that does not fail.
function value.text(given)
  local good, text = pcall(tostring, given)
  return good and text or type(given)
end

--- A key as JSON has it, or nil where it cannot be one.
function value.key(given)
  local kind = type(given)
  if kind == "string" then return given end
  if kind == "number" then
    if given == math.floor(given) and math.abs(given) < 1e15 then return ("%d"):format(given) end
    return tostring(given)
  end
  if kind == "boolean" or rawequal(given, value.null) then return tostring(given) end
  if kind == "cdata" then
    local what, plain = value.of_cdata(given)
    if what == "f64" then return value.key(plain) end
    -- 5LL and 5ULL in Lua's own spelling.
    return what and what ~= "null" and (tostring(plain):gsub("U?LL$", "")) or nil
  end
  return nil
end

local EXPECTED = "null, a boolean, a number, a text or a table is expected"

--- What is wrong with a value that cannot be sent.
function value.expected(given)
  local what = type(given)
  if what == "cdata" then what = tostring(ffi.typeof(given)) end
  return what .. ", " .. EXPECTED
end

--- The sentence about it.
function value.refusal(path, given) return ('field "%s": %s'):format(path, value.expected(given)) end

return value
