-- Clients: where events go, with a queue and a sender thread of their own.
-- SPDX-License-Identifier: Apache-2.0 OR MIT

local ffi = require "ffi"
local batch = require "mona.batch"
local json = require "mona.json"
local library = require "mona.library"
local Run = require "mona.run"

local lib, failed, refused = library.lib, library.failed, library.refused
local interface = library.interface
local status_of = interface.status
local OK = status_of.OK

-- The longest wait of close() and flush() where none is given.
local PATIENCE_MS = 5000

-- As mona_lua_stack in stack.lua. Freed at the latest when the Lua state is closed: then an open client has a second to
-- deliver what is queued. The default client is borrowed and stays.
ffi.cdef "typedef struct mona_lua_client { mona_client *at; int borrowed; } mona_lua_client;"
local Held = ffi.metatype("mona_lua_client", {
  __gc = function(held)
    if held.borrowed == 0 then lib.mona_client_free(held.at) end
    held.at = nil
  end,
})

--- @class mona.Client
local Client = {}
Client.__index = Client

local function wrap(at, borrowed) return setmetatable({ held = Held(at, borrowed and 1 or 0) }, Client) end

local place = ffi.typeof "mona_client *[1]"
local flag = ffi.typeof "int32_t[1]"
local stats_of = ffi.typeof "mona_stats"

-- An option's value as the text that mona_options_set takes; nil: it cannot be one.
local function option_text(given)
  local kind = type(given)
  if kind == "string" then return given end
  if kind == "boolean" then return tostring(given) end
  if kind == "number" then
    if given == math.floor(given) and math.abs(given) < 1e15 then return ("%d"):format(given) end
    return tostring(given)
  end
  if kind == "table" then return (json.encode(given, "option")) end
  return nil
end

-- Options as the library has them; nil, a sentence and a status.
local function options_of(given)
  local options = ffi.gc(lib.mona_options_new(), lib.mona_options_free)
  for name, set in pairs(given or {}) do
    local text = option_text(set)
    if type(name) ~= "string" or not text then
      return refused(('option "%s": %s, a text, a number or a boolean is expected'):format(tostring(name), type(set)))
    end
    local status = lib.mona_options_set(options, name, #name, text, #text)
    if status ~= OK then return failed(status) end
  end
  return options
end

--- Makes a client. OPTIONS.md has the options; what is not given comes from the environment and the config file.
-- @return the client; nil, a sentence and a status
function Client.new(given)
  if given ~= nil and type(given) ~= "table" then return refused "options: a table is expected" end
  local options, sentence, name = options_of(given)
  if not options then return nil, sentence, name end
  local to = place()
  local status = lib.mona_client_new(options, to)
  if status ~= OK then return failed(status) end
  return wrap(to[0])
end

local default

--- The default client, made from the environment where there is none yet; nil, a sentence and a status.
function Client.default()
  if default then return default end
  local at = lib.mona_client_default()
  if at == nil then return failed(status_of.ARGUMENT) end
  default = wrap(at, true)
  return default
end

--- Makes this client the default one. The first one stays.
function Client:set_default()
  local status = lib.mona_client_set_default(self.held.at)
  if status ~= OK then return failed(status) end
  -- It stays in the process, also behind this Lua state: others may ask for it, and the library flushes it at the end.
  self.held.borrowed = 1
  default = self
  return true
end

--- Opens a context as a handle, a run of its own.
-- @param arc_class  the name shared by runs of the same algorithm, or nil
-- @param options    id, timestamp
function Client:open(arc_class, options) return Run.new(self, arc_class, options) end

local function done(status)
  if status ~= OK then return failed(status) end
  return true
end

local function patience(given)
  local milliseconds = library.milliseconds(given, PATIENCE_MS)
  if milliseconds then return milliseconds end
  return nil, "timeout: milliseconds from 0 to 4294967295 are expected"
end

--- Waits until everything accepted before is delivered or spooled. The whole operating-system thread waits.
-- @param timeout  milliseconds, 5000 where none are given
function Client:flush(timeout)
  local milliseconds, sentence = patience(timeout)
  if not milliseconds then return refused(sentence) end
  return done(lib.mona_client_flush(self.held.at, milliseconds))
end

--- Flushes, then stops the client for good.
function Client:close(timeout)
  local milliseconds, sentence = patience(timeout)
  if not milliseconds then return refused(sentence) end
  return done(lib.mona_client_close(self.held.at, milliseconds))
end

--- Sets the fields that are sent once after each new main context; nil: none.
function Client:set_globals(fields)
  if fields == nil then return done(lib.mona_client_set_globals(self.held.at, nil, 0)) end
  local text, sentence, name = json.encode(fields, "globals")
  if not text then return nil, sentence, name end
  return done(lib.mona_client_set_globals(self.held.at, text, #text))
end

--- Switches the client off, or on again.
function Client:set_disabled(disabled) return done(lib.mona_client_set_disabled(self.held.at, disabled and 1 or 0)) end

--- Whether calls do nothing at the moment, whoever asked for that.
function Client:is_disabled()
  local disabled = flag()
  local status = lib.mona_client_is_disabled(self.held.at, disabled)
  if status ~= OK then return failed(status) end
  return disabled[0] ~= 0
end

--- Sends a list of events {message=, arc_class=, context_id=, export_timestamp=}, each in a context of its own.
-- @return the number accepted; where some were refused a sentence and a status behind it
function Client:export_batch(events)
  return batch.send(events, function(text, length, accepted)
    return lib.mona_client_export_batch(self.held.at, text, length, accepted)
  end)
end

--- The counters, by their names, as numbers.
function Client:stats()
  local stats = stats_of()
  stats.size = ffi.sizeof(stats)
  local status = lib.mona_client_stats(self.held.at, stats)
  if status ~= OK then return failed(status) end
  local counters = {}
  for _, name in ipairs(interface.counters) do counters[name] = tonumber(stats[name]) end
  return counters
end

--- Every option, its value and where it came from.
function Client:describe()
  local text, status = library.read(function(buffer, capacity, length)
    return lib.mona_client_describe(self.held.at, buffer, capacity, length)
  end)
  if status ~= OK then return failed(status) end
  return json.decode(text)
end

--- Tries the way to the collector without sending events.
-- @return the steps, and whether all went well
function Client:check(timeout)
  local milliseconds, sentence = patience(timeout)
  if not milliseconds then return refused(sentence) end
  local text, status = library.read(function(buffer, capacity, length)
    return lib.mona_client_check(self.held.at, milliseconds, buffer, capacity, length)
  end)
  if text == "" then return failed(status) end
  return json.decode(text), status == OK
end

--- The oldest delivered record of a client whose endpoint is memory:, as JSON; nil: none is waiting.
function Client:take_json()
  local text, status = library.read(function(buffer, capacity, length)
    return lib.mona_client_take(self.held.at, buffer, capacity, length)
  end)
  if status == OK then return text end
  return nil
end

--- The same as a table.
function Client:take()
  local text = self:take_json()
  return text and json.decode(text)
end

return Client
