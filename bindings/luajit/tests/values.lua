-- What a table may hold, and what becomes of what it may not.

local ffi = require "ffi"
local mona = require "mona"
local suite = require "suite"
local test, equal, matches = suite.test, suite.equal, suite.matches

local client = suite.recorder { nonfinite = "null", max_depth = 3000 }

-- Exports one message and gives it back as JSON text.
local function through(message)
  local run = assert(client:open(nil, { id = "r" }))
  assert(run:export(message))
  assert(client:flush(suite.PATIENCE_MS))
  return assert(client:take_json()):match '"message":(.*),"export_timestamp":%d+}$'
end

local function field(value) return through { a = value }:match '^{"a":(.*)}$' end

test("scalars", function()
  equal(field(1), "1")
  equal(field(-1), "-1")
  equal(field(0.5), "0.5")
  equal(field(1e300), "1e300")
  equal(field(9007199254740992), "9007199254740992")
  equal(field(-9007199254740992), "-9007199254740992")
  equal(field(true), "true")
  equal(field(false), "false")
  equal(field "", '""')
  equal(field "é\"\\\n\0x", '"é\\"\\\\\\n\\u0000x"')
  equal(field(mona.null), "null")
  equal(field(mona.f64(1)), "1.0")
end)

test("NaN and infinities are null where the wire has none", function()
  equal(field(0 / 0), "null")
  equal(field(math.huge), "null")
  equal(field { -math.huge, { x = 0 / 0 } }, '[null,{"x":null}]')
end)

test("64-bit numbers keep every digit", function()
  equal(field(9223372036854775807LL), "9223372036854775807")
  equal(field(-9223372036854775807LL - 1), "-9223372036854775808")
  equal(field(18446744073709551615ULL), "18446744073709551615")
  equal(field { 18446744073709551615ULL, -5LL }, "[18446744073709551615,-5]")
  equal(field(ffi.new("uint8_t[1]", 200)[0]), "200")
  equal(field(ffi.new("int32_t", -7)), "-7")
  equal(field(ffi.new("float", 0.5)), "0.5")
  equal(field(ffi.new("bool", true)), "true")
end)

test("nulls of others are null", function()
  equal(field(ffi.new "void *"), "null")
  equal(field(ffi.cast("void *", 0)), "null")
end)

test("arrays and objects", function()
  equal(field { 1, 2, 3 }, "[1,2,3]")
  equal(field {}, "{}")
  equal(field(mona.array {}), "[]")
  equal(field(mona.array({ 1, nil, 3 }, 3)), "[1,null,3]")
  equal(field { x = { y = { "z" } } }, '{"x":{"y":["z"]}}')
  equal(field(mona.object("b", 1, "a", mona.null)), '{"b":1,"a":null}')
  matches(field { [1] = "x", [3] = "z" }, '^{"[13]":"[xz]","[13]":"[xz]"}$')
  equal(field { [true] = 1 }, '{"true":1}')
  equal(field { [2.5] = 1 }, '{"2.5":1}')
  local sent, sentence = assert(client:open()):export { a = { [print] = 1 } }
  equal(sent, nil)
  matches(sentence, '^field "a": a name that is a function')
end)

test("keys of the message are as JSON has them", function()
  equal(through { [1] = "x", b = 2 }:gsub('"1":"x"', ""):gsub('"b":2', ""), "{,}")
  equal(through(mona.object(1, "x", "b", 2)), '{"1":"x","b":2}')
  equal(through { [""] = 1 }, '{"":1}')
end)

test("JSON as text goes as it is", function()
  equal(field(mona.json '[1, {"x": 18446744073709551615}]'), '[1,{"x":18446744073709551615}]')
  equal(through(mona.json '{"a": 1.0}'), '{"a":1.0}')
end)

test("more fields than the list has room for", function()
  local message = {}
  for n = 1, 300 do message["f" .. n] = n end
  local run = assert(client:open())
  assert(run:export(message))
  equal(suite.messages(client)[1].message, message)
end)

test("reserved names are removed", function() equal(through { MONA_x = 1, a = 1 }, '{"a":1}') end)

-- Each with what its sentence says of it.
local REFUSED = {
  { print, "function" }, { coroutine.create(print), "thread" }, { newproxy(), "userdata" },
  { ffi.new "char[3]", "ctype<char %[3%]>" }, { ffi.new "struct { int x; }", "ctype<struct" },
}

