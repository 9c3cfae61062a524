-- Plays one conformance scenario and prints what it gave as JSON: luajit player.lua SCENARIOS.json ID
-- Nothing is judged here. A thread of the scenario is a coroutine, each with a context of its own.

local folder = arg[0]:match "^(.*)/[^/]*$" or "."
package.path = folder .. "/../src/?.lua;" .. folder .. "/?.lua;" .. package.path

local ffi = require "ffi"
local mona = require "mona"
local json = require "mona.json"
local document = require "document"

ffi.cdef "int rename(const char *, const char *); int usleep(unsigned);"

-- The rule is 3 s; the rest is for a loaded machine.
local RELOAD_S = 6

-- Something that has no JSON but a text.
local function odd(text)
  local proxy = newproxy(true)
  getmetatable(proxy).__tostring = function() return text end
  return proxy
end

local NOT_JSON = {
  set = function() return function() end end,
  bytes = function() return ffi.new("char[1]", 120) end,
  datetime = function() return odd "2020-01-01 00:00:00" end,
  object = function() return newproxy() end,
  complex = function() return odd "1j" end,
  decimal = function() return odd "1.5" end,
  mapping = function() return coroutine.create(print) end,
}

local value
local special = {
  ["$float"] = function(given) return tonumber((given:gsub("NaN", "nan"):gsub("Infinity", "inf"))) end,
  ["$int"] = function(given) return mona.json(given) end,
  ["$json_text"] = function(given) return mona.json(given) end,
  ["$nonjson"] = function(given) return NOT_JSON[given]() end,
  ["$repeat"] = function(given) return given.values.s:rep(tonumber(given.values.n.number)) end,
  ["$utf16"] = function(units)
    local out = {}
    for place = 1, units.n do
      local unit = tonumber(units[place].number)
      -- Surrogates alone become what UTF-8 forbids.
      out[place] = unit < 128 and string.char(unit)
        or string.char(0xE0 + math.floor(unit / 4096), 0x80 + math.floor(unit / 64) % 64, 0x80 + unit % 64)
    end
    return table.concat(out)
  end,
  ["$nest"] = function(given)
    local inner = value(given.values.leaf)
    for _ = 1, tonumber(given.values.depth.number) do
      inner = given.values.kind == "list" and mona.array { inner } or mona.object("k", inner)
    end
    return inner
  end,
  ["$map"] = function(pairs_of)
    local flat = {}
    for place = 1, pairs_of.n do
      flat[2 * place - 1], flat[2 * place] = value(pairs_of[place][1]), value(pairs_of[place][2])
    end
    return mona.object(unpack(flat, 1, 2 * pairs_of.n))
  end,
}

