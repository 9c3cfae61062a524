"""An application for uvicorn: a context for each request; its lifespan ends with a flush.

uvicorn ends a worker by the default action of the signal that it got: nothing of Python or C runs after this.
"""

import asyncio
from typing import Any, Awaitable, Callable

import say


async def application(
    scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Exports two events in a context that has the path as its id; answers the id that it saw at the end."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.get_running_loop().run_in_executor(None, say.flush)
        await send({"type": "lifespan.shutdown.complete"})
        return
    request = scope["path"][1:]
    with say.context("web", request):
        say.export({"request": request, "step": 1})
        await asyncio.sleep(0.005)
        say.export({"request": request, "step": 2})
        seen = say.current_id().encode()
    length = str(len(seen)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    await send({"type": "http.response.body", "body": seen})
