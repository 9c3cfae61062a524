-- Four forked workers, each with a run of its own: three items scored in a step, then the best of them.

local ffi = require "ffi"
local mona = require "mona"

ffi.cdef "int fork(void); int wait(int *);"

local WORKERS = 4
local ITEMS = { 3, 1, 4 }

local function work(n)
  mona.context("ranker", { id = "request-" .. n }, function(run)
    local best = 0
    mona.sub("scoring", { id = "scoring" }, function(step)
      for _, item in ipairs(ITEMS) do
        local score = item / 100
        step:export { item = item, score = score }
        best = math.max(best, score)
      end
    end)
    run:export { best = best }
  end)
end

-- Made before the fork: each child goes on with a thread and a queue of its own.
assert(mona.default())

for n = 0, WORKERS - 1 do
  local pid = ffi.C.fork()
  if pid == 0 then
    work(n)
    -- Runs the exit handlers of C, which flush; ffi.C._exit would not.
    os.exit(0)
  end
  assert(pid > 0, "fork failed")
end

local failed, status = 0, ffi.new "int[1]"
for _ = 1, WORKERS do
  ffi.C.wait(status)
  if status[0] ~= 0 then failed = failed + 1 end
end
os.exit(failed == 0 and 0 or 1)
