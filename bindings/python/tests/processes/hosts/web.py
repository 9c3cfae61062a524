"""An application for gunicorn: a context for each request, open while other requests come in."""

import time
from typing import Any, Callable, Iterable

import say

# At import, so that with --preload the client runs before the workers are forked.
say.send("import", [0])


def application(environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Exports two events in a context that has the path as its id; answers the id that it saw at the end."""
    request = environ["PATH_INFO"][1:]
    with say.context("web", request):
        say.export({"request": request, "step": 1})
        time.sleep(0.005)
        say.export({"request": request, "step": 2})
        seen = say.current_id().encode()
    start_response("200 OK", [("Content-Length", str(len(seen)))])
    return [seen]
