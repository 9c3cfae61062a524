-- The context of a task as a value. A stack never changes: a move gives another one. Any coroutine may use it.
-- SPDX-License-Identifier: Apache-2.0 OR MIT

local ffi = require "ffi"
local batch = require "mona.batch"
local field = require "mona.field"
local library = require "mona.library"
local value = require "mona.value"

local lib, failed, refused = library.lib, library.failed, library.refused
local OK = library.interface.status.OK
local type, getmetatable = type, getmetatable

-- The pointer stands in a struct of its own that is emptied when it is freed: what is used after that, by finalizers
-- at the end of the program, meets the empty stack.
ffi.cdef "typedef struct mona_lua_stack { mona_stack *at; } mona_lua_stack;"
local Held = ffi.metatype("mona_lua_stack", {
  __gc = function(held)
    lib.mona_stack_free(held.at)
    held.at = nil
  end,
})

local place = ffi.typeof "mona_stack *[1]"
local scope_of = ffi.typeof "uint64_t[1]"
local taken = ffi.new "int32_t[1]"
local special = value.special

--- @class mona.Stack
local Stack = {}
Stack.__index = Stack

-- The owner, a client, is kept as long as its stacks: collected, it would be closed.
local function wrap(at, owner) return setmetatable({ held = Held(at), is_inert = false, owner = owner }, Stack) end

local empty = wrap(nil)
-- Entered while its client was disabled: it does nothing for its whole life. The empty stack would ask the default
-- client.
local inert = wrap(nil)
inert.is_inert = true

-- The stack that a move gave, equal to the one before where nothing moved.
local function after(to, owner)
  if to[0] ~= nil then return wrap(to[0], owner) end
  return empty
end

-- The same for a move that may name a client.
local function opened(before, to, status, client)
  if to[0] == nil then return client and status == OK and inert or empty end
  local owner = before.owner
  if not client or client == owner then return wrap(to[0], owner) end
  local stack = wrap(to[0], client)
  -- Where it joined, or nothing was opened, the context is still that of the other client.
  if owner and stack:id() == before:id() then stack.owner = owner end
  return stack
end

-- A client that was freed, by a finalizer at the end of the program, has no address. The default one must not take its
-- place.
local function client_at(given)
  if given == nil then return true, nil end
  return given.held.at ~= nil, given.held.at
end

local function gone() return "the client was freed, one that lives is expected", "CLOSED" end

