-- A small test runner: test(name, fn), equal(got, wanted), and a closing line that counts.

local mona = require "mona"

local suite = { passed = 0, failed = 0 }

local function shown(value)
  if type(value) == "string" then return ("%q"):format(value) end
  if type(value) ~= "table" or value == mona.null then return tostring(value) end
  local keys, parts = {}, {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do parts[#parts + 1] = tostring(key) .. "=" .. shown(value[key]) end
  return "{" .. table.concat(parts, ", ") .. "}"
end
suite.shown = shown

--- Fails unless both are the same, tables by what is in them.
function suite.equal(got, wanted, what)
  if shown(got) ~= shown(wanted) then
    error(("%s: got %s, wanted %s"):format(what or "value", shown(got), shown(wanted)), 2)
  end
end

--- Fails unless the text matches the pattern.
function suite.matches(got, pattern)
  if type(got) ~= "string" or not got:find(pattern) then
    error(("got %s, wanted a match of %s"):format(shown(got), pattern), 2)
  end
end

function suite.test(name, fn)
  local good, complaint = xpcall(fn, debug.traceback)
  if good then
    suite.passed = suite.passed + 1
  else
    suite.failed = suite.failed + 1
    print("FAILED: " .. name .. "\n  " .. tostring(complaint):gsub("\n", "\n  "))
  end
end

--- A client that keeps what is sent, with more options.
function suite.recorder(options)
  local given = { endpoint = "memory:", user_id = "u", flush_interval_ms = 1 }
  for name, value in pairs(options or {}) do given[name] = value end
  return assert(mona.client(given))
end

-- Only ends a hang.
suite.PATIENCE_MS = 60000

--- The messages that a client has delivered, those of its own left out, with their contexts.
function suite.messages(client)
  assert(client:flush(suite.PATIENCE_MS))
  local all = {}
  for record in function() return client:take() end do
    if not (record.message.MONA_ARC_CLASS or record.message.MONA_GLOBALS) then
      all[#all + 1] = { context = record.context, message = record.message, at = record.export_timestamp }
    end
  end
  return all
end

function suite.finish()
  print(("%d passed, %d failed, 0 skipped"):format(suite.passed, suite.failed))
  os.exit(suite.failed == 0 and 0 or 1, true)
end

return suite
