-- The log: taken, or given to a function at calls.

local mona = require "mona"
local suite = require "suite"
local test, equal, matches = suite.test, suite.equal, suite.matches

local client = suite.recorder()

local function drain()
  for _ in mona.log_take do end
end

test("a refusal is a line that names the field and not the value", function()
  drain()
  local run = assert(client:open "a")
  run:export { secret = "x\255" }
  local level, line = mona.log_take()
  equal(level, 30)
  matches(line, "secret")
  equal(mona.log_take(), nil)
end)

test("a function gets the lines at the ends of blocks, and its errors end with it", function()
  drain()
  local lines = {}
  mona.on_log(function(level, line)
    lines[#lines + 1] = { level, line }
    error "not of this library"
  end)
  client:context("a", function(run)
    run:export(mona.json "{")
    client:set_disabled(true)
    client:set_disabled(false)
  end)
  mona.on_log(nil)
  assert(#lines >= 1)
  equal(type(lines[1][1]), "number")
  equal({ pcall(mona.on_log, 5) }, { false, "on_log: a function is expected, got number" })
end)

test("a refusal outside of blocks is given at once, and the function may use the library", function()
  local run, lines = assert(client:open "a"), {}
  mona.on_log(function(_, line)
    lines[#lines + 1] = line
    -- Refused again, in the middle of that.
    run:export { other = print }
    run:export { fine = 1 }
  end)
  -- A line for each status comes once in a minute; larger than an event may be is a status of its own.
  run:export { large = ("x"):rep(1000000) }
  equal(#lines, 1)
  matches(lines[1], "refused")
  mona.on_log(nil)
  assert(#suite.messages(client) >= 1)
end)

test("levels", function()
  for _, wrong in pairs { -1, 51, 0.5, "x", 2 ^ 40 } do
    local good, _, status = mona.set_log_level(wrong)
    equal({ good == nil, status }, { true, "ARGUMENT" })
  end
  assert(mona.set_log_level(50))
  drain()
  assert(client:open "b"):export { x = "\255" }
  equal(mona.log_take(), nil)
  assert(mona.set_log_level(30))
end)

test("a text longer than the first buffer comes whole", function()
  local id = ("x"):rep(20000)
  equal(assert(client:open(nil, { id = id })):id(), id)
end)

test("a function that yields and is dropped does not keep the lines from the next", function()
  local seen = 0
  mona.on_log(function()
    seen = seen + 1
    if seen == 1 then coroutine.yield() end
  end)
  local client = suite.recorder()
  local dropped = coroutine.create(function()
    client:context("a", function(run) run:export { a = print } end)
  end)
  coroutine.resume(dropped)
  equal({ seen, coroutine.status(dropped) }, { 1, "suspended" })
  client:context("b", function(run) run:export { a = "\255" } end)
  equal(seen, 1)
  dropped = nil
  collectgarbage()
  mona.on_log(nil)
  mona.on_log(function() seen = seen + 1 end)
  assert(seen > 1)
  mona.on_log(nil)
end)

suite.finish()
