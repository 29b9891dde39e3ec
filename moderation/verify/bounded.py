"""JSON that strangers wrote, looked at before it is parsed.

A byte of it may become a hundred in memory: ``[],`` is a list, and one emoji makes a whole text
four bytes a character. So each kind of answer has its number of bytes and of *marks*, the commas,
colons and opening brackets outside strings: no value can do without one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

#: How deep values may be nested. Ours are at most seven deep.
MAX_DEPTH: Final = 16

#: Strings as a whole, an unfinished one too, or else each quote in it would be looked at to the
#: end. The groups give nothing back, so that the time is linear.
_PARTS: Final = re.compile(rb'[\[\]{},:]|"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_DECODER: Final = json.JSONDecoder(parse_float=Decimal)
_OPEN, _CLOSE, _QUOTE, _COMMA = b"[{", b"]}", 0x22, 0x2C


class Oversize(ValueError):
    """More than an honest answer needs."""


def loads(data: bytes, marks: int) -> Any:
    """The value of ``data``, its numbers exact. Raises :class:`ValueError`, and of its kinds
    :class:`Oversize` for more than ``marks`` values or names, or a nesting beyond
    :data:`MAX_DEPTH`."""
    check_shape(data, marks)
    try:
        return _DECODER.decode(data.decode())
    except (RecursionError, ArithmeticError) as error:
        # A number may have an exponent that no memory holds.
        raise ValueError(str(error) or type(error).__name__) from error


def check_shape(data: bytes, marks: int) -> None:
    """Raise :class:`Oversize` where ``data`` has more marks, or is nested deeper, than it may."""
    opened = data.count(b"[") + data.count(b"{")
    if opened <= MAX_DEPTH and opened + data.count(b",") + data.count(b":") <= marks:
        return  # Even if all of them stood outside strings.
    depth = 0
    for part in _PARTS.finditer(data):
        mark = data[part.start()]
        if mark in _CLOSE:
            depth -= 1
            continue
        if mark == _QUOTE:
            continue
        marks -= 1
        depth += mark in _OPEN
        if marks < 0 or depth > MAX_DEPTH:
            raise Oversize("it has more values, or deeper ones, than it may have")


def items(data: bytes, most: int, marks: int) -> Iterator[Any]:
    """The values in the list ``items`` of the object ``data``, one after the other, each of at
    most ``most`` bytes and ``marks`` marks: however long the list is, one of them is in memory.

    Raises :class:`ValueError` for anything else, when it is met.
    """
    #: Where the list's content begins, and where what was not given of it yet does.
    begin, piece_at, inside, depth, key = -1, -1, False, 0, b""
    for part in _PARTS.finditer(data):
        place = part.start()
        mark = data[place]
        depth += mark in _OPEN
        if depth > MAX_DEPTH:
            raise Oversize("it is nested deeper than it may be")
        if mark == _QUOTE and depth == 1:
            key = part.group()[:100]
        elif begin < 0 and mark in b"[" and depth == 2 and key == b'"items"':
            inside, begin, piece_at = True, place + 1, place + 1
        elif inside and depth == 2 and (mark == _COMMA or mark in _CLOSE):
            inside = mark == _COMMA
            piece = data[piece_at : min(place, piece_at + most + 1)]
            if len(piece) > most:
                raise Oversize(f"one of its items is longer than {most} bytes")
            if inside or piece_at > begin or piece.strip():
                yield loads(piece, marks)
            piece_at = place + 1 if inside else place
        depth -= mark in _CLOSE
    rest = data[: max(begin, 0)][: most + 1] + data[max(piece_at, 0) :][: most + 1]
    if begin < 0 or len(rest) > most or loads(rest, marks).get("items") != []:
        raise ValueError("it is no object with a list of items")
