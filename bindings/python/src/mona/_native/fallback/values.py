"""Values of Python as JSON text, for events and batches, and as fields, for classes and timestamps.

What JSON cannot say becomes a text that the library refuses, so that it is counted and logged there like everything
else that is refused, and passed over while disabled. Such a text is Unsayable and knows a better sentence.
"""

import ctypes
import json
from functools import lru_cache
from typing import Any, Callable, Optional, Tuple

from .library import FIELD_BOOL, FIELD_F64, FIELD_I64, FIELD_JSON, FIELD_STR, FIELD_U64, Field, Text, Value
from .status import JSON, LIMIT

Default = Optional[Callable[[Any], Any]]

# What `.item()` of a scalar or an array of one value may give.
_PLAIN = (bool, int, float, str, type(None), list, tuple, dict)


class Unsayable(bytes):
    """Text in place of a value that JSON cannot say: its status, and the sentence about it."""

    status: int
    detail: str


def unsayable(status: int, detail: str) -> Unsayable:
    """Makes the text for a value that cannot be said."""
    text = Unsayable(b"?")
    text.status = status
    text.detail = detail
    return text


class _Refused(Exception):
    """A value of no kind that JSON has."""


class _Raised(BaseException):
    """Carries what a `default` raised past the encoder."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


def _convert(value: Any) -> Any:
    if hasattr(value, "dtype") and hasattr(value, "item"):
        plain = value.item()
        if isinstance(plain, _PLAIN):
            return plain
    raise _Refused(type(value).__name__)


def _converter(default: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        try:
            return _convert(value)
        except Exception:
            pass
        try:
            return default(value)
        except BaseException as error:
            raise _Raised(error) from None

    return convert


def _encoder(default: Callable[[Any], Any]) -> Callable[[Any], str]:
    # No check for circles, which would take longer: the depth ends them.
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return json.JSONEncoder(
            check_circular=False, ensure_ascii=False, separators=(",", ":"), default=default
        ).encode
    # What JSONEncoder makes anew for each text.
    encode = make(None, default, json.encoder.encode_basestring, None, ":", ",", False, False, True)
    join = "".join
    return lambda value: join(encode(value, 0))


_encode = _encoder(_convert)


def text_of(value: Any, default: Default = None) -> bytes:
    """Gives a value as JSON. Raises only what `default` raises."""
    encode = _encode if default is None else _encoder(_converter(default))
    try:
        text = encode(value)
    except RecursionError:
        return unsayable(LIMIT, "event: nested too deep, or a circle")
    except _Refused as refused:
        return unsayable(JSON, f"event: a value of type {refused}, one that JSON can say is expected")
    except _Raised as raised:
        error = raised.error
    except Exception as other:
        return unsayable(JSON, f"event: {other}, values that JSON can say are expected")
    else:
        # The library refuses what is no Unicode, and says where.
        return text.encode("utf-8", "surrogatepass")
    raise error


def object_of(message: Any, default: Default = None) -> bytes:
    """Gives an event as JSON."""
    if isinstance(message, dict):
        return text_of(message, default)
    return unsayable(JSON, f"event: a value of type {type(message).__name__}, a dict is expected")


@lru_cache(maxsize=256)
def _text_field(text: str) -> Any:
    # Classes are few and come again and again.
    data = text.encode("utf-8", "surrogatepass")
    return ctypes.byref(Field(None, 0, FIELD_STR, 0, Value(text=Text(data, len(data)))))


def field_of(value: Any) -> Tuple[Any, Optional[bytes]]:
    """Gives a class or a timestamp as a field, by reference, and its text where it went as JSON."""
    if value is None:
        return None, None
    if isinstance(value, str):
        return _text_field(str.__str__(value)), None
    if hasattr(value, "dtype") and not isinstance(value, float):
        try:
            value = value.item()
        except Exception:
            pass
    if isinstance(value, bool):
        field = Field(None, 0, FIELD_BOOL, 0, Value(boolean=value))
    elif isinstance(value, int) and -(2**63) <= value < 2**64:
        if value < 2**63:
            field = Field(None, 0, FIELD_I64, 0, Value(i64=value))
        else:
            field = Field(None, 0, FIELD_U64, 0, Value(u64=value))
    elif isinstance(value, float):
        field = Field(None, 0, FIELD_F64, 0, Value(f64=value))
    else:
        text = text_of(value)
        return ctypes.byref(Field(None, 0, FIELD_JSON, 0, Value(text=Text(text, len(text))))), text
    return ctypes.byref(field), None