test("what cannot be said is refused, by name, and nothing else is lost", function()
  local run = assert(client:open(nil, { id = "r" }))
  for number, case in ipairs(REFUSED) do
    local before = client:stats().refused
    local sent, sentence, status = run:export { ok = 1, wrong = case[1] }
    equal(sent, nil)
    matches(sentence, '^field "wrong": ' .. case[2])
    equal(status, "JSON")
    sent, sentence = run:export { list = { 1, { deep = case[1] } } }
    equal(sent, nil)
    matches(sentence, '^field "list%[2%]%.deep": ' .. case[2])
    sent = run:export { MONA_x = case[1], a = 1 }
    equal(sent, nil)
    equal(client:stats().refused - before, 3)
    assert(run:export { number = number })
  end
  local left = suite.messages(client)
  equal(#left, #REFUSED)
  for number, one in ipairs(left) do equal(one.message, { number = number }) end
end)

test("text that is not UTF-8 is refused by name", function()
  local run = assert(client:open())
  local sent, sentence, status = run:export { label = "x\255" }
  equal({ sent == nil, status }, { true, "UTF8" })
  matches(sentence, "label")
  sent, sentence, status = run:export { list = { "x\237\160\128" } }
  equal({ sent == nil, status }, { true, "UTF8" })
  matches(sentence, "list")
end)

test("what is no message is refused", function()
  local run = assert(client:open())
  local texts = { mona.json "[1]", mona.json "{" }
  for _, message in pairs { "text", 5, true, print, { 1, 2 }, mona.array {}, mona.null, unpack(texts) } do
    local sent, sentence, status = run:export(message)
    equal({ sent == nil, status }, { true, "JSON" }, suite.shown(message))
    assert(#sentence > 0)
  end
  local sent, _, status = run:export()
  equal({ sent == nil, status }, { true, "JSON" })
  assert(run:export {})
  equal(suite.messages(client), {})
end)

test("cycles and depth end in a refusal", function()
  local run = assert(client:open())
  local cycle = {}
  cycle.again = cycle
  local sent, sentence, status = run:export(cycle)
  equal({ sent == nil, status }, { true, "LIMIT" })
  matches(sentence, '^field "again')
  local deep = mona.null
  for _ = 1, 5000 do deep = { deep } end
  sent, sentence, status = run:export { deep = deep }
  equal({ sent == nil, status }, { true, "LIMIT" })
  deep = 1
  for _ = 1, 1500 do deep = { deep } end
  assert(run:export { deep = deep })
  equal(#suite.messages(client), 1)
end)

test("timestamps", function()
  local run = assert(client:open())
  assert(run:export({ a = 1 }, 1500000000.9))
  local sent, sentence, status = run:export({ a = 2 }, "soon")
  equal({ sent == nil, status }, { true, "ARGUMENT" })
  matches(sentence, "timestamp")
  client:context(nil, function(stack)
    assert(stack:export({ a = 3 }, -1.5))
    assert(stack:export({ a = 4 }, "soon"))
  end)
  local all = suite.messages(client)
  equal({ all[1].at, all[2].at }, { 1500000000, -1 })
  equal(all[3].message, { a = 4, MONA_INVALID_EXPORT_TIMESTAMP = "soon" })
end)

-- A value of any shape, from a sequence that is the same in each run.
local ALPHABET = { "a", '"', "\\", "/", "\n", "\0", "é", "😀", "\127", "{", "}", "7", ("x"):rep(50) }
local function anything(depth)
  local function text()
    local parts = {}
    for n = 1, math.random(0, 6) do parts[n] = ALPHABET[math.random(#ALPHABET)] end
    return table.concat(parts)
  end
  local kind = math.random(depth > 0 and 8 or 6)
  if kind == 1 then return mona.null end
  if kind == 2 then return math.random(2) == 1 end
  if kind == 3 then return math.random(-1000, 1000) end
  if kind == 4 then return (math.random() - 0.5) * 10 ^ math.random(-300, 300) end
  if kind <= 6 then return text() end
  local inner = {}
  for n = 1, math.random(4) do inner[kind == 7 and n or text()] = anything(depth - 1) end
  return inner
end

test("2000 values of any shape are as they were on the other side", function()
  local run = assert(client:open())
  math.randomseed(5)
  local sent = {}
  for n = 1, 2000 do
    sent[n] = { v = anything(4), w = anything(2) }
    assert(run:export(sent[n]))
  end
  for n, one in ipairs(suite.messages(client)) do equal(one.message, sent[n], "message " .. n) end
end)

test("a finalizer that exports in the middle of a walk spoils nothing", function()
  local run = assert(client:open())
  local function litter()
    local proxy = newproxy(true)
    getmetatable(proxy).__gc = function() run:export { from = "finalizer", n = 1 } end
  end
  for n = 1, 2000 do
    litter()
    assert(run:export { n = n, text = ("x"):rep(n % 50), list = { n, { tostring(n) } } })
  end
  collectgarbage()
  local seen = 0
  for _, one in ipairs(suite.messages(client)) do
    if not one.message.from then
      seen = seen + 1
      equal(one.message, { n = seen, text = ("x"):rep(seen % 50), list = { seen, { tostring(seen) } } })
    else
      equal(one.message, { from = "finalizer", n = 1 })
    end
  end
  equal(seen, 2000)
end)

test("numbers are the same interpreted and compiled", function()
  local run = assert(client:open())
  for n = 1, 300 do assert(run:export { n = n, big = 18446744073709551615ULL, half = n + 0.5, neg = -n }) end
  for n, one in ipairs(suite.messages(client)) do
    equal(one.message, { n = n, big = 18446744073709551615ULL, half = n + 0.5, neg = -n })
  end
end)

client:close()
suite.finish()
