-- Runs the samples of README.md, one after the other.

local mona = require "mona"
local suite = require "suite"

local client = suite.recorder()
assert(client:set_default())

local file = assert(io.open((arg[0]:gsub("tests/readme.lua$", "README.md"))))
local text = file:read "*a"
file:close()

local n = 0
for sample in text:gmatch "```lua\n(.-)```" do
  n = n + 1
  suite.test("sample " .. n, function()
    local chunk = assert(loadstring(sample, "=sample " .. n))
    -- What the text around the samples has made before.
    local given = { request_id = "request-1", run = assert(client:open "sample") }
    -- The default client is there: the samples are not to leave the machine.
    given.mona = setmetatable({ init = function() return client end }, { __index = mona })
    given.require = function(name) return name == "mona" and given.mona or require(name) end
    setfenv(chunk, setmetatable(given, { __index = _G }))()
  end)
end

suite.test("what they export", function()
  suite.equal(n > 3, true)
  local all = suite.messages(client)
  suite.equal(all[1].message, { score = 0.9, label = "cat", boxes = { { 1, 2 } } })
  suite.equal(all[2].message, { item = 3, score = 0.03 })
  suite.equal(all[2].context:match "^[^.]*", "request-1")
  suite.equal(#all, 4)
end)

suite.finish()
