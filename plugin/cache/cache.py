"""The cache of one mounted application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from .asked import Asked, reader
from .entry import Entry, Form
from .revisions import Lookup
from .store import Revisions, Store


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for, and the revisions of its products as it came in."""

    asked: Asked
    revisions: Revisions


class Cache:
    """Keeps answers below ``prefix`` in ``limit`` bytes; with 0 it keeps nothing and asks
    nothing."""

    def __init__(self, engine: Engine, prefix: str, wall: Iterable[str], limit: int) -> None:
        self._read = reader(prefix, wall)
        self._lookup = Lookup(engine)
        self._enabled = limit > 0
        self.store = Store(limit)

    def asked(self, environ: Mapping[str, Any]) -> Asked | None:
        """What a request for a public read asks for, if that can be told."""
        return self._read(environ)

    def wanted(self, asked: Asked | None) -> Wanted | None:
        """``asked`` at the present revisions; ``None`` for what is not kept."""
        if asked is None or not self._enabled:
            return None
        revisions = self._lookup.revisions(asked.skus)
        if revisions is None or not any(number is not None for number in revisions):
            return None
        return Wanted(asked, revisions)

    def find(self, wanted: Wanted) -> Entry | None:
        """The answer, if it is kept."""
        return self.store.get(wanted.asked, wanted.revisions)

    def keep(self, wanted: Wanted, entry: Entry) -> None:
        """Keep an answer that was rendered after ``wanted`` was: what it shows is of these
        revisions, or newer and then soon out of date by them."""
        self.store.put(wanted.asked, wanted.revisions, entry)

    def form(self, wanted: Wanted, entry: Entry, environ: Mapping[str, Any]) -> Form:
        """The form of a kept answer that a request takes."""
        packed = entry.is_packed
        form = entry.form_for(environ)
        if entry.is_packed and not packed:
            self.store.weigh(wanted.asked, entry)
        return form