local function id_of(given, kept)
  if given == nil then return nil, 0 end
  local id = value.text(given)
  kept[#kept + 1] = id
  return id, #id
end

--- Enters a main context; inside another enter it joins.
-- @param arc_class  the name shared by runs of the same algorithm, or nil
-- @param options    id, timestamp, client
-- @return the stack after it and the scope for leave(); where nothing was opened a sentence and a status behind
function Stack:enter(arc_class, options)
  options = options or {}
  local lives, client = client_at(options.client)
  if not lives then return self, 0ULL, gone() end
  local kept, to, scope = field.keep(), place(), scope_of()
  local name, moment = field.mark(arc_class, kept), field.moment(options.timestamp, kept)
  local id, id_len = id_of(options.id, kept)
  local status = lib.mona_stack_enter(client, self.held.at, name, id, id_len, moment, scope, to)
  field.drop(kept)
  local stack = opened(self, to, status, options.client)
  if status == OK then return stack, scope[0] end
  return stack, scope[0], select(2, failed(status))
end

--- Enters a sub-context of the open one, as enter().
function Stack:enter_sub(arc_class, options)
  if self.is_inert then return self, 0ULL end
  local kept, to, scope = field.keep(), place(), scope_of()
  local name = field.mark(arc_class, kept)
  local id, id_len = id_of(options and options.id, kept)
  local status = lib.mona_stack_enter_sub(self.held.at, name, id, id_len, scope, to)
  field.drop(kept)
  if status == OK then return after(to, self.owner), scope[0] end
  return after(to, self.owner), scope[0], select(2, failed(status))
end

local function moved(status, stack)
  if status == OK then return stack end
  return stack, select(2, failed(status))
end

--- Closes what an enter opened, and everything inside it.
-- @return the stack after it; for a failure a sentence and a status behind, here and below
function Stack:leave(scope)
  if not ffi.istype("uint64_t", scope) then
    return self, select(2, refused "leave: a scope that an enter gave is expected")
  end
  local to = place()
  local status = lib.mona_stack_leave(self.held.at, scope, to)
  return moved(status, after(to, self.owner))
end

--- Opens a main context without a leave.
function Stack:open(arc_class, options)
  options = options or {}
  local lives, client = client_at(options.client)
  if not lives then return self, gone() end
  local kept, to = field.keep(), place()
  local name, moment = field.mark(arc_class, kept), field.moment(options.timestamp, kept)
  local id, id_len = id_of(options.id, kept)
  local status = lib.mona_stack_open(client, self.held.at, name, id, id_len, moment, to)
  field.drop(kept)
  return moved(status, opened(self, to, status, options.client))
end

--- Opens a sub-context without a leave.
function Stack:open_sub(arc_class, options)
  local kept, to = field.keep(), place()
  local name = field.mark(arc_class, kept)
  local id, id_len = id_of(options and options.id, kept)
  local status = lib.mona_stack_open_sub(self.held.at, name, id, id_len, to)
  field.drop(kept)
  return moved(status, after(to, self.owner))
end

--- Closes a sub-context that was opened without an enter: the one of this id, or the last.
function Stack:close_sub(given)
  local kept, to = field.keep(), place()
  local id, id_len = id_of(given, kept)
  local status = lib.mona_stack_close_sub(self.held.at, id, id_len, to)
  field.drop(kept)
  return moved(status, after(to, self.owner))
end

--- Forgets the open context.
function Stack:reset()
  local to = place()
  local status = lib.mona_stack_reset(self.held.at, to)
  return moved(status, after(to, self.owner))
end

--- The full id of the open context; "": none is open.
function Stack:id()
  return (library.read(function(buffer, capacity, length)
    return lib.mona_stack_id(self.held.at, buffer, capacity, length)
  end))
end

--- Whether this is the empty stack.
function Stack:is_empty() return self.held.at == nil end

-- Messages that need a closer look. What cannot be said is refused by the library, which counts and logs it; while
-- disabled nothing is refused.
local function export_any(stack, message, timestamp)
  if getmetatable(stack) ~= Stack then error("export: run:export { ... } is expected, with a colon", 3) end
  if stack.is_inert then return false end
  local kept = field.keep()
  local moment = field.moment(timestamp, kept)
  local status, sentence, name, fields, n
  taken[0] = 0
  if getmetatable(message) == value.Json then
    status = lib.mona_stack_export(stack.held.at, message.text, #message.text, moment, taken)
  else
    kept[1] = message
    fields, n, sentence, name = field.walk(message, kept)
    status = lib.mona_stack_export_fields(stack.held.at, fields, n, moment, taken)
  end
  field.drop(kept)
  if status == OK then return taken[0] == 1 end
  if sentence then
    library.has_failed()
    return nil, sentence, name
  end
  return failed(status)
end

--- Sends one event.
-- @param message    a table of fields
-- @param timestamp  seconds since the Unix epoch; nil: now
-- @return true: accepted; false: skipped on purpose (disabled, filtered, sampled out); nil, a sentence that names the
-- field, and a status: refused
function Stack:export(message, timestamp)
  if timestamp == nil and type(message) == "table" and not self.is_inert then
    local meta = getmetatable(message)
    if meta == nil or not special[meta] then
      local fields = field.borrow()
      local n, kept = field.fill(fields, message)
      if n then
        taken[0] = 0
        local status = lib.mona_stack_export_fields(self.held.at, fields, n, nil, taken)
        -- Read here, so that no trace forgets it before: its texts are only in C's pointers.
        if not message then return false end
        field.give_back(fields)
        if kept then field.drop(kept) end
        if status == OK then return taken[0] == 1 end
        return failed(status)
      end
      field.give_back(fields)
    end
  end
  return export_any(self, message, timestamp)
end

--- Sends a batch; inside an enter its events join.
-- @return as batch.send
function Stack:export_batch(events, client)
  local lives, at = client_at(client)
  if not lives then return nil, gone() end
  return batch.send(events, function(text, length, accepted)
    return lib.mona_stack_export_batch(at, self.held.at, text, length, accepted)
  end)
end

Stack.empty = empty

return Stack
