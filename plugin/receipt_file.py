"""The receipt file: all that its keeper needs to check one review, in one JSON object.

``docs/receipts.md`` gives its form; the page ``/r/<review>/verify`` and the command
``insurance-reviews-verify --receipt`` read it.
"""

from __future__ import annotations

import json
from typing import Any, Final

from sqlalchemy.orm import Session

from ..moderation import canonical
from ..moderation.commitment import author_of, is_hex_32
from ..moderation.log_keys import signing_key
from ..moderation.receipts import make_receipt, read_leaf
from .links import Links
from .queries.reviews import PublishedReview
from .services.catalogue import log_of
from .settings import Settings

VERSION: Final = 1


def file_name(review: str) -> str:
    """What the file is called when it is saved."""
    return f"{review}.receipt.json"


def receipt_file(
    session: Session, settings: Settings, review: PublishedReview, author_key: str | None = None
) -> dict[str, Any]:
    """The receipt of `review` against the newest checkpoint.

    The leaf and the proof stand in it as strings, byte for byte: their hashes are what is checked.
    The words are those that the leaf commits to, or null once they are gone or redacted.
    """
    ref = log_of(session, review.insurer)
    leaf = read_leaf(session, ref, review.index)
    assert leaf is not None, "a review has its entry"
    item = canonical.loads(leaf)["item"]
    proof = make_receipt(session, ref, review.index)
    words = review.text.state if review.text is not None else None
    if words is not None and words.item != item:
        words = None  # A redaction has an item and a salt of its own, which fit another entry.
    return {
        "version": VERSION,
        "log": {
            "origin": ref.origin,
            "url": Links.absolute(settings).log(ref.insurer),
            "key": signing_key(session, ref, proof.checkpoint),
        },
        "index": review.index,
        "leaf": leaf.decode(),
        "item": item,
        "salt": words and words.salt,
        "name": words and words.name,
        "text": words and words.text,
        "author_key": author_key,
        "proof": proof.format(),
    }


def format_receipt_file(receipt: dict[str, Any]) -> str:
    """The file's text, a member on each line: people open it, too."""
    return json.dumps(receipt, ensure_ascii=False, indent=1) + "\n"


def is_key_of(author_key: str | None, author: str) -> bool:
    """Whether `author_key` is one, and the one whose hash the review carries."""
    return author_key is not None and is_hex_32(author_key) and author_of(author_key) == author
