-- 100 events in one call, each in a context of its own.

local mona = require "mona"

local events = {}
for position = 0, 99 do
  events[#events + 1] = { message = { position = position }, arc_class = "ranker" }
end
local accepted = assert(mona.export_batch(events))
io.stderr:write(accepted, " of ", #events, " events were accepted\n")

assert(mona.close(5000))
