-- Contexts as handles: each is a run of its own, or a step of one, whatever the coroutine is in.
-- SPDX-License-Identifier: Apache-2.0 OR MIT

local ffi = require "ffi"
local field = require "mona.field"
local library = require "mona.library"
local value = require "mona.value"

local lib, failed, refused = library.lib, library.failed, library.refused
local OK = library.interface.status.OK
local type, getmetatable = type, getmetatable
local NOW = 0

-- As mona_lua_stack in stack.lua: emptied when it is freed.
ffi.cdef "typedef struct mona_lua_context { mona_context *at; } mona_lua_context;"
local Held = ffi.metatype("mona_lua_context", {
  __gc = function(held)
    lib.mona_context_free(held.at)
    held.at = nil
  end,
})

local place = ffi.typeof "mona_context *[1]"
local special = value.special

--- @class mona.Run
local Run = {}
Run.__index = Run

-- A name or an id: text and its length; what is missing has none.
local function text_of(given, kept)
  if given == nil or given == value.null then return nil, 0 end
  local text = value.text(given)
  kept[#kept + 1] = text
  return text, #text
end

-- The client is kept as long as its runs: collected, it would be closed.
local function made(status, to, client)
  if status ~= OK then return failed(status) end
  return setmetatable({ held = Held(to[0]), client = client }, Run)
end

-- A timestamp as a double, or nil where it is none.
local function seconds(given)
  if given == nil then return NOW end
  return type(given) == "number" and given or nil
end

--- Opens a main context.
-- @param options  id, timestamp
function Run.new(client, arc_class, options)
  options = options or {}
  local timestamp = seconds(options.timestamp)
  if not timestamp then return refused "timestamp: seconds since the Unix epoch are expected" end
  local kept, to = field.keep(), place()
  local name, name_len = text_of(arc_class, kept)
  local id, id_len = text_of(options.id, kept)
  local status = lib.mona_context_new(client.held.at, name, name_len, id, id_len, timestamp, to)
  field.drop(kept)
  return made(status, to, client)
end

--- Opens a sub-context, a step of this run.
-- @param options  id
-- @return the step; nil, a sentence and a status
function Run:sub(arc_class, options)
  local kept, to = field.keep(), place()
  local name, name_len = text_of(arc_class, kept)
  local id, id_len = text_of(options and options.id, kept)
  local status = lib.mona_context_new_sub(self.held.at, name, name_len, id, id_len, to)
  field.drop(kept)
  return made(status, to, self.client)
end

--- The full id; "" while disabled.
function Run:id()
  return (library.read(function(buffer, capacity, length)
    return lib.mona_context_id(self.held.at, buffer, capacity, length)
  end))
end

-- Messages that need a closer look; as in stack.lua.
local function export_any(run, message, timestamp)
  if getmetatable(run) ~= Run then error("export: run:export { ... } is expected, with a colon", 3) end
  local kept = field.keep()
  local status, sentence, name, fields, n
  if getmetatable(message) == value.Json then
    status = lib.mona_context_export(run.held.at, message.text, #message.text, timestamp)
  else
    kept[1] = message
    fields, n, sentence, name = field.walk(message, kept)
    status = lib.mona_context_export_fields(run.held.at, fields, n, timestamp)
  end
  field.drop(kept)
  if status == OK then return true end
  if sentence then
    library.has_failed()
    return nil, sentence, name
  end
  return failed(status)
end

--- Sends one event.
-- @param message    a table of fields
-- @param timestamp  seconds since the Unix epoch; nil: now
-- @return true: accepted, or skipped on purpose; nil, a sentence that names the field, and a status: refused
function Run:export(message, timestamp)
  timestamp = seconds(timestamp)
  if not timestamp then return refused "timestamp: seconds since the Unix epoch are expected" end
  local meta = getmetatable(message)
  if type(message) == "table" and (meta == nil or not special[meta]) then
    local fields = field.borrow()
    local n, kept = field.fill(fields, message)
    if n then
      local status = lib.mona_context_export_fields(self.held.at, fields, n, timestamp)
      -- As in stack.lua: read behind the call.
      if not message then return true end
      field.give_back(fields)
      if kept then field.drop(kept) end
      if status == OK then return true end
      return failed(status)
    end
    field.give_back(fields)
  end
  return export_any(self, message, timestamp)
end

return Run
