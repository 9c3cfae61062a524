-- Contexts: blocks, steps, handles, stacks, and whose they are when coroutines take turns.

local mona = require "mona"
local suite = require "suite"
local test, equal, matches = suite.test, suite.equal, suite.matches

local client = suite.recorder()
assert(client:set_default())

local function contexts()
  local all = {}
  for _, one in ipairs(suite.messages(client)) do all[#all + 1] = one.context end
  return all
end

test("a block gives back what its function gives, and closes", function()
  local n = select("#", mona.context("a", function() return 1, nil, nil end))
  equal(n, 3)
  equal(mona.context_id(), "")
  equal(mona.context("a", { id = "x" }, function(run) return run:id() end), "x")
end)

test("an error goes on as it was, and the block is closed", function()
  local thrown = {}
  local good, caught = pcall(mona.context, "a", function() error(thrown) end)
  equal(good, false)
  assert(caught == thrown)
  equal(mona.context_id(), "")
  good, caught = pcall(mona.context, "a", function() error "text" end)
  matches(caught, "contexts.lua:%d+: text$")
end)

test("a context inside an open one joins; a step has an id of its own", function()
  mona.context("a", { id = "outer" }, function(run)
    mona.context("b", { id = "inner" }, function(joined) equal(joined:id(), "outer") end)
    equal(mona.context_id(), "outer")
    mona.sub("s", { id = "step" }, function(step)
      equal(step:id(), "outer.step")
      mona.export { where = "step" }
      run:export { where = "run" }
    end)
    equal(mona.context_id(), "outer")
  end)
  equal(contexts(), { "outer.step", "outer" })
end)

test("wrong use of a block is an error that says so", function()
  for _, case in ipairs {
    { mona.context, "a" }, { mona.sub, "a", {} }, { mona.context, "a", 5, print },
    { client.context, client, "a", 5, print },
  } do
    local good, sentence = pcall(unpack(case))
    equal(good, false)
    matches(sentence, "got %a+$")
  end
end)

test("a dot in place of the colon is an error that says so", function()
  local handle = assert(client:open())
  mona.context(nil, function(run)
    for _, export in ipairs { run.export, handle.export } do
      local good, sentence = pcall(export, { a = 1 })
      equal(good, false)
      matches(sentence, "with a colon$")
    end
  end)
  equal({ pcall(mona.carry) }, { false, "carry: a function is expected, got nil" })
end)

test("ids and classes are text of any kind", function()
  equal(assert(client:open(5, { id = 7 })):id(), "7")
  equal(assert(client:open(nil, { id = "a\0b" })):id(), "a\0b")
  mona.context({ "class" }, { id = "é" }, function(run) equal(run:id(), "é") end)
  mona.context(nil, { id = "" }, function(run) equal(#run:id(), 36) end)
  equal(suite.messages(client), {})
end)

test("without a context an export is refused", function()
  local sent, sentence, status = mona.export { a = 1 }
  equal({ sent == nil, status }, { true, "NO_CONTEXT" })
  matches(sentence, "no context")
end)

test("200 coroutines that take turns: no foreign context", function()
  local threads = {}
  for n = 1, 200 do
    threads[n] = coroutine.create(function()
      mona.context("task", { id = "task-" .. n }, function(run)
        for turn = 1, 5 do
          coroutine.yield()
          assert(mona.export { task = n, turn = turn })
          mona.sub("step", { id = "s" }, function()
            coroutine.yield()
            assert(mona.export { task = n, turn = turn })
          end)
          assert(run:export { task = n, turn = turn })
        end
      end)
    end)
  end
  local running = #threads
  while running > 0 do
    running = 0
    -- Another order each time, the same in each run of the test.
    for n = #threads, 1, -1 do
      local other = math.random(n)
      threads[n], threads[other] = threads[other], threads[n]
    end
    for _, thread in ipairs(threads) do
      if coroutine.status(thread) ~= "dead" then
        assert(coroutine.resume(thread))
        running = running + 1
      end
    end
    equal(mona.context_id(), "")
  end
  local all, foreign = suite.messages(client), 0
  for _, one in ipairs(all) do
    local id = "task-" .. one.message.task
    if one.context ~= id and one.context ~= id .. ".s" then foreign = foreign + 1 end
  end
  equal({ #all, foreign }, { 3000, 0 })
end)

test("a new coroutine is in no context, one that carries is in that of its maker", function()
  mona.context("a", { id = "outer" }, function()
    coroutine.wrap(function() equal(mona.context_id(), "") end)()
    local carried = mona.carry(function(...)
      coroutine.yield(mona.context_id())
      return mona.context_id(), ...
    end)
    local thread = coroutine.wrap(carried)
    equal(thread(1, 2), "outer")
    mona.sub(nil, { id = "s" }, function() equal({ thread() }, { "outer", 1, 2 }) end)
    local bad = mona.carry(function() error("as it was", 0) end)
    equal({ pcall(bad) }, { false, "as it was" })
    equal(mona.context_id(), "outer")
  end)
end)

test("a run is good in other coroutines and behind its block", function()
  local kept
  mona.context("a", { id = "kept" }, function(run)
    kept = run
    coroutine.wrap(function()
      assert(run:export { n = 1 })
      run:sub("s", { id = "s" }, function(step)
        assert(mona.export { n = 2 })
        equal(step:id(), "kept.s")
      end)
      equal(mona.context_id(), "")
    end)()
  end)
  assert(kept:export { n = 3 })
  equal(contexts(), { "kept", "kept.s", "kept" })
end)

test("coroutines that are dropped leave nothing behind", function()
  for n = 1, 2000 do
    local thread = coroutine.wrap(function()
      mona.context("dropped", { id = "d" .. n }, function() coroutine.yield() end)
    end)
    thread()
  end
  collectgarbage()
  collectgarbage()
  equal(mona.context_id(), "")
  suite.messages(client)
end)

test("handles", function()
  local run = assert(client:open("a", { id = "h", timestamp = 1500000000 }))
  local step = assert(run:sub("s", { id = "s" }))
  equal({ run:id(), step:id() }, { "h", "h.s" })
  run = nil
  collectgarbage()
  assert(step:export { a = 1 })
  equal(contexts(), { "h.s" })
  local none, sentence, status = client:open("a", { timestamp = "soon" })
  equal({ none == nil, status }, { true, "ARGUMENT" })
  matches(sentence, "timestamp")
  none, sentence, status = client:open "\255"
  equal({ none == nil, status }, { true, "UTF8" })
  matches(sentence, "UTF%-8")
end)

test("stacks: any order of leaves, and numbers that are no scopes", function()
  local one, first = mona.stack:enter("a", { id = "m" })
  local two, second = one:enter_sub("s", { id = "s" })
  equal(two:id(), "m.s")
  local left = two:leave(first)
  equal(left:id(), "")
  equal(two:id(), "m.s")
  equal(left:leave(second):id(), "")
  for _, wrong in pairs { 0, 1, -1, "x", print, 0ULL, 18446744073709551615ULL, mona.null } do
    local same = two:leave(wrong)
    equal(same:id(), "m.s")
  end
  local _, sentence, status = mona.stack:open_sub "s"
  equal(status, "NO_CONTEXT")
  matches(sentence, "no context")
  equal({ pcall(mona.go_on, {}) }, { false, "go_on: a stack is expected, got table" })
end)

test("a batch: each event in a context of its own", function()
  local events = {}
  for n = 1, 600 do events[n] = { message = { n = n }, arc_class = "b", context_id = "b" .. n } end
  events[300] = { arc_class = "b" }
  events[301] = { message = { f = print } }
  events[302] = 5
  local accepted, sentence, status = client:export_batch(events)
  equal({ accepted, status }, { 597 , "JSON" })
  matches(sentence, '^event 301: field "message.f": function')
  local all = suite.messages(client)
  equal(#all, 597)
  equal(all[597].context, "b600")
  equal({ client:export_batch {} }, { 0 })
  for _, wrong in pairs { 5, "x", { a = 1 } } do
    local none, _, why = client:export_batch(wrong)
    equal({ none == nil, why }, { true, "JSON" })
  end
end)

test("globals go once into each context", function()
  assert(client:set_globals { country = "IL" })
  mona.context("a", { id = "g" }, function(run) run:export { a = 1 } end)
  assert(client:flush(suite.PATIENCE_MS))
  client:take()
  equal(client:take().message, { MONA_GLOBALS = { country = "IL" } })
  suite.messages(client)
  local good, sentence = client:set_globals { f = print }
  equal(good, nil)
  matches(sentence, 'field "globals.f"')
  assert(client:set_globals())
end)

test("the button", function()
  assert(client:set_disabled(true))
  equal(client:is_disabled(), true)
  mona.context("off", function(run)
    equal({ run:id(), run:export { a = 1 }, run:export { f = print } }, { "", false, false })
  end)
  assert(client:set_disabled(false))
  equal(suite.messages(client), {})
end)

test("the button of a client that is not the default one", function()
  local other = suite.recorder()
  assert(other:set_disabled(true))
  other:context("off", function(run)
    equal({ run:id(), run:export { a = 1 }, run:export { f = print } }, { "", false, false })
    equal(run:export({ a = 1 }, 5), false)
    mona.sub("step", function(step) equal(step:export { a = 1 }, false) end)
    assert(other:set_disabled(false))
    equal(mona.export { a = 1 }, false)
    other:context("on", function(inner) equal(inner:export { a = "sent" }, true) end)
    equal(mona.export { a = 1 }, false)
  end)
  local all = suite.messages(other)
  equal({ #all, all[1].message }, { 1, { a = "sent" } })
end)

test("wrong options and arguments are answered", function()
  local wrong = { { nonsense = 1 }, { queue_size = "many" }, { endpoint = print }, { [1] = "x" }, { user_id = "\255" } }
  for _, options in pairs(wrong) do
    local none, sentence, status = mona.client(options)
    equal(none, nil)
    assert(#sentence > 0 and (status == "ARGUMENT" or status == "UTF8"), status)
  end
  local none, _, status = mona.client(5)
  equal({ none == nil, status }, { true, "ARGUMENT" })
  for _, wrong in pairs { -1, 2 ^ 32, 0 / 0, "x", math.huge } do
    local good, sentence, name = client:flush(wrong)
    equal({ good == nil, name }, { true, "ARGUMENT" })
    matches(sentence, "timeout")
    equal(client:close(wrong), nil)
  end
  equal(select(3, mona.init { endpoint = "null:" }), "EXISTS")
end)

test("describe, check, stats, version, statuses", function()
  equal(client:describe().endpoint.value, "memory:")
  local steps, good = client:check(1000)
  equal(type(steps), "table")
  equal(type(good), "boolean")
  equal(type(client:stats().accepted), "number")
  matches(mona.version(), "^%d+%.%d+%.%d+$")
  equal(mona.status_text "CLOSED", mona.status_text(mona.status.CLOSED))
  assert(#mona.status_text(999) > 0)
end)

test("closed clients", function()
  local other = suite.recorder()
  local run = assert(other:open "a")
  assert(other:close(suite.PATIENCE_MS))
  assert(other:close(suite.PATIENCE_MS))
  equal(select(3, run:export { a = 1 }), "CLOSED")
  equal(select(3, other:export_batch { { message = { a = 1 } } }), "CLOSED")
  assert(other:flush(1))
  assert(other:open())
  other:context("c", function(stack) equal(stack:export { a = 1 }, nil) end)
  other, run = nil, nil
  collectgarbage()
end)

test("a client that is collected delivers what is queued", function()
  local path = os.tmpname()
  do
    local run = assert(assert(mona.client { endpoint = "file://" .. path }):open "a")
    for n = 1, 100 do assert(run:export { n = n }) end
  end
  collectgarbage()
  collectgarbage()
  local lines = 0
  for line in io.lines(path) do lines = lines + (line:find '"n"' and 1 or 0) end
  os.remove(path)
  equal(lines, 100)
end)

test("a client lives as long as its runs and stacks", function()
  local function other() return assert(mona.client { endpoint = "null:" }) end
  local function collected()
    collectgarbage()
    collectgarbage()
  end
  local step = assert(assert(other():open "a"):sub "b")
  local stack = mona.stack:enter("a", { client = other() }):enter_sub "b"
  collected()
  equal(step:export { n = 1 }, true)
  equal(stack:export { n = 1 }, true)
  other():context("a", function(run)
    collected()
    equal(run:export { n = 1 }, true)
    -- This one joins: it is not the client of the context.
    other():context("b", function(joined)
      collected()
      equal(joined:export { n = 1 }, true)
    end)
    collected()
    equal(mona.export { n = 1 }, true)
  end)
end)

test("what a spool holds", function()
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder) == 0)
  -- Nobody listens there.
  local other = assert(mona.client { endpoint = "tcp://127.0.0.1:9", spool_dir = folder })
  local run = assert(other:open(nil, { id = "spooled" }))
  for n = 1, 10 do assert(run:export { n = n }) end
  assert(other:close(10000))
  local instances = assert(mona.spool.list(folder))
  equal({ #instances, instances[1].events }, { 1, 10 })
  equal(assert(mona.spool.verify(folder)).damaged, 0)
  local head, record = assert(mona.spool.read(folder, instances[1].instance)):match "^([^\n]*)\n([^\n]*)"
  matches(record, '"n":1[,}]')
  equal(select(3, mona.spool.read(folder, mona.decode(head).place)), "NOT_FOUND")
  equal(select(3, mona.spool.list(folder .. "/none")), "IO")
  os.execute("rm -r " .. folder)
end)

test("nothing is left of contexts, exports and refusals", function()
  -- Nothing is in the sample, so that the queue holds no memory.
  local other = assert(mona.client { endpoint = "null:", sample_rate = 0 })
  local function round()
    for _ = 1, 5000 do
      other:context("a", function(run)
        run:export { a = 1, n = 0 / 0 }
        mona.sub("b", function(step) step:export({ x = { 1 } }, 5) end)
        run:export { f = print }
      end)
      assert(other:open "a"):export { a = 1 }
    end
    collectgarbage()
    collectgarbage()
  end
  local function resident()
    local file = io.open "/proc/self/status"
    return file and tonumber(file:read("*a"):match "VmRSS:%s+(%d+)") or 0
  end
  round()
  local before, pages = collectgarbage "count", resident()
  round()
  round()
  assert(collectgarbage "count" - before < 100, "memory of Lua")
  -- A context is some 200 bytes: 20 000 of them would show.
  assert(resident() - pages < 2000, "memory of the process")
end)

suite.finish()