-- A value of the scenario file as a program in Lua has it.
function value(node)
  if node == document.null then return mona.null end
  if type(node) ~= "table" then return node end
  if node.number then
    if node.number:find "[.eE]" then return mona.f64(tonumber(node.number)) end
    return json.decode(node.number)
  end
  if node.array then
    local items = {}
    for place = 1, node.n do items[place] = value(node[place]) end
    return mona.array(items, node.n)
  end
  local convert = #node.names == 1 and special[node.names[1]]
  if convert then return convert(node.values[node.names[1]]) end
  local flat = {}
  for place, name in ipairs(node.names) do
    flat[2 * place - 1], flat[2 * place] = name, value(node.values[name])
  end
  return mona.object(unpack(flat, 1, 2 * #node.names))
end

-- What is not given, or null, is nil.
local function given(op, name)
  local node = op[name]
  if node == nil or node == document.null then return nil end
  return value(node)
end

-- An id as the older client takes it.
local function id_of(op, name)
  local id = given(op, name)
  if id == nil or id == false or type(id) == "table" then return nil end
  return id
end

-- Asking for the default client makes it: not before the first operation, which may do that otherwise.
local has_begun = false

local function stats()
  if not has_begun then return {} end
  local client = mona.default()
  return client and client:stats() or {}
end

local play = {}
local scopes, workers = {}, {}

-- Moves the coroutine's context, and gives its failure as an error.
local function move(to, sentence, status)
  mona.go_on(to)
  if sentence and (status == "CLOSED" or status == "DROPPED" or status == "TIMEOUT") then error(status, 0) end
  return sentence
end

function play.init_client(op)
  local options = {}
  for _, name in ipairs(op.params.names) do
    local node = op.params.values[name]
    options[name] = type(node) == "table" and node.number or node
  end
  -- A second one changes nothing.
  mona.init(options)
end

function play.init(op)
  local options = { id = id_of(op, "context_id"), timestamp = given(op, "export_timestamp") }
  move(mona.current():open(given(op, "arc_class"), options))
  return mona.context_id()
end

-- The id that a step was given, or the one it got.
local function step_id(before, refused, id)
  if refused then return "" end
  local full = mona.context_id()
  if full == "" then return "" end
  if id and id ~= "" then return tostring(id) end
  return (full:sub(#before + 2))
end

function play.init_sub_context(op)
  local before, id = mona.context_id(), id_of(op, "sub_context_id")
  local refused = move(mona.current():open_sub(given(op, "arc_class"), { id = id }))
  return step_id(before, refused, id)
end

function play.close_sub_context(op)
  local id = id_of(op, "sub_context_id")
  move(mona.current():close_sub(id ~= "" and id or nil))
  return mona.context_id()
end

function play.new_context_enter(op)
  local options = { id = id_of(op, "context_id"), timestamp = given(op, "export_timestamp") }
  local to, scope, sentence, status = mona.current():enter(given(op, "arc_class"), options)
  scopes[op.handle] = scope
  move(to, sentence, status)
  return mona.context_id()
end

function play.new_sub_context_enter(op)
  local before, id = mona.context_id(), id_of(op, "sub_context_id")
  local to, scope, sentence, status = mona.current():enter_sub(given(op, "arc_class"), { id = id })
  scopes[op.handle] = scope
  return step_id(before, move(to, sentence, status), id)
end

function play.new_context_exit(op)
  move(mona.current():leave(scopes[op.handle]))
  return false
end
play.new_sub_context_exit = play.new_context_exit

function play.get_full_context_id() return mona.context_id() end

function play.reset() move(mona.current():reset()) end

local LOST = { CLOSED = true, DROPPED = true, TIMEOUT = true, IO = true }

function play.export(op)
  local taken, _, status = mona.export(value(op.message), given(op, "export_timestamp"))
  if taken == nil and LOST[status] then error(status, 0) end
  return taken or nil
end

local function event(node)
  local one = {}
  for _, name in ipairs(node.names) do
    if name == "message" or node.values[name] ~= document.null then one[name] = value(node.values[name]) end
  end
  return one
end

function play.export_batch(op)
  if mona.is_disabled() then return "" end
  local events, missing = {}, false
  for place = 1, op.events.n do
    events[place] = event(op.events[place])
    missing = missing or events[place].message == nil
  end
  local stack = mona.current()
  local accepted, sentence, status = stack:export_batch(events)
  -- Outside an enter a batch ends what was open.
  if (accepted or 0) > 0 and stack:reset():is_empty() then mona.go_on(mona.stack) end
  if sentence and (LOST[status] or missing) then error(status, 0) end
end

function play.set_global_init_message(op)
  local client = mona.default()
  if client then client:set_globals(op.message ~= document.null and value(op.message) or mona.null) end
end

function play.set_disabled(op) mona.set_disabled(op.disabled) end

function play.close()
  mona.close()
end

function play.write_config(op)
  local path = os.getenv "MONA_CLIENT_CONFIG_FILE"
  local before = stats().config_reloads
  local target = op.rename and path .. ".fresh" or path
  if op.delete then
    os.remove(path)
  else
    local file = assert(io.open(target, "w"))
    file:write(op.content)
    file:close()
    if target ~= path then ffi.C.rename(target, path) end
  end
  local ends = os.time() + RELOAD_S
  while stats().config_reloads == before and os.time() <= ends do ffi.C.usleep(20000) end
end

local outcome

-- A thread of the scenario: does what it is told, one thing at a time.
local function worker(kind, id)
  local thread = coroutine.create(function(op)
    local scope
    if kind == "inherit" then
      local to
      to, scope = mona.current():enter(nil, { id = id })
      mona.go_on(to)
    end
    local seen
    while true do
      op = coroutine.yield(seen)
      if not op then break end
      seen = outcome(op)
    end
    if scope then mona.go_on((mona.current():leave(scope))) end
  end)
  assert(coroutine.resume(thread))
  return thread
end

function play.thread_start(op)
  local id = mona.context_id()
  workers[op.new] = worker(op.kind, id ~= "" and id or nil)
end

local function join(name)
  assert(coroutine.resume(workers[name], nil))
  workers[name] = nil
end

function play.thread_join(op) join(op.target) end

function outcome(op)
  local good, answer = pcall(play[op.op], op)
  if not good then return { "err", answer } end
  if answer == nil then answer = mona.null end
  return { "ok", answer }
end

-- Does one operation on its thread, and tells what it gave and how many events were accepted by it.
local function perform(node)
  local op = node.values
  local before = stats().accepted or 0
  local seen
  if op.thread and op.thread ~= "main" then
    local good
    good, seen = coroutine.resume(workers[op.thread], op)
    assert(good, seen)
  else
    seen = outcome(op)
  end
  has_begun = true
  return mona.object(seen[1], seen[2], "emits", (stats().accepted or 0) - before)
end

local file = assert(io.open(arg[1]))
local scenarios = document.read(file:read "*a").values.scenarios
file:close()
local scenario
for place = 1, scenarios.n do
  if scenarios[place].values.id == arg[2] then scenario = scenarios[place].values end
end
assert(scenario, "no such scenario")

local started, results = os.time(), {}
for place = 1, scenario.ops.n do results[place] = perform(scenario.ops[place]) end
for name in pairs(workers) do join(name) end
mona.flush(10000)
local records = {}
for record in mona.take_json do records[#records + 1] = record end
print(json.encode(mona.object(
  "implementation", "luajit", "results", mona.array(results), "records", mona.array(records), "stats", stats(),
  "started", started, "ended", os.time()
)))
