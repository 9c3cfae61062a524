-- A burst of 200 000 events to a collector, with the options of the environment: how long each call took its caller.

local mona = require "mona"

local EVENTS = 200000

local run = assert(mona.open "burst")
local before = os.clock()
for i = 1, EVENTS do
  run:export {
    model = "resnet50-v3", confidence = 0.9 + i % 1024 * 1e-5, latency_ms = 12.5 + i % 64, label = "cat", batch = 32,
    country = "IL", is_mobile = true,
  }
end
io.stderr:write(("took %d\n"):format((os.clock() - before) / EVENTS * 1e9))
-- Longer than any machine needs.
mona.close(60000)
