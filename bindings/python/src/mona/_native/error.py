"""The exception of both implementations."""


class Error(Exception):
    """A call of libmona failed: ``status`` is its number, ``detail`` a sentence."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail

    def __str__(self) -> str:
        return self.detail
