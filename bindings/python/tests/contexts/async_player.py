"""Plays the scenarios of ``async.json`` through a package and gives what it answered and recorded."""

from __future__ import annotations

import re
from typing import Any, Callable

from async_units import KINDS

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def play(scenario: dict[str, Any], package: Any) -> tuple[list[Any], list[dict[str, Any]]]:
    """The results of the scenario's operations, and its records as ``{"op", "context", "message"}``.

    ``package`` has a method for each operation, and ``taken()`` for the records since it was asked last.
    """

    def outcome(operation: Any) -> tuple[Any, Exception | None]:
        """Runs in the unit: what is raised there would end it, and leave the scenario waiting."""
        try:
            return package.do(operation), None
        except Exception as error:
            return None, error

    units: dict[str, Any] = {}
    results: list[Any] = []
    wire: list[dict[str, Any]] = []
    try:
        for number, operation in enumerate(scenario["ops"]):
            name, unit = operation["op"], operation.get("unit")
            result = None
            if name == "start":
                units[unit] = KINDS[operation["kind"]](outcome)
            elif name == "end":
                await units.pop(unit).end()
            elif unit is None:
                result = package.do(operation)
            else:
                result, error = await units[unit].do(operation)
                if error is not None:
                    raise error
            results.append(result)
            wire += [{"op": number, **record} for record in package.taken()]
    finally:
        for left in units.values():
            await left.end()
    return numbered(results, wire)


def numbered(results: Any, wire: Any) -> Any:
    """Both with generated ids in the order they were seen in: ``<uuid1>``, ``<uuid2>``."""
    seen: dict[str, str] = {}

    def replace(value: Any) -> Any:
        if isinstance(value, str):
            return UUID.sub(lambda found: seen.setdefault(found.group(), f"<uuid{len(seen) + 1}>"), value)
        if isinstance(value, list):
            return [replace(item) for item in value]
        if isinstance(value, dict):
            return {key: replace(item) for key, item in value.items()}
        return value

    return replace(results), replace(wire)


class Package:
    """Operations by their names; ``handle`` names a block from its enter to its exit."""

    def __init__(self) -> None:
        self.handles: dict[str, Any] = {}

    def do(self, operation: dict[str, Any]) -> Any:
        call: Callable[[dict[str, Any]], Any] = getattr(self, operation["op"])
        return call(operation)

    def _enter(self, handle: str, block: Any) -> Any:
        self.handles[handle] = block
        return block.__enter__()

    def new_context_exit(self, operation: dict[str, Any]) -> Any:
        self.handles.pop(operation["handle"]).__exit__(None, None, None)

    new_sub_context_exit = new_context_exit


class Modern(Package):
    """The package ``mona``. It opens nothing without a block; one that is never left stands for that."""

    def __init__(self, recorded: Any) -> None:
        super().__init__()
        import mona

        self._mona = mona
        self._recorded = recorded

    def new_context_enter(self, operation: dict[str, Any]) -> Any:
        block = self._mona.context(operation.get("arc_class"), operation.get("context_id"))
        return self._enter(operation["handle"], block)

    def new_sub_context_enter(self, operation: dict[str, Any]) -> Any:
        block = self._mona.sub_context(operation.get("arc_class"), operation.get("sub_context_id"))
        full_id = self._enter(operation["handle"], block)
        return full_id.rpartition(".")[2]

    def init(self, operation: dict[str, Any]) -> Any:
        return self.new_context_enter({"handle": object(), **operation})

    def init_sub_context(self, operation: dict[str, Any]) -> Any:
        return self.new_sub_context_enter({"handle": object(), **operation})

    def get_full_context_id(self, operation: dict[str, Any]) -> Any:
        return self._mona.context_id()

    def export(self, operation: dict[str, Any]) -> Any:
        return self._mona.export(operation["message"]) or None

    def taken(self) -> list[dict[str, Any]]:
        records = self._recorded.records
        self._recorded.clear()
        return [{"context": record["context"], "message": record["message"]} for record in records]


class DropIn(Package):
    """The package ``mona_client``, this one or the older one; ``taken`` gives its records."""

    def __init__(self, taken: Callable[[], list[dict[str, Any]]]) -> None:
        super().__init__()
        from mona_client import client

        self._client = client
        self.taken = taken

    def new_context_enter(self, operation: dict[str, Any]) -> Any:
        block = self._client.new_mona_context(operation.get("arc_class"), operation.get("context_id", ""))
        self._enter(operation["handle"], block)
        return self._client.get_full_context_id()

    def new_sub_context_enter(self, operation: dict[str, Any]) -> Any:
        block = self._client.new_mona_sub_context(
            operation.get("arc_class"), operation.get("sub_context_id", "")
        )
        return self._enter(operation["handle"], block)

    def init(self, operation: dict[str, Any]) -> Any:
        self._client.init(operation.get("arc_class"), operation.get("context_id", ""))
        return self._client.get_full_context_id()

    def init_sub_context(self, operation: dict[str, Any]) -> Any:
        return self._client.init_sub_context(operation.get("arc_class"), operation.get("sub_context_id", ""))

    def get_full_context_id(self, operation: dict[str, Any]) -> Any:
        return self._client.get_full_context_id()

    def export(self, operation: dict[str, Any]) -> Any:
        return self._client.export(operation["message"])
