-- Reads JSON with all that a scenario needs to know: the order of keys, how numbers are written, arrays without items.
-- An object is {object = true, names = {...}, [name] = value}, an array {array = true, n = N, ...}, a number
-- {number = "1.0"}, null is document.null; texts, true and false are themselves.

local json = require "mona.json"

local document = { null = setmetatable({}, { __tostring = function() return "null" end }) }

local read

local function separated(text, at, close, item)
  at = text:match("^%s*()", at)
  if text:sub(at, at) == close then return at + 1 end
  while true do
    at = text:match("^%s*()", item(at))
    local sign = text:sub(at, at)
    if sign == close then return at + 1 end
    assert(sign == ",", "a comma is expected")
    at = at + 1
  end
end

-- The end of a text that begins at its quote.
local function text_end(text, at)
  at = at + 1
  while true do
    local stop = text:find('["\\]', at)
    if text:byte(stop) == 34 then return stop end
    at = stop + 2
  end
end

function read(text, at)
  at = text:match("^%s*()", at)
  local first = text:sub(at, at)
  if first == "{" then
    local names, values = {}, {}
    local behind = separated(text, at + 1, "}", function(place)
      local name
      name, place = read(text, place)
      names[#names + 1] = name
      values[name], place = read(text, text:match("^%s*:()", place))
      return place
    end)
    return { object = true, names = names, values = values }, behind
  elseif first == "[" then
    local items = { array = true, n = 0 }
    local behind = separated(text, at + 1, "]", function(place)
      items.n = items.n + 1
      items[items.n], place = read(text, place)
      return place
    end)
    return items, behind
  elseif first == '"' then
    local stop = text_end(text, at)
    return json.decode(text:sub(at, stop)), stop + 1
  end
  local word, behind = text:match("^([%w.+-]+)()", at)
  if word == "null" then return document.null, behind end
  if word == "true" or word == "false" then return word == "true", behind end
  return { number = word }, behind
end

function document.read(text) return (read(text, 1)) end

return document
