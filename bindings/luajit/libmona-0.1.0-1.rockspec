rockspec_format = "3.0"
package = "libmona"
version = "0.1.0-1"
-- Built from a checkout of libmona, in this folder: luarocks --lua-version 5.1 make
source = {
  url = "file://.",
}
description = {
  summary = "Client for Mona, which monitors algorithms in production",
  detailed = [[
    Contexts that travel with coroutines, exports that do not wait for the network. For LuaJIT 2.1 and OpenResty, over
    libmona.so, which is installed by itself.
  ]],
  license = "Apache-2.0 OR MIT",
  labels = { "monitoring", "logging", "luajit", "ffi" },
}
dependencies = {
  "lua == 5.1",
}
build = {
  type = "builtin",
  modules = {
    ["mona"] = "src/mona.lua",
    ["mona.batch"] = "src/mona/batch.lua",
    ["mona.client"] = "src/mona/client.lua",
    ["mona.field"] = "src/mona/field.lua",
    ["mona.interface"] = "src/mona/interface.lua",
    ["mona.json"] = "src/mona/json.lua",
    ["mona.library"] = "src/mona/library.lua",
    ["mona.log"] = "src/mona/log.lua",
    ["mona.run"] = "src/mona/run.lua",
    ["mona.spool"] = "src/mona/spool.lua",
    ["mona.stack"] = "src/mona/stack.lua",
    ["mona.value"] = "src/mona/value.lua",
  },
}
