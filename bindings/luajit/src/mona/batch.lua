-- Batches: a list of events as JSON, in pieces.
-- SPDX-License-Identifier: Apache-2.0 OR MIT

local ffi = require "ffi"
local json = require "mona.json"
local library = require "mona.library"
local value = require "mona.value"

local failed, refused = library.failed, library.refused
local OK = library.interface.status.OK
local size = ffi.typeof "size_t[1]"

local batch = {}

-- An event as JSON, the sentence and the status where its message cannot be said, and whether it needs an array of its
-- own: text that is no JSON or no UTF-8 takes its whole array along. One whose message cannot be said keeps its place:
-- the library refuses it and sends its class.
local function event_text(event)
  if type(event) ~= "table" then return "0" end
  local parts, complaint, name, alone = {}, nil, nil, false
  local function put(key, given)
    if given == nil then return end
    local text, sentence, status = json.encode(given, key)
    if text and sentence then alone = true end
    if not text and key == "message" then
      text, complaint, name = "0", sentence, status
    elseif not text then
      text = json.encode(value.text(given), key)
    end
    parts[#parts + 1] = ('"%s":%s'):format(key, text)
  end
  put("message", event.message)
  put("arc_class", event.arc_class)
  if event.context_id ~= value.null and event.context_id ~= nil then put("context_id", value.text(event.context_id)) end
  put("export_timestamp", event.export_timestamp == true and 1 or event.export_timestamp)
  local whole = "{" .. table.concat(parts, ",") .. "}"
  return whole, complaint, name, alone or not json.is_utf8(whole)
end

-- A piece costs little more than its events, and holds little memory.
local PIECE = 256

--- Sends a list of events in pieces by call(text, length, accepted).
-- @return the number accepted; for what was refused a sentence and a status behind it
function batch.send(events, call)
  local given = getmetatable(events) == value.Array and events.items or events
  if type(given) ~= "table" or (next(given) ~= nil and not value.items(given)) then
    return refused("a batch: a table of events is expected", "JSON")
  end
  local total, sentence, name = 0, nil, nil
  local accepted, texts = size(), {}

  -- Sends the events that wait; whether the client takes more.
  local function send()
    local text = "[" .. table.concat(texts, ",") .. "]"
    texts = {}
    accepted[0] = 0
    local status = call(text, #text, accepted)
    total = total + tonumber(accepted[0])
    if status == OK or sentence and name ~= "JSON" then return true end
    local _, why, what = failed(status)
    if not sentence then sentence, name = why, what end
    return what ~= "CLOSED"
  end

  local goes_on = true
  for at = 1, #given do
    local text, complaint, why, alone = event_text(given[at])
    if complaint and not sentence then
      sentence, name = ("event %d: %s"):format(at, complaint), why
    end
    if alone and #texts > 0 then goes_on = send() end
    texts[#texts + 1] = text
    if goes_on and (alone or #texts == PIECE) then goes_on = send() end
    if not goes_on then return total, sentence, name end
  end
  if #texts > 0 or #given == 0 then send() end
  return total, sentence, name
end

return batch
