"""The database itself: its triggers, its rights, its settings."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from ..hardening.inspect import RESTORE, inspect_database
from .findings import Finding, error


def check_database(session: Session) -> Iterator[Finding]:
    """Whether the locks are as shipped, and who may do more than the application needs."""
    for found in inspect_database(session.connection()):
        yield Finding("database", found.level, *_split(found.sentence))


def changed_by_hand(difference: str) -> Finding:
    """A lock or a table that is not as this release ships it."""
    return error("database", *_split(f"{difference}: {RESTORE}"))


def _split(sentence: str) -> tuple[str, str]:
    """The problem and the remedy of a sentence that joins them by a colon."""
    problem, _, remedy = sentence.rpartition(": ")
    return (problem, remedy[:1].upper() + remedy[1:] + ".") if problem else (sentence, "")
