"""All that is shown, held against the log: the export of all reviews, each wall, each summary."""

from __future__ import annotations

import tempfile
from typing import IO, Any, Final, Protocol

from . import figures
from .differences import brief
from .entries import is_product
from .findings import CannotCheck, Findings
from .live import Progress
from .replay import Replay
from .shown import Shown, Span, place_of
from .site import MAX_LINE, Site, Unreadable, parse_json

#: How many pages of each wall are read, of how many reviews.
PAGES: Final = 2
PAGE: Final = 50
#: How often a busy product's figures are read until no entry comes in between.
ATTEMPTS: Final = 5


class Growing(Protocol):
    """The log while it is read: ``size`` as last seen; ``refresh`` asks again, and replays what
    has come since."""

    @property
    def size(self) -> int: ...

    def refresh(self, at_least: int = 0) -> int: ...


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

    def list_products(self) -> list[str]:
        """The SKUs of the insurer's products, those that the log knows first.

        Raises :class:`CannotCheck` when there is no API to ask.
        """
        try:
            value = self.site.products()
            skus = [
                product["sku"]
                for product in value["items"]
                if product["insurer"] == self.shown.insurer
            ]
            if not all(map(is_product, skus)):
                raise TypeError("a SKU has not its form")
        except (Unreadable, TypeError, KeyError) as error:
            self.findings.add("shown-malformed", f"the list of products: {error}")
            return figures.products(self.replay, self.log.size)
        logged = figures.products(self.replay, self.log.size)
        for sku in logged:
            if sku not in skus:
                self.findings.add("product-hidden", f"the product {sku} is not listed", log=sku)
        return [*logged, *(sku for sku in skus if sku not in logged)]

    def check_export(self) -> None:
        """Every review of the log, and no other, in its order."""
        old = self.log.size
        with tempfile.TemporaryFile(prefix="insurance-reviews-verify-") as spool:
            # On disk first: what may be missing or more is known when the log has been asked again.
            last = self._spool(spool)
            span = Span(old, self.log.refresh(at_least=last))
            spool.seek(0)
            self._compare_export(spool, span)

    def _spool(self, spool: IO[bytes]) -> int:
        """Copy the export; the size that a log must have to hold its last review."""
        last = b""
        for line in self.site.export():
            spool.write(line)
            last = line
        try:
            index = place_of(parse_json(last, "")) if last else None
        except Unreadable:
            index = None
        return 0 if index is None else index + 1

    def _compare_export(self, spool: IO[bytes], span: Span) -> None:
        logged = self.replay.ask(
            "SELECT entry, id FROM review WHERE entry < ? ORDER BY entry", (span.new,)
        )
        expected, previous = logged.fetchone(), -1
        [total] = self.replay.one("SELECT count(*) FROM review") or [0]
        while line := spool.readline(MAX_LINE):
            try:
                value = parse_json(line, f"line {self.reviews + 1} of reviews.jsonl")
            except Unreadable as error:
                self.findings.add("shown-malformed", str(error))
                continue
            self.reviews += 1
            if not self.reviews & 0xFF:
                self.progress("reviews", min(self.reviews, total), total)
            index = self.shown.check(value, span)
            if index is None:
                continue
            if index <= previous:
                self.findings.add(
                    "reviews-disordered",
                    f"entry {index} is shown after entry {previous}",
                    index=index,
                )
                continue
            previous = index
            while expected is not None and expected[0] <= index:
                if expected[0] < index:
                    self._hidden(expected, span)
                expected = logged.fetchone()
        while expected is not None:
            self._hidden(expected, span)
            expected = logged.fetchone()
        self.progress("reviews", total, total)

    def _hidden(self, row: tuple[Any, ...], span: Span) -> None:
        entry, name = row
        if entry < span.old:
            self.findings.add(
                "review-hidden", f"entry {entry}: {name} is not shown", index=entry, log=name
            )

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
        for _ in range(PAGES):
            old = self.log.size
            try:
                page = self.site.wall(sku, PAGE, after)
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
                    raise ValueError(f"it is that of {page['product']}")
            except (KeyError, TypeError, ValueError) as error:
                self.findings.add("shown-malformed", f"the wall of {sku}: {error!r}")
                return
            if after is None or not places:
                return
            below = places[-1]

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
