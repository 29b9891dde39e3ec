"""The database itself: its triggers, its rights, its settings."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from ..hardening.inspect import RESTORE, inspect_database
from .findings import Finding, error


def check_database(session: Session) -> Iterator[Finding]:
    """Whether the locks are as shipped, and who may do more than the application needs."""
    for found in inspect_database(session.connection()):
        yield Finding("database", found.level, found.problem, _sentence(found.remedy))


def changed_by_hand(difference: str) -> Finding:
    """A lock or a table that is not as this release ships it."""
    return error("database", difference, _sentence(RESTORE))


def _sentence(remedy: str) -> str:
    """A remedy that can stand by itself."""
    return f"{remedy[:1].upper()}{remedy[1:]}."
