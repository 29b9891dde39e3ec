"""Answers that are small on the wire and large in memory, in the place of all that a shop shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from insurance_reviews.moderation import canonical
from insurance_reviews.moderation.tlog.tile import TILE_WIDTH
from insurance_reviews.moderation.verify.site import MAX_REVIEW, REVIEW_MARKS

from .static_log import Json, StaticShop, name, write_files

#: Bytes of an answer that is more than may be.
LARGE = 32_000_000

#: What is repeated in one; what stands before it, and after it.
SHAPES = {
    "lists in a list": (b"[", b"[],", b"[]]"),
    "objects in a list": (b"[", b'{"a":1},', b"{}]"),
    "numbers in a list": (b"[", b"1.5,", b"0]"),
    "lists in lists": (b"", b"[", b""),
    "items": (b'{"items":[', b"[],", b"[]]}"),
    "members": (b'{"items":[],"a":{', b'"a":1,', b'"b":2}}'),
    "escapes": (b'{"items":["', rb"\u4e00", b'"]}'),
    "an emoji and letters": (b'{"items":["' + "😀".encode(), b"aaaaaaaa", b'"]}'),
}


def body(shape: str, size: int = LARGE) -> bytes:
    """An answer of about ``size`` bytes."""
    before, repeated, after = SHAPES[shape]
    return before + repeated * (size // len(repeated)) + after


def shop_of(entries: int = 3) -> StaticShop:
    shop = StaticShop()
    for number in range(entries):
        shop.review(f"p-{number % 2}")
    return shop


def largest(review: Json) -> bytes:
    """A review as large as it may be, of as many values, and of characters of four bytes each."""
    values: list[list[None]] = [[] for _ in range((REVIEW_MARKS - 100) // 2)]
    small = {**review, "text": "😀", "further": values}
    room = MAX_REVIEW - len(_dump({"product": "p-0", "items": [small], "next": None, "total": 1}))
    return _dump({**small, "text": "😀" + "a" * room})


def write_answers(folder: Path, shape: str) -> None:
    """A shop that answers with ``shape`` whatever is asked but its log."""
    write_files(shop_of(), folder)
    data = body(shape)
    for file in _shown(folder):
        file.write_bytes(data)


def write_within(folder: Path, lines: int) -> None:
    """A shop whose answers are as large as they may be, and no larger."""
    shop = shop_of(max(lines, 2))
    write_files(shop, folder)
    for file in _shown(folder):
        if file.name.startswith("reviews.jsonl"):
            with file.open("wb") as export:
                for review in shop.reviews[:lines]:
                    export.write(largest(review) + b"\n")
        elif "summary" not in file.name and "products.body" not in file.name:
            shown = next(r for r in shop.reviews if r["product"] == file.parent.name)
            page = b'{"product":"%s","items":[' % file.parent.name.encode() + largest(shown)
            file.write_bytes(page + b'],"next":null,"total":1}')


def write_rows(folder: Path, bundles: int) -> None:
    """A log of entries that are as large as they may be, and wait for the database as they are:
    each redacts, at thousands of places, what the one before it made of a text."""
    shop = shop_of()
    item = shop.reviews[0]["item"]
    masks = [[2 * number, 1] for number in range(6_200)]
    while len(shop.leaves) < bundles * TILE_WIDTH:
        new = name("it", len(shop.leaves))
        fields = {"item": new, "commitment": "0" * 64, "masks": masks}
        shop.append(
            "text.removed", item=item, report=name("rp", 1), author_key=None, redacted=fields
        )
        item = new
    assert len(canonical.dumps(masks)) < 65_000
    write_files(shop, folder)


def _shown(folder: Path) -> Iterator[Path]:
    yield from (file for file in folder.glob("api/v1/**/*") if file.is_file())


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
