-- What a spool holds, as tools see it: nothing in the directory changes.
-- SPDX-License-Identifier: Apache-2.0 OR MIT

local json = require "mona.json"
local library = require "mona.library"

local lib, failed = library.lib, library.failed
local OK = library.interface.status.OK

local spool = {}

local function read(call)
  local text, status = library.read(call)
  if status ~= OK then return failed(status) end
  return text
end

--- What each instance in the directory holds, the oldest first.
function spool.list(dir)
  local text, sentence, status = read(function(buffer, capacity, length)
    return lib.mona_spool_list(dir, #dir, buffer, capacity, length)
  end)
  if not text then return nil, sentence, status end
  return json.decode(text)
end

--- Reads everything and says what is damaged.
function spool.verify(dir)
  local text, sentence, status = read(function(buffer, capacity, length)
    return lib.mona_spool_verify(dir, #dir, buffer, capacity, length)
  end)
  if not text then return nil, sentence, status end
  return json.decode(text)
end

--- The lines of the chunk behind a place, the name of an instance for its first one.
function spool.read(dir, place)
  return read(function(buffer, capacity, length)
    return lib.mona_spool_read(dir, #dir, place, #place, buffer, capacity, length)
  end)
end

return spool
