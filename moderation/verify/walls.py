"""All that is shown, held against the log: the export of all reviews, each wall, each summary."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final, Protocol

from . import figures
from .differences import brief
from .entries import is_product
from .findings import CannotCheck, Findings
from .live import Progress
from .replay import Replay
from .shown import Shown, Span, place_of
from .site import MAX_REVIEW, Site, TooLong, Unreadable, parse_json

#: How many reviews of each wall are read, and how many at once. Where those are longer than a page
#: may be, fewer: a seventh, then one.
READ: Final = 100
PAGE: Final = 50
#: Bytes of the export that wait on disk until the log has been asked again.
PORTION: Final = 16_000_000
#: How often a busy product's figures are read until no entry comes in between.
ATTEMPTS: Final = 5


_LISTS: Final = """
CREATE TABLE listed (sku TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE asked (number INTEGER PRIMARY KEY, sku TEXT UNIQUE);
"""
_HIDDEN: Final = "SELECT sku FROM asked EXCEPT SELECT sku FROM listed ORDER BY 1"
_AFTER: Final = "SELECT entry, id FROM review WHERE entry > ? AND entry < ? ORDER BY entry"


class Growing(Protocol):
    """The log while it is read: ``size`` as last seen; ``refresh`` asks again, and replays what
    has come since."""

    @property
    def size(self) -> int: ...

    def refresh(self, at_least: int = 0) -> int: ...


@dataclass(slots=True)
class Compared:
    """How far an export was compared: its lines, and the entry of its last review in order."""

    lines: int = 0
    previous: int = -1


class Walls:
    """Compares everything that a shop shows of one insurer."""

    def __init__(
        self, site: Site, log: Growing, replay: Replay, findings: Findings, progress: Progress
    ) -> None:
        self.progress = progress
        self.site = site
        self.log = log
        self.replay = replay
        self.findings = findings
        self.shown = Shown(replay, findings, replay.insurer or site.insurer)
        self.reviews = 0
        self.products = 0

    def list_products(self) -> int:
        """Find the insurer's products, those that the log knows first; how many there are.

        Raises :class:`CannotCheck` when there is no API to ask.
        """
        database = self.replay.database
        database.executescript(_LISTS)
        logged = ((sku,) for sku in figures.products(self.replay, self.log.size))
        database.executemany("INSERT INTO asked (sku) VALUES (?)", logged)
        try:
            for product in self.site.products():
                if product["insurer"] != self.shown.insurer:
                    continue
                if not is_product(product["sku"]):
                    raise TypeError("a SKU has not its form")
                database.execute("INSERT OR IGNORE INTO listed VALUES (?)", (product["sku"],))
        except (Unreadable, TypeError, KeyError) as error:
            self.findings.add("shown-malformed", f"the list of products: {error}")
        else:
            for (sku,) in database.execute(_HIDDEN):
                self.findings.add("product-hidden", f"the product {sku} is not listed", log=sku)
            database.execute("INSERT OR IGNORE INTO asked (sku) SELECT sku FROM listed")
        [number] = self.replay.one("SELECT count(*) FROM asked") or [0]
        return int(number)

    def check_export(self) -> None:
        """Every review of the log, and no other, in its order."""
        old, lines, compared = self.log.size, self.site.export(), Compared()
        with tempfile.TemporaryFile(prefix="insurance-reviews-verify-") as spool:
            more = True
            while more:
                # On disk first: what may be missing or more is known when the log has been asked
                # again. In portions, because nobody else says where an export ends.
                last, more = self._spool(spool, lines)
                span = Span(old, self.log.refresh(at_least=last))
                spool.seek(0)
                more = self._compare_export(spool, span, compared) and more
        logged = self.replay.ask(_AFTER, (compared.previous, old))
        for row in logged:
            self._hidden(row)
        [total] = self.replay.one("SELECT count(*) FROM review") or [0]
        self.progress("reviews", total, total)

    def _spool(self, spool: IO[bytes], lines: Iterator[bytes]) -> tuple[int, bool]:
        """Copy a portion of the export; the size that a log must have to hold its last review, and
        whether there may be more."""
        last, more = b"", False
        spool.seek(0)
        spool.truncate()
        for line in lines:
            spool.write(line)
            last = line
            if more := spool.tell() >= PORTION:
                break
        try:
            index = place_of(parse_json(last, "")) if last else None
        except Unreadable:
            index = None
        return 0 if index is None else index + 1, more

    def _compare_export(self, spool: IO[bytes], span: Span, compared: Compared) -> bool:
        """Compare a portion; whether an honest shop could have more to show."""
        logged = self.replay.ask(_AFTER, (compared.previous, span.new))
        expected = logged.fetchone()
        [total] = self.replay.one("SELECT count(*) FROM review") or [0]
        while line := spool.readline(MAX_REVIEW):
            compared.lines += 1
            if compared.lines > span.new:
                self.findings.add(
                    "shown-malformed", "reviews.jsonl has more lines than the log has entries"
                )
                return False
            try:
                value = parse_json(line, f"line {compared.lines} of reviews.jsonl")
            except Unreadable as error:
                self.findings.add("shown-malformed", str(error))
                continue
            self.reviews += 1
            if not self.reviews & 0xFF:
                self.progress("reviews", min(self.reviews, total), total)
            index = self.shown.check(value, span)
            if index is None:
                continue
            if index <= compared.previous:
                self.findings.add(
                    "reviews-disordered",
                    f"entry {index} is shown after entry {compared.previous}",
                    index=index,
                )
                continue
            compared.previous = index
            while expected is not None and expected[0] <= index:
                if expected[0] < min(index, span.old):
                    self._hidden(expected)
                expected = logged.fetchone()
        return True

    def _hidden(self, row: tuple[Any, ...]) -> None:
        entry, name = row
        self.findings.add(
            "review-hidden", f"entry {entry}: {name} is not shown", index=entry, log=name
        )

    def check_products(self, total: int) -> None:
        """The figures and the wall of each of the ``total`` products that were found."""
        for number in range(1, total + 1):
            [sku] = self.replay.one("SELECT sku FROM asked WHERE number = ?", (number,)) or [""]
            self.check_product(sku)
            self.progress("products", number, total)

    def check_product(self, sku: str) -> None:
        """A product's figures and the first pages of its wall."""
        self.products += 1
        try:
            self._check_figures(sku)
            self._check_wall(sku)
        except Unreadable as error:
            self.findings.add("shown-malformed", str(error))
        except CannotCheck as error:
            self.findings.could_not(error)

    def _check_figures(self, sku: str) -> None:
        for _ in range(ATTEMPTS):
            old = self.log.size
            shown = self.site.summary(sku)
            new = self.log.refresh()
            if shown is None:
                self._not_there(sku)
                return
            differing = [
                figures.differences(figures.figures(self.replay, sku, size), shown)
                for size in figures.moments(self.replay, sku, old, new)
            ]
            if not all(differing):
                return
            if old == new:
                for name, logged, seen in differing[0]:
                    self.findings.add(
                        "figures-differ",
                        f"{sku}: {name} is shown as {brief(seen)}, not {brief(logged)}",
                        log=logged,
                        shown=seen,
                    )
                return
        raise CannotCheck(f"{sku}: the log is too busy to compare its figures", "log-busy")

    def _not_there(self, sku: str) -> None:
        self.findings.add("product-hidden", f"there is nothing at the product {sku}", log=sku)

    def _check_wall(self, sku: str) -> None:
        after: str | None = None
        below: int | None = None
        read, limit = 0, PAGE
        while read < READ:
            old = self.log.size
            try:
                page = self.site.wall(sku, limit, after)
                if page is None:
                    self._not_there(sku)
                    return
                items, after, total = page["items"], page["next"], page["total"]
                places = [place_of(item) for item in items]
                top = max((place for place in places if place is not None), default=-1)
                span = Span(old, self.log.refresh(at_least=top + 1))
                for item in items:
                    self.shown.check(item, span)
                self._compare_order(sku, places, below, after is None, span)
                self._compare_total(sku, total, span)
                if page["product"] != sku:
                    raise ValueError(f"it is that of {brief(page['product'])}")
            except TooLong:
                if limit == 1:
                    raise
                limit = limit // 7 or 1
                continue
            except (KeyError, TypeError, ValueError) as error:
                self.findings.add("shown-malformed", f"the wall of {sku}: {error!r}")
                return
            if after is None or not places:
                return
            below = places[-1]
            read += len(places)

    def _compare_order(
        self, sku: str, places: list[int | None], below: int | None, last: bool, span: Span
    ) -> None:
        """The newest reviews below the previous page, without a gap, newest first."""
        top = span.new if below is None else below
        logged = [
            entry
            for (entry,) in self.replay.ask(
                "SELECT entry FROM review WHERE product = ? AND entry < ? "
                "ORDER BY entry DESC LIMIT ?",
                (sku, top, len(places) + 1000),
            )
        ]
        while logged and places[:1] != logged[:1] and logged[0] >= span.old:
            del logged[0]
        if places != logged[: len(places)] or (last and len(logged) > len(places)):
            self.findings.add(
                "wall-differs",
                f"{sku}: the wall does not show the newest reviews in the order of the log",
                log=logged[: len(places) + 1],
                shown=places,
            )

    def _compare_total(self, sku: str, total: object, span: Span) -> None:
        query = "SELECT count(*) FROM review WHERE product = ? AND entry < ?"
        [(least,), (most,)] = [
            self.replay.ask(query, (sku, size)).fetchone() for size in (span.old, span.new)
        ]
        if type(total) is not int or not least <= total <= most:
            self.findings.add(
                "wall-differs",
                f"{sku}: the wall says it has {brief(total)} reviews, the log has {most}",
                log=most,
                shown=total,
            )
