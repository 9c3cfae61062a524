-- The log of the library, taken at calls: never by callback, which a closed Lua state would not survive.
-- SPDX-License-Identifier: Apache-2.0 OR MIT

local ffi = require "ffi"
local library = require "mona.library"

local lib, failed, refused = library.lib, library.failed, library.refused
local OK = library.interface.status.OK

local log = {}

-- As many lines as wait in the library at most.
local LINES = 256

local level_of = ffi.typeof "int32_t[1]"
local level = level_of()

local function take(buffer, capacity, length) return lib.mona_log_take(level, buffer, capacity, length) end

--- Takes the oldest waiting line: its level, a number, and its text; nil: none is waiting.
function log.take()
  local line, status = library.read(take)
  if status ~= OK then return nil end
  return level[0], line
end

local sink

--- Has each line given to fn(level, line) at the next call that looks for them: at the ends of blocks, at refusals, and
-- wherever mona.on_log is called. nil: to nobody any more.
function log.on(fn)
  if fn ~= nil and type(fn) ~= "function" then error("on_log: a function is expected, got " .. type(fn), 2) end
  sink = fn
  log.poll()
end

-- The coroutine that gives lines to the function, which may yield in it and never come back: weak.
local polling = setmetatable({}, { __mode = "v" })
local MAIN = {}

local function is_polling()
  local by = polling.by
  return by ~= nil and (by == MAIN or coroutine.status(by) ~= "dead")
end

--- Gives waiting lines to the function of on_log. An error of that function ends with the line that it got.
function log.poll()
  if not sink or is_polling() then return end
  polling.by = coroutine.running() or MAIN
  for _ = 1, LINES do
    local number, line = log.take()
    if not number then break end
    pcall(sink, number, line)
  end
  polling.by = nil
end

library.has_failed = log.poll

--- Sets the least important line that is logged, from 0, everything, to 50, nothing.
function log.set_level(number)
  if type(number) ~= "number" or number ~= math.floor(number) or math.abs(number) > 2147483647 then
    return refused "level: a whole number from 0 to 50 is expected"
  end
  local status = lib.mona_log_set_level(number)
  if status ~= OK then return failed(status) end
  return true
end

return log
