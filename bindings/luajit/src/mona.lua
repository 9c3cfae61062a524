-- libmona for LuaJIT: contexts that travel with coroutines, and exports that do not wait for the network.
--
--   local mona = require "mona"
--   mona.context("ranker", function(run)
--     run:export { score = 0.9 }
--   end)
--
-- What cannot be done answers nil, a sentence and a status; only wrong use of a block raises an error.
-- SPDX-License-Identifier: Apache-2.0 OR MIT

local ffi = require "ffi"
local Client = require "mona.client"
local Stack = require "mona.stack"
local json = require "mona.json"
local library = require "mona.library"
local log = require "mona.log"
local spool = require "mona.spool"
local value = require "mona.value"

local running = coroutine.running

local mona = {
  null = value.null,
  array = value.array,
  object = value.object,
  json = value.json,
  f64 = value.f64,
  decode = json.decode,
  client = Client.new,
  default = Client.default,
  stack = Stack.empty,
  spool = spool,
  log_take = log.take,
  on_log = log.on,
  set_log_level = log.set_level,
  status = library.interface.status,
  options = library.interface.options,
}

--- The version of the library that is loaded.
function mona.version() return ffi.string(library.lib.mona_version()) end

--- The sentence about a status, by name or number.
function mona.status_text(status)
  local number = mona.status[status] or tonumber(status) or -1
  return library.interface.texts[number] or ffi.string(library.lib.mona_status_text(number))
end

-- The stack of each coroutine. Weak: one that is dropped in the middle of a block takes its stack along.
local current = setmetatable({}, { __mode = "k" })
-- Stands for the main coroutine, for which running() answers nil without Lua 5.2 compatibility.
local MAIN = {}

local function here() return running() or MAIN end

--- The stack of the running coroutine; mona.stack, the empty one, where no context is open.
function mona.current() return current[here()] or Stack.empty end

--- Goes on in a stack: what a move gave becomes the running coroutine's context.
function mona.go_on(stack)
  if getmetatable(stack) ~= Stack then error("go_on: a stack is expected, got " .. type(stack), 2) end
  current[here()] = stack ~= Stack.empty and stack or nil
end

-- Ends a block, however its function ended; an error goes on as it was.
local function finish(before, from, scope, good, ...)
  local left = mona.current():leave(scope)
  -- Begun from the stack of another coroutine, or while disabled: the running one's own comes back.
  mona.go_on((from ~= before or left:is_empty() and before:is_empty()) and before or left)
  log.poll()
  if not good then error((...), 0) end
  return ...
end

local function block(name, from, enter, arc_class, options, fn)
  if type(options) == "function" then
    options, fn = nil, options
  end
  if type(fn) ~= "function" then error(name .. ": a function is expected, got " .. type(fn), 3) end
  if options ~= nil and type(options) ~= "table" then
    error(name .. ": options are a table, got " .. type(options), 3)
  end
  local before = mona.current()
  from = from or before
  local to, scope = enter(from, arc_class, options)
  mona.go_on(to)
  return finish(before, from, scope, pcall(fn, to))
end

--- Runs fn(run) in a context. Inside an open one it joins: class and id are ignored, and its end closes nothing.
-- @param arc_class  the name shared by runs of the same algorithm, or nil
-- @param options    may be left out: id, to go on with a run that began elsewhere; timestamp; client
-- @return what fn returns; its errors go on
function mona.context(arc_class, options, fn) return block("context", nil, Stack.enter, arc_class, options, fn) end

--- Runs fn(step) in a sub-context of the open context.
-- @param options  may be left out: id
function mona.sub(arc_class, options, fn) return block("sub", nil, Stack.enter_sub, arc_class, options, fn) end

--- The same from this stack: run:sub("filter", function(step) ... end).
function Stack:sub(arc_class, options, fn) return block("sub", self, Stack.enter_sub, arc_class, options, fn) end

--- mona.context with this client.
function Client:context(arc_class, options, fn)
  if type(options) == "function" then
    options, fn = nil, options
  end
  local given = options
  if options == nil or type(options) == "table" then
    given = {}
    for name, option in pairs(options or {}) do given[name] = option end
    given.client = self
  end
  return block("context", nil, Stack.enter, arc_class, given, fn)
end

--- A function that runs fn in the context of here and now, wherever it is called: for coroutines that are to inherit.
function mona.carry(fn)
  if type(fn) ~= "function" then error("carry: a function is expected, got " .. type(fn), 2) end
  local carried = mona.current()
  local function back(before, good, ...)
    mona.go_on(before)
    if not good then error((...), 0) end
    return ...
  end
  return function(...)
    local before = mona.current()
    mona.go_on(carried)
    return back(before, pcall(fn, ...))
  end
end

--- Sends one event from the running coroutine's context.
-- @return true: accepted; false: skipped on purpose; nil, a sentence that names the field, and a status: refused
function mona.export(message, timestamp)
  return (current[running() or MAIN] or Stack.empty):export(message, timestamp)
end

--- The full id of the open context; "": none is open.
function mona.context_id() return mona.current():id() end

--- Makes the default client, once, at the beginning of a program.
-- @return the client; nil, a sentence and a status, EXISTS where there is one already
function mona.init(options)
  local client, sentence, status = Client.new(options)
  if not client then return nil, sentence, status end
  local good
  good, sentence, status = client:set_default()
  if good then return client end
  return nil, sentence, status
end

-- The calls of the default client.
for _, name in ipairs {
  "check", "close", "describe", "export_batch", "flush", "is_disabled", "open", "set_disabled", "set_globals", "stats",
  "take", "take_json",
} do
  mona[name] = function(...)
    local client, sentence, status = Client.default()
    if not client then return nil, sentence, status end
    return client[name](client, ...)
  end
end

return mona
