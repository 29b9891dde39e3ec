"""Comparing the index with what it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from . import rebuild
from .documents import Change, Document, document_tokens
from .expression import Search
from .keys import place_of
from .statements import holds

#: One review of so many is looked up in the inverted index by each of its tokens.
SAMPLED = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """A review that the index has otherwise than it should. ``is_damaged`` when the inverted index
    itself does not have what was written to it."""

    problem: str
    is_damaged: bool


def audit_index(
    session: Session, state_dir: Path, progress: Callable[[int, int], None]
) -> Iterator[Difference]:
    """Every review whose document differs; words and topics are compared as well, so an index that
    another segmenter built differs in many."""
    done = 0
    for total, changes in rebuild.read_expected(session, state_dir):
        for change in changes:
            if (problem := _problem(change)) is not None:
                yield Difference(f"{_name(change.after)} {problem}", is_damaged=False)
            elif done % SAMPLED == 0 and not _holds(session, change.after):
                yield Difference(
                    f"{_name(change.after)} is not found by all that it contains", is_damaged=True
                )
            done += 1
        progress(done, total)


def _problem(change: Change) -> str | None:
    before, after = change.before, change.after
    if before.facets is None:
        return "is not in the index"
    if set(before.facets.split()) != set((after.facets or "").split()):
        return "is in the index under other facets"
    held, wanted = ({part.item: part for part in each.parts} for each in (before, after))
    if held.keys() - wanted.keys():
        return "is found by a text that is gone"
    if wanted.keys() - held.keys():
        return "is not found by one of its texts"
    if any(held[item].folded != wanted[item].folded for item in wanted):
        return "is found by another text than the one that is shown"
    if held != wanted:
        return "has other words or topics in the index"
    return None


def _holds(session: Session, document: Document) -> bool:
    """Whether the inverted index has the document under each of its tokens."""
    log = place_of(document.key)[0]
    return all(
        holds(session, Search(log, document.product, (token,)), document.key)
        for token in document_tokens(document)
    )


def _name(document: Document) -> str:
    log, entry = place_of(document.key)
    return f"the review at entry {entry} of log {log}"
