-- A request of nginx: each is a coroutine of its own, and others run while it waits.

local mona = require "mona"

local n = tonumber(ngx.var.arg_n)
mona.context("request", { id = "request-" .. n }, function(run)
  ngx.sleep(math.random() / 20)
  assert(mona.export { n = n, null = ngx.null })
  mona.sub("step", { id = "step" }, function()
    ngx.sleep(math.random() / 20)
    assert(mona.export { n = n })
  end)
  assert(run:export { n = n })
end)
ngx.print(mona.context_id(), "done")
