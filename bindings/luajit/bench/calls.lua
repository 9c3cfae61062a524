-- What a call costs its caller: seven fields in a context, into the endpoint null:, in turn with an empty foreign call.
-- Prints LANGUAGE<TAB>what<TAB>number<TAB>unit.

local ffi = require "ffi"
local mona = require "mona"

ffi.cdef [[
typedef struct mona_bench_time { long seconds; long nanoseconds; } mona_bench_time;
int clock_gettime(int, mona_bench_time *);
]]

-- CLOCK_THREAD_CPUTIME_ID of Linux: what others run meanwhile does not count.
local THREAD_CPU = 3
local TEXT = '{"model":"resnet50-v3","confidence":0.9731,"latency_ms":12.5,"label":"cat","batch":32,'
  .. '"country":"IL","is_mobile":true}'
local ROUNDS, CALLS = 15, 100000

local time = ffi.new "mona_bench_time"
local function now()
  ffi.C.clock_gettime(THREAD_CPU, time)
  return tonumber(time.seconds) * 1e9 + tonumber(time.nanoseconds)
end

local client = assert(mona.client { endpoint = "null:" })
local run = assert(client:open "bench")
local lib = require("mona.library").lib

local subjects = {
  { "empty foreign call", function(n)
    for _ = 1, n do lib.mona_abi_version() end
  end },
  { "run:export, 7 fields", function(n)
    for i = 1, n do
      run:export {
        model = "resnet50-v3", confidence = 0.9 + i % 1024 * 1e-5, latency_ms = 12.5 + i % 64, label = "cat",
        batch = 32, country = "IL", is_mobile = true,
      }
    end
  end },
  { "mona.export, 7 fields", function(n)
    client:context("bench", function()
      for i = 1, n do
        mona.export {
          model = "resnet50-v3", confidence = 0.9 + i % 1024 * 1e-5, latency_ms = 12.5 + i % 64, label = "cat",
          batch = 32, country = "IL", is_mobile = true,
        }
      end
    end)
  end },
  { "run:export, JSON text", function(n)
    for _ = 1, n do
      run:export(mona.json(TEXT))
    end
  end },
  { "run:export, 7 fields and a nested table", function(n)
    for i = 1, n do
      run:export {
        model = "resnet50-v3", confidence = 0.9 + i % 1024 * 1e-5, latency_ms = 12.5 + i % 64, label = "cat",
        batch = 32, country = "IL", is_mobile = true, box = { 1, 2, { x = 3 } },
      }
    end
  end },
  { "mona.context without a class", function(n)
    for _ = 1, n / 10 do client:context(nil, function() end) end
  end, 10 },
}

local best, bytes = {}, {}
for round = 0, ROUNDS do
  for place, subject in ipairs(subjects) do
    collectgarbage()
    collectgarbage "stop"
    local before, memory = now(), collectgarbage "count"
    subject[2](CALLS)
    local spent = (now() - before) / CALLS * (subject[3] or 1)
    bytes[place] = (collectgarbage "count" - memory) * 1024 / CALLS * (subject[3] or 1)
    collectgarbage "restart"
    -- The first round compiles.
    if round > 0 then best[place] = math.min(best[place] or spent, spent) end
  end
end
for place, subject in ipairs(subjects) do
  print(("luajit\t%s\t%.0f\tns"):format(subject[1], best[place]))
  print(("luajit\t%s\t%.0f\tbytes of Lua memory"):format(subject[1], math.max(bytes[place], 0)))
end
