"""The two encodings that the line-based formats share, read strictly.

One value has one spelling. Python's own readers are too kind for that: ``int()`` takes ``" 1_0 "``
and Arabic-Indic digits, and ``b64decode("AB==", validate=True)`` ignores the bits that do not fit.
Two spellings of one value would be two receipts, or two checkpoints, of one fact, so everything
here is read, written again and compared.

>>> parse_decimal("tree size", "20852163")
20852163
>>> parse_decimal("tree size", "020852163")
Traceback (most recent call last):
...
insurance_reviews.moderation.tlog.errors.MalformedError: malformed tree size: not a plain decimal
"""

from __future__ import annotations

import base64
import re

from .errors import MalformedError

__all__ = [
    "MAX_INTEGER",
    "base64_text",
    "check_line",
    "check_text",
    "parse_base64",
    "parse_decimal",
]

#: Sizes and indexes are counted in a signed 64-bit integer, as in Go and in both database engines.
MAX_INTEGER = 2**63 - 1

# Notes are valid UTF-8 without ASCII control characters other than newline (c2sp.org/signed-note).
# A str that holds an unpaired surrogate has no UTF-8 form at all.
_FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")


def parse_decimal(what: str, text: str, maximum: int = MAX_INTEGER) -> int:
    """Read an ASCII decimal from 0 to `maximum` without sign, space, underscore or leading zero.

    :raises MalformedError: naming `what`.
    """
    if len(text) > len(str(maximum)) or not (text.isascii() and text.isdigit()):
        raise MalformedError(what, "not a plain decimal")
    value = int(text)
    if str(value) != text:
        raise MalformedError(what, "not a plain decimal")
    if value > maximum:
        raise MalformedError(what, f"greater than {maximum}")
    return value


def base64_text(data: bytes) -> str:
    """`data` in the standard base64 alphabet with padding (RFC 4648, section 4)."""
    return base64.b64encode(data).decode("ascii")


def parse_base64(what: str, text: str, length: int | None = None) -> bytes:
    """Read the one canonical base64 form of some bytes, of `length` bytes if that is given.

    :raises MalformedError: naming `what`.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise MalformedError(what, "not base64") from error
    if base64_text(data) != text:
        raise MalformedError(what, "not canonical base64")
    if length is not None and len(data) != length:
        raise MalformedError(what, f"{len(data)} bytes instead of {length}")
    return data


def check_text(what: str, text: str) -> None:
    """Refuse what a note may not contain: control characters but newline, and no-UTF-8.

    :raises MalformedError: naming `what`.
    """
    found = _FORBIDDEN.search(text)
    if found:
        raise MalformedError(what, f"contains U+{ord(found[0]):04X}")


def check_line(what: str, line: str) -> None:
    """Refuse a line that is empty, more than one, or not fit for a note.

    :raises MalformedError: naming `what`.
    """
    if not line or "\n" in line:
        raise MalformedError(what, "not one line")
    check_text(what, line)
