-- Batches of which one event is bad, and values that need care.

local ffi = require "ffi"
local json = require "mona.json"
local mona = require "mona"
local suite = require "suite"
local test, equal, matches = suite.test, suite.equal, suite.matches

local client = suite.recorder()

local function numbers()
  local all = {}
  for _, one in ipairs(suite.messages(client)) do all[#all + 1] = one.message.n end
  return all
end

test("an event that is bad takes none along", function()
  for _, bad in ipairs {
    { message = { bad = "\255" } }, { message = { bad = 1 }, arc_class = "\255" }, { message = { ["\255"] = 1 } },
    { message = { bad = mona.json "[1," } }, { message = mona.json "" }, { message = { bad = print } },
    { message = { bad = mona.json '"\255"' } },
  } do
    local n, sentence = client:export_batch { { message = { n = 1 } }, bad, { message = { n = 2 } } }
    equal(type(sentence), "string")
    equal({ n, numbers() }, { 2, { 1, 2 } })
  end
  local many = {}
  for n = 1, 600 do many[n] = { message = { n = n, text = n % 300 == 0 and "x\255" or "grün" } } end
  equal((client:export_batch(many)), 598)
  equal(#numbers(), 598)
  equal((client:export_batch {}), 0)
end)

test("what is UTF-8", function()
  for _, good in ipairs { "", "a", "é", "\224\160\128", "\237\159\191", "\238\128\128", "😀", "\244\143\191\191", "aéa" } do
    equal(json.is_utf8(good), true, good)
  end
  for _, bad in ipairs {
    "\128", "\192\128", "\193\191", "\194", "\194a", "\224\159\191", "\237\160\128", "\225\128", "\240\143\191\191",
    "\240\144\128", "\244\144\128\128", "\245\128\128\128", "\255", "a\233a", "é\233",
  } do
    equal(json.is_utf8(bad), false, bad)
    equal(select(3, client:open():export { text = bad }), "UTF8")
  end
end)

test("pointers that are NULL, and an __eq that fails", function()
  ffi.cdef "typedef struct { int x; } odd_pair;"
  local odd = ffi.metatype("odd_pair", { __eq = function() error "not to be asked" end })
  local run = assert(client:open())
  assert(run:export { a = ffi.cast("int *", nil), b = { ffi.cast("odd_pair *", nil), ffi.new "void *" } })
  equal(suite.messages(client)[1].message, { a = mona.null, b = { mona.null, mona.null } })
  for _, wrong in ipairs { odd(1), ffi.cast("int *", 8) } do
    matches(select(2, run:export { wrong = wrong }), '^field "wrong": ctype')
    matches(select(2, run:export { a = { wrong } }), '^field "a%[1%]": ctype')
  end
end)

test("arrays have what they have when they are sent, and objects have names", function()
  local items = {}
  local array = mona.array(items)
  items[1] = 5
  assert(client:open():export { a = array, b = mona.array({}, 2) })
  equal(client:flush(suite.PATIENCE_MS), true)
  matches(client:take_json(), '"a":%[5%]')
  for _, wrong in ipairs { "x", -1, 0 / 0, 1 / 0 } do
    matches(select(2, pcall(mona.array, {}, wrong)), "a number of items is expected")
  end
  matches(select(2, pcall(mona.object, "a", 1, nil, 2)), "name 2 is nil")
end)

test("a __tostring that fails costs no event", function()
  local bad = setmetatable({}, { __tostring = function() error "not to be heard" end })
  equal((client:export_batch { { message = { n = 1 } }, { message = { n = 2 }, context_id = bad } }), 2)
  client:context({ bad, print }, { id = bad }, function(run) assert(run:export { n = 3 }) end)
  assert(assert(client:open(bad, { id = bad })):export { n = 4 })
  equal(numbers(), { 1, 2, 3, 4 })
end)

test("one large value does not hold its memory", function()
  local function kilobytes()
    -- LuaJIT halves a buffer of its own at each.
    for _ = 1, 20 do collectgarbage() end
    return collectgarbage "count"
  end
  local before = kilobytes()
  -- In a function of its own, whose places on the stack are gone behind it.
  local function large() client:open():export { large = { ("x"):rep(2 ^ 24) } } end
  large()
  assert(kilobytes() < before + 4096)
  client:flush(suite.PATIENCE_MS)
  client:take_json()
end)

suite.finish()
