"""The config file as the older package shows it: ``configuration``, ``DEFAULT_CONFIGURATION`` and
``OBSERVER``.

The core reads and watches the file by itself. ``configuration`` is a dict that looks at it whenever it is
read; giving its ``disable_all`` another value switches everything off, or on again.
"""

import json
import os
from typing import Any, Callable, Dict, Iterator, Optional, Tuple

from mona import _native as native
from mona import _runtime

from .logger import LOGGER

DEFAULT_CONFIGURATION: Dict[str, Any] = {"disable_all": False}

_PACKAGED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "config", "mona_client_config.json")
# As in the core: a larger file is not read.
_MOST_BYTES = 65536


def config_file() -> str:
    """The path of the config file: ``MONA_CLIENT_CONFIG_FILE``, else the one in the package."""
    return os.environ.get("MONA_CLIENT_CONFIG_FILE") or _PACKAGED


def read_file(path: str) -> Optional[Dict[str, Any]]:
    """The options in a config file; None where there is no such file, or none that can be used."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read(_MOST_BYTES + 1)[:_MOST_BYTES])
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


class _Configuration(Dict[str, Any]):
    """What the config file says, read again where it changed; a file that cannot be read changes nothing."""

    def __init__(self) -> None:
        super().__init__(DEFAULT_CONFIGURATION)
        self._seen: Optional[Tuple[str, int, int, int]] = None
        self._waits_for_client: Optional[bool] = None

    def __setitem__(self, key: str, value: Any) -> None:
        self._refresh()
        super().__setitem__(key, value)
        if key == "disable_all":
            self._press(bool(value))

    def update(self, *others: Any, **values: Any) -> None:
        for key, value in dict(*others, **values).items():
            self[key] = value

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def _press(self, disabled: bool) -> None:
        running = _runtime.client()
        if running is None:
            self._waits_for_client = disabled
        else:
            running.set_disabled(disabled)

    def client_started(self, started: native.Client) -> None:
        """Tells the client what the program said about ``disable_all`` before there was one."""
        waits, self._waits_for_client = self._waits_for_client, None
        if waits is not None:
            started.set_disabled(waits)

    def _refresh(self) -> None:
        path = config_file()
        try:
            found = os.stat(path)
        except OSError:
            return
        seen = (path, found.st_ino, found.st_size, found.st_mtime_ns)
        if seen == self._seen:
            return
        content = read_file(path)
        if content is None:
            LOGGER.warning("%s: no configuration that can be used, one JSON object is expected", path)
        else:
            super().clear()
            super().update(DEFAULT_CONFIGURATION)
            super().update(content)
        self._seen = seen

    def __getitem__(self, key: str) -> Any:
        self._refresh()
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._refresh()
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._refresh()
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._refresh()
        return super().__iter__()

    def __len__(self) -> int:
        self._refresh()
        return super().__len__()

    def __eq__(self, other: object) -> bool:
        self._refresh()
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __repr__(self) -> str:
        self._refresh()
        return super().__repr__()

    def copy(self) -> Dict[str, Any]:
        return {key: self[key] for key in self}

    def keys(self) -> Any:
        self._refresh()
        return super().keys()

    def values(self) -> Any:
        self._refresh()
        return super().values()

    def items(self) -> Any:
        self._refresh()
        return super().items()

    def __reduce__(self) -> Tuple[Callable[..., Dict[str, Any]], Tuple[Dict[str, Any]]]:
        return dict, (self.copy(),)


configuration: _Configuration = _Configuration()


class _Observer:
    """Stands for the thread of the older package that watched the file. The core's own one does; this one is
    idle.
    """

    name = "mona-config"
    daemon = True

    def start(self) -> None:
        """Does nothing: the file is watched from the start of the client on."""

    def stop(self) -> None:
        """Does nothing: the file is watched as long as the client is open."""

    def join(self, timeout: Optional[float] = None) -> None:
        """Returns at once."""

    def is_alive(self) -> bool:
        """Whether the file is being watched: from the start of the client on."""
        return _runtime.client() is not None


OBSERVER: _Observer = _Observer()
