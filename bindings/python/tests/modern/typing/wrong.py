"""What a type checker has to find, each at the line that says so."""

from __future__ import annotations

import types

import mona
from mona.testing import take

mona.init(queue_size="many")  # expect: typeddict-item arg-type
mona.init(queue_sise=3)  # expect: call-arg
mona.init("memory:")  # expect: call-arg arg-type misc
mona.export(3)  # expect: arg-type
mona.export([("a", 1)])  # expect: arg-type
mona.export(types.MappingProxyType({"a": 1}))  # expect: arg-type
mona.export_at("yesterday", a=1)  # expect: arg-type
mona.context(3)  # expect: arg-type
mona.sub_context("a", "b", "c")  # expect: call-arg
mona.flush("soon")  # expect: arg-type
mona.export_batch([{"arc_class": "a"}])  # expect: typeddict-item
mona.export_batch([{"message": {}, "klass": "a"}])  # expect: typeddict-unknown-key typeddict-item
mona.set_default_hook(3)  # expect: arg-type
mona.context("a")(3)  # expect: type-var
print(mona.stats().acepted)  # expect: attr-defined


@mona.context("a")
def plain(x: int) -> float:
    return 0.5


@mona.context("a")
async def coroutine(x: int) -> float:
    return 0.5


plain("x")  # expect: arg-type
text: str = plain(1)  # expect: assignment
number: float = coroutine(1)  # expect: assignment
with mona.context("a") as full_id:
    number = full_id  # expect: assignment
take()[0]["mesage"]  # expect: typeddict-item
