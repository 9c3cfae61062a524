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
    """Carries what a `default` raised through the encoder, whatever it was."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


def _item(value: Any) -> Any:
    """A scalar of numpy and its like as Python's own; else, and where its code fails, the value itself."""
    if isinstance(value, type):
        return value
    try:
        # An array has item() too where it has one element.
        if not hasattr(value, "dtype") or not hasattr(value, "item") or getattr(value, "shape", None):
            return value
        plain = value.item()
    except Exception:
        return value
    return plain if isinstance(plain, _PLAIN) else value


def _convert(value: Any) -> Any:
    plain = _item(value)
    if plain is value:
        raise _Refused(type(value).__name__)
    return plain


def _converter(default: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        plain = _item(value)
        if plain is not value:
            return plain
        try:
            return default(value)
        except BaseException as error:
            raise _Raised(error) from None

    return convert


# As deep as interpreters let an encoder in Python go by default; PyPy's compiled code sees the end of the C stack late.
_DEEPEST = 600


def _fixed(value: Any, depth: int = 0) -> Any:
    """The value with containers of its own: an encoder in Python goes through those it is given, and code of others may
    change them meanwhile."""
    if depth > _DEEPEST:
        raise RecursionError
    if isinstance(value, dict):
        # A copy is made in one step, a list of items in many.
        own = value.copy() if type(value) is dict else value
        return {key: _fixed(inner, depth + 1) for key, inner in list(own.items())}
    if isinstance(value, (list, tuple)):
        return [_fixed(inner, depth + 1) for inner in list(value)]
    return value


def _encoder(default: Callable[[Any], Any]) -> Callable[[Any], bytes]:
    """What writes a value. The library refuses text that is no Unicode, and says where."""
    # No check for circles, which would take longer: the depth ends them.
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        write = json.JSONEncoder(
            check_circular=False, ensure_ascii=False, separators=(",", ":"), default=default
        ).encode
        return lambda value: write(_fixed(value)).encode("utf-8", "surrogatepass")
    # What JSONEncoder makes anew for each text.
    parts = make(None, default, json.encoder.encode_basestring, None, ":", ",", False, False, True)
    join = "".join
    return lambda value: join(parts(value, 0)).encode("utf-8", "surrogatepass")


_encode = _encoder(_convert)


def text_of(value: Any, default: Default = None) -> bytes:
    """Gives a value as JSON. Raises only what `default` raises."""
    encode = _encode if default is None else _encoder(_converter(default))
    try:
        return encode(value)
    except RecursionError:
        return unsayable(LIMIT, "event: nested too deep, or a circle")
    except _Refused as refused:
        return unsayable(JSON, f"event: a value of type {refused}, one that JSON can say is expected")
    except _Raised as raised:
        error = raised.error
    except Exception as other:
        return unsayable(JSON, f"event: {other}, values that JSON can say are expected")
    raise error


def object_of(message: Any, default: Default) -> bytes:
    """Gives an event as JSON. Raises only what `default` raises."""
    if not isinstance(message, dict):
        return unsayable(JSON, f"event: a value of type {type(message).__name__}, a dict is expected")
    if default is None:
        try:
            return _encode(message)
        except Exception:
            # Once more, for the sentence.
            pass
    return text_of(message, default)


@lru_cache(maxsize=256)
def _text_field(text: str) -> Any:
    # Classes are few and come again and again.
    data = text.encode("utf-8", "surrogatepass")
    return ctypes.byref(Field(None, 0, FIELD_STR, 0, Value(text=Text(data, len(data)))))


def _number_field(value: Any) -> Any:
    if isinstance(value, bool):
        return ctypes.byref(Field(None, 0, FIELD_BOOL, 0, Value(boolean=value)))
    if isinstance(value, float):
        return ctypes.byref(Field(None, 0, FIELD_F64, 0, Value(f64=value)))
    if isinstance(value, int) and -(2**63) <= value < 2**64:
        if value < 2**63:
            return ctypes.byref(Field(None, 0, FIELD_I64, 0, Value(i64=value)))
        return ctypes.byref(Field(None, 0, FIELD_U64, 0, Value(u64=value)))
    return None


def _field_of(value: Any) -> Tuple[Any, Optional[bytes]]:
    """A value as a field, by reference, and its text where that is JSON."""
    if value is None:
        return None, None
    value = _item(value)
    if isinstance(value, str):
        return _text_field(str.__str__(value)), None
    number = _number_field(value)
    if number is not None:
        return number, None
    text = text_of(value)
    return ctypes.byref(Field(None, 0, FIELD_JSON, 0, Value(text=Text(text, len(text))))), text


def class_field(value: Any) -> Tuple[Any, Optional[bytes]]:
    """Gives a class as a field, and its text where that is JSON: where it is Unsayable the library refuses it."""
    return _field_of(value)


def time_field(value: Any) -> Any:
    """Gives a timestamp as a field: True as the number 1, other numbers that JSON cannot say (Decimal) by ``float()``,
    and the rest that it cannot say by ``str()``, of which the record tells."""
    if isinstance(value, bool):
        value = int(value)
    field, text = _field_of(value)
    if not isinstance(text, Unsayable):
        return field
    try:
        if hasattr(type(value), "__float__"):
            return _number_field(float(value))
    except Exception:
        pass
    try:
        return _text_field(str(value).encode("utf-8", "replace").decode())
    except Exception:
        return _text_field("?")
