"""``MonaThread``: a thread that goes on in the context of the thread that starts it."""

from threading import Thread
from typing import Any, Callable, Optional

from . import client


class MonaThread(Thread):
    """A thread whose target runs in the context that is open where ``start()`` is called; where none is, in a
    fresh one.
    """

    def __init__(
        self, group: None = None, target: Optional[Callable[..., Any]] = None, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(group, target, *args, **kwargs)
        self._full_context_id = ""

    def start(self) -> None:
        """Starts the thread, with the full id of the context that is open now."""
        self._full_context_id = client.get_full_context_id()
        super().start()

    def run(self) -> None:
        """Runs the target in a context of that id. Globals are sent again there, the class is not."""
        with client.new_mona_context(context_id=self._full_context_id):
            super().run()
