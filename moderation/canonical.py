"""RFC 8785 canonical JSON, restricted to what log entries and text bodies use.

Allowed are objects with ASCII keys, arrays, strings in NFC without unpaired surrogates, integers
of at most 53 bits, ``true``, ``false`` and ``null``. Without floats RFC 8785 comes down to sorted
keys, no white space and the shortest escapes, which is what :mod:`json` writes with the options
below.

>>> dumps({"type": "log.opened", "at": 0})
b'{"at":0,"type":"log.opened"}'
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

#: RFC 8785 section 3.2.2.3: integers that every IEEE 754 reader keeps exactly.
MAX_INTEGER = 2**53 - 1


#: Made once: ``json.dumps`` would make a new one for every call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


class NotCanonicalError(ValueError):
    """The value has no canonical form here, or the bytes are not in it."""


def dumps(value: object) -> bytes:
    """The canonical UTF-8 bytes of ``value``.

    Raises :class:`NotCanonicalError` for floats, big integers, non-ASCII keys, strings that are
    not NFC or hold an unpaired surrogate.
    """
    _check(value)
    return _ENCODER.encode(value).encode()


def loads(data: bytes) -> Any:
    """The value of canonical ``data``; anything not byte for byte canonical is refused."""
    try:
        value = json.loads(data.decode())
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise NotCanonicalError(f"not JSON: {error}") from error
    try:
        canonical = dumps(value)
    except RecursionError as error:
        raise NotCanonicalError("nested too deep") from error
    if canonical != data:
        raise NotCanonicalError("not in canonical form")
    return value


def _check(value: object) -> None:
    match value:
        case None | bool():
            return
        case int():
            if abs(value) > MAX_INTEGER:
                raise NotCanonicalError(f"integer {value} exceeds 53 bits")
        case str():
            _check_string(value)
        case Mapping():
            for key, member in value.items():
                if not (isinstance(key, str) and key.isascii()):
                    raise NotCanonicalError(f"key {key!r} is not an ASCII string")
                # Most are, and a verifier looks at a million of them.
                if type(member) is not str or not member.isascii():
                    _check(member)
        case Sequence() if not isinstance(value, (bytes, bytearray)):
            for member in value:
                _check(member)
        case _:
            raise NotCanonicalError(f"{type(value).__name__} has no canonical form")


def _check_string(value: str) -> None:
    if value.isascii():
        return
    if not unicodedata.is_normalized("NFC", value):
        raise NotCanonicalError("string is not in NFC")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise NotCanonicalError("string holds an unpaired surrogate") from error
