-- A run of an algorithm, a step of it, and what they export. MONA_ENDPOINT says where to.

local mona = require "mona"

mona.context("image-classifier", function(run)
  run:export { country = "IL", age = mona.null, is_mobile = true }
  mona.sub("resize", function(step)
    step:export { width = 640, milliseconds = 1.5 }
  end)
  -- Deeper in the program, where nobody handed on the run.
  mona.export { label = "cat", confidence = 0.97, boxes = { { 1, 2 } } }
end)

-- Waits until the collector has it, for two seconds at most; the error says what is in the way. A normal end of the
-- program would flush for a second by itself.
assert(mona.close(2000))
