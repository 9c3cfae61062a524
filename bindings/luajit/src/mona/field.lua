-- Lua values as mona_field: the walk of a message, and the class or timestamp of a move.
-- SPDX-License-Identifier: Apache-2.0 OR MIT

local ffi = require "ffi"
local interface = require "mona.interface"
local json = require "mona.json"
local value = require "mona.value"

local field = {}

local kinds = interface.kind
local NULL, BOOL, I64, U64, F64, STR, JSON =
  kinds.NULL, kinds.BOOL, kinds.I64, kinds.U64, kinds.F64, kinds.STR, kinds.JSON

local list = ffi.typeof "mona_field[?]"
local floor, type, next, getmetatable = math.floor, type, next, getmetatable

-- Doubles hold every whole number up to 2^53; a larger one was never known to the last digit.
local EXACT = 9007199254740992
-- More fields than events have; larger messages get a list of their own.
local CAPACITY = 64

-- The list that is filled. A finalizer that exports in the middle of a walk finds none and makes its own.
local spare

--- A list for CAPACITY fields, to be given back.
function field.borrow()
  local fields = spare or list(CAPACITY)
  spare = nil
  return fields
end

--- Gives a list back that holds nothing any more.
function field.give_back(fields) spare = fields end

-- Texts made on the way to a call, of which only C's pointers know: one table for each call that is under way. A local
-- would not do, a trace forgets those that nothing reads any more.
local under_way = {}

--- A table for the texts of a call, which live until drop().
function field.keep()
  local kept = {}
  under_way[kept] = true
  return kept
end

--- Lets go of the texts of a call, which has returned.
function field.drop(kept) under_way[kept] = nil end

-- Fills in a value that needs a closer look: true, or nil, the sentence why not, and the status.
local function put_other(one, given, path, kept)
  if value.is_null(given) then
    one.kind = NULL
    return true
  end
  local kind = type(given)
  if kind == "cdata" then
    local what, plain = value.of_cdata(given)
    if what == "i64" then
      one.kind, one.value.i64 = I64, plain
    elseif what == "u64" then
      one.kind, one.value.u64 = U64, plain
    elseif what == "f64" then
      one.kind, one.value.f64 = F64, plain
    elseif what == "bool" then
      one.kind, one.value.boolean = BOOL, plain and 1 or 0
    elseif what == "null" then
      one.kind = NULL
    else
      return nil, value.refusal(path, given), "JSON"
    end
    return true
  end
  local text, refused, status = json.encode(given, path)
  if not text then return nil, refused, status end
  kept[#kept + 1] = text
  one.kind, one.value.text.ptr, one.value.text.len = JSON, text, #text
  return true
end

-- Fills in any value, the frequent ones first.
local function put(one, given, path, kept)
  one.reserved = 0
  local kind = type(given)
  if kind == "number" then
    if given == floor(given) and given >= -EXACT and given <= EXACT then
      one.kind, one.value.i64 = I64, given
    else
      one.kind, one.value.f64 = F64, given
    end
  elseif kind == "string" then
    one.kind, one.value.text.ptr, one.value.text.len = STR, given, #given
  elseif kind == "boolean" then
    one.kind, one.value.boolean = BOOL, given and 1 or 0
  else
    return put_other(one, given, path, kept)
  end
  return true
end

-- No JSON value.
local UNSAYABLE = "?"

-- Makes the one field by which the library refuses, counts and logs a message that cannot be sent.
local function refuse(kept, key, sentence, status)
  local fields = list(1)
  kept[#kept + 1] = key
  fields[0].key, fields[0].key_len = key, #key
  fields[0].kind, fields[0].value.text.ptr, fields[0].value.text.len = JSON, UNSAYABLE, #UNSAYABLE
  return fields, 1, sentence, status
end

-- Fields of more than CAPACITY, or with names that are no text, or in an order of their own.
local function walk_slowly(kept, count, next_field, state)
  local fields, n = list(count), 0
  for given, inner in next_field, state do
    local key = value.key(given)
    if not key then
      local sentence = ("a field's name: %s, a text, a number or a boolean is expected"):format(type(given))
      return refuse(kept, "?", sentence, "JSON")
    end
    local good, sentence, status = put(fields[n], inner, key, kept)
    if not good then return refuse(kept, key, sentence, status) end
    if key ~= given then kept[#kept + 1] = key end
    fields[n].key, fields[n].key_len = key, #key
    n = n + 1
  end
  return fields, n
end

local function not_an_object(kept, what)
  return refuse(kept, "", ("the message: %s, a table with names is expected"):format(what), "JSON")
end

--- Fields of any message: the list and their number; for one that cannot be sent the sentence and the status behind a
-- list that makes the library refuse, count and log it.
function field.walk(message, kept)
  if type(message) ~= "table" or rawequal(message, value.null) then return not_an_object(kept, type(message)) end
  local kind = getmetatable(message)
  if kind == value.Object then return walk_slowly(kept, message.n, json.in_order(message)) end
  if kind == value.Array or value.items(message) then return not_an_object(kept, "an array") end
  local count = 0
  for _ in next, message do count = count + 1 end
  return walk_slowly(kept, count, next, message)
end

--- Fills a borrowed list from a plain table: the number of fields, and what drop() is to have behind the call, if
-- anything. Texts live in the table. nil: it has something unusual in it and is for walk().
function field.fill(fields, message)
  local n, kept = 0, nil
  for key, inner in next, message do
    if n == CAPACITY or type(key) ~= "string" then
      if kept then field.drop(kept) end
      return nil
    end
    local one = fields[n]
    one.key, one.key_len, one.reserved = key, #key, 0
    local kind = type(inner)
    if kind == "number" then
      if inner == floor(inner) and inner >= -EXACT and inner <= EXACT then
        one.kind, one.value.i64 = I64, inner
      else
        one.kind, one.value.f64 = F64, inner
      end
    elseif kind == "string" then
      one.kind, one.value.text.ptr, one.value.text.len = STR, inner, #inner
    elseif kind == "boolean" then
      one.kind, one.value.boolean = BOOL, inner and 1 or 0
    else
      kept = kept or field.keep()
      if not put_other(one, inner, key, kept) then
        field.drop(kept)
        return nil
      end
    end
    n = n + 1
  end
  return n, kept
end

--- One field for a class or a timestamp, which may be of any kind. What JSON cannot say goes as its text. nil: nothing
-- is given.
function field.mark(given, kept)
  if given == nil then return nil end
  local one = list(1)
  one[0].key, one[0].key_len = "", 0
  kept[#kept + 1] = given
  if not put(one[0], given, "", kept) then
    local text = value.text(given)
    kept[#kept + 1] = text
    put(one[0], text, "", kept)
  end
  return one
end

--- A timestamp: any number counts, and true is 1, as for the older client.
function field.moment(given, kept)
  if given == true then given = 1 end
  return field.mark(given, kept)
end

return field
