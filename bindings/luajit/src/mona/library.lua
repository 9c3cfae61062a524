-- Loads libmona and turns its answers into Lua's: texts, and `nil, sentence, status` for what failed.
--
-- Where the library is: the environment variable MONA_LIBRARY, a path, else libmona.so of the interface this package
-- was made for, found as the system finds libraries.
-- SPDX-License-Identifier: Apache-2.0 OR MIT

local ffi = require "ffi"
local interface = require "mona.interface"

local library = { interface = interface }

ffi.cdef(interface.declarations)

local function load()
  local path = os.getenv "MONA_LIBRARY"
  if path and path ~= "" then return ffi.load(path), path end
  if ffi.os == "OSX" then return ffi.load "mona", "libmona.dylib" end
  local name = "libmona.so." .. interface.abi
  return ffi.load(name), name
end

local lib, path = load()
local abi = tonumber(lib.mona_abi_version())
if abi ~= interface.abi then
  error(("%s has binary interface %d, this package is made for %d"):format(path, abi, interface.abi), 0)
end

--- The functions of libmona. The namespace stays alive as long as this table.
library.lib = lib

local names = {}
for name, number in pairs(interface.status) do names[number] = name end
--- The name of each status number, such as "CLOSED".
library.names = names

local length = ffi.typeof "size_t[1]"
local bytes = ffi.typeof "char[?]"
-- Most texts are shorter: ids, sentences, records. A longer one is asked for again.
local FIRST = 4096

--- Reads a text that a call writes into a buffer: call(buffer, capacity, length) gives a status.
-- @return the text, or nil, and the last status
function library.read(call)
  local capacity, len = FIRST, length()
  while true do
    local buffer = bytes(capacity)
    local status = call(buffer, capacity, len)
    local whole = tonumber(len[0])
    if whole < capacity then return ffi.string(buffer, whole), status end
    -- It did not fit, whatever else the status says.
    capacity = whole + 1
  end
end

local function last_error(buffer, capacity, len) return lib.mona_last_error(buffer, capacity, len) end

--- Called behind each failure; log.lua looks for lines then.
function library.has_failed() end

--- The three values of a call that failed: nil, a sentence, and the name of the status.
function library.failed(status)
  local sentence = library.read(last_error)
  if sentence == "" then sentence = ffi.string(lib.mona_status_text(status)) end
  library.has_failed()
  return nil, sentence, names[status] or tostring(status)
end

--- The same for what never came to the library.
function library.refused(sentence, name) return nil, sentence, name or "ARGUMENT" end

--- Milliseconds as a call takes them, or nil: a number that is none, or that does not fit.
function library.milliseconds(given, default)
  if given == nil then return default end
  -- uint32_t: another number would be cut without a word.
  if type(given) ~= "number" or not (given >= 0 and given <= 4294967295) then return nil end
  return math.floor(given)
end

return library
