-- Programs that end in the ways a Lua program can, for the ledger: luajit ends.lua WAY. Each exports 200 events.

local ffi = require "ffi"
local mona = require "mona"

ffi.cdef "int fork(void); int waitpid(int, int *, int); void _exit(int); unsigned alarm(unsigned);"

-- Only ends a hang.
ffi.C.alarm(240)

local function export(n, from)
  mona.context("ends", function(run)
    for at = 1, n do assert(run:export { from = from or "parent", at = at }) end
  end)
end

-- Runs fn in a forked child and waits for its end.
local function child(fn)
  local pid = ffi.C.fork()
  if pid == 0 then
    fn()
    os.exit(0)
  end
  assert(ffi.C.waitpid(pid, nil, 0) == pid)
end

local ways = {}

-- The last line of the program.
ways["return"] = function() export(200) end

ways["os.exit"] = function()
  export(200)
  os.exit(0)
end

ways.error = function()
  export(200)
  error "as a program ends that has a mistake"
end

ways.close = function()
  export(200)
  assert(mona.close())
  assert(mona.close())
end

-- A client of its own, which the closing Lua state ends.
ways["own client"] = function()
  local client = assert(mona.client {})
  client:context("ends", function(run)
    for at = 1, 200 do assert(run:export { at = at }) end
  end)
end

-- A finalizer that runs when the Lua state is closed and meets contexts and clients that are gone.
ways.finalizer = function()
  local client = assert(mona.client {})
  local run = assert(client:open "ends")
  local stack
  client:context("ends", function(inner) stack = inner end)
  local proxy = newproxy(true)
  getmetatable(proxy).__gc = function()
    run:export { late = 1 }
    stack:export { late = 1 }
    client:export_batch { { message = { late = 1 } } }
    client:context("late", function(inner) inner:export { late = 1 } end)
    client:open "late"
    client:stats()
    client:flush(10)
    client:close(10)
  end
  -- The proxy outlives them: cdata goes first.
  _G.kept = proxy
  for at = 1, 200 do assert(run:export { at = at }) end
end

-- The parent goes on, and each child has a thread of its own.
ways.fork = function()
  export(40)
  for n = 1, 4 do
    child(function() export(40, "child " .. n) end)
  end
end

-- A child that closes its Lua state closes its copy of the client, and not that of the parent.
ways["fork, own client"] = function()
  local client = assert(mona.client {})
  local run = assert(client:open "ends")
  for at = 1, 50 do assert(run:export { at = at }) end
  local pid = ffi.C.fork()
  if pid == 0 then
    for at = 1, 50 do assert(run:export { from = "child", at = at }) end
    os.exit(0, true)
  end
  assert(ffi.C.waitpid(pid, nil, 0) == pid)
  for at = 51, 150 do assert(run:export { at = at }) end
end

-- A child that ends without exit handlers flushes by itself.
ways["_exit"] = function()
  export(100)
  child(function()
    export(100, "child")
    assert(mona.flush(60000))
    ffi.C._exit(0)
  end)
end

-- In the middle of a block, in a coroutine.
ways["in a block"] = function()
  coroutine.wrap(function()
    mona.context("ends", function(run)
      for at = 1, 200 do assert(run:export { at = at }) end
      os.exit(0)
    end)
  end)()
end

-- The default client of a Lua state that is closed stays for others, as nginx without its code cache has them.
ways["other state"] = function()
  ffi.cdef [[
    typedef struct lua_State lua_State;
    lua_State *luaL_newstate(void);
    void luaL_openlibs(lua_State *);
    int luaL_loadstring(lua_State *, const char *);
    int lua_pcall(lua_State *, int, int, int);
    void lua_close(lua_State *);
  ]]
  local other = ffi.C.luaL_newstate()
  ffi.C.luaL_openlibs(other)
  local text = [[
    local mona = require "mona"
    assert(mona.init {})
    mona.context("ends", function(run)
      for at = 1, 100 do assert(run:export { from = "other", at = at }) end
    end)
  ]]
  assert(ffi.C.luaL_loadstring(other, text) == 0)
  assert(ffi.C.lua_pcall(other, 0, 0, 0) == 0)
  ffi.C.lua_close(other)
  export(100)
end

assert(ways[arg[1]], "no such way")()
