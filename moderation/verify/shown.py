"""Reviews as they are shown, held against the log: from the export, a wall or by themselves.

A shop lives on while it is read. What is shown was true at some moment between two checkpoints,
``old`` (fetched before) and ``new`` (fetched after), so it must fit the log at one of the sizes
between them, and nothing in the log of ``old`` may be missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..tlog.encoding import MAX_INTEGER
from .differences import Fault, brief, fault_of, time_text, words_fit
from .findings import Findings
from .replay import Replay
from .texts import Text, moments, text_as_of

#: So many texts of one kind are looked at below a review: fewer can be shown (``site.MAX_REVIEW``).
MOST_BELOW: Final = 5_000

#: The name beside a review whose own went with its words, or never was.
POLICYHOLDER: Final = "保单持有人"

_REVIEW: Final = """
SELECT entry, at, id, product, stage, score, aspects, item, author, experienced
FROM review WHERE entry = ?
"""


@dataclass(frozen=True, slots=True)
class Span:
    """The sizes of the checkpoints before and after something was read."""

    old: int
    new: int


@dataclass(slots=True)
class Shown:
    """Compares shown reviews with a replay."""

    replay: Replay
    findings: Findings
    insurer: str
    #: Texts that are those committed to.
    texts: int = 0

    def check(self, shown: Any, span: Span) -> int | None:
        """Compare one ``Review`` of the API; the index at which it says it stands, if it does."""
        index = place_of(shown)
        if index is None:
            self.findings.add(
                "shown-malformed", "a review without its place in the log", shown=shown
            )
            return None
        row = self.replay.one(_REVIEW, (index,)) if index < span.new else None
        if row is None:
            self.findings.add(
                "review-unlogged",
                f"{brief(shown.get('id'))} is shown as entry {index}, which is no review",
                index=index,
                shown=shown.get("id"),
            )
            return index
        try:
            self._compare_facts(index, row, shown)
            self._compare_own_text(index, row, shown, span)
            self._compare_below(index, row, shown, span)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            self.findings.add(
                "shown-malformed",
                f"entry {index}: the review has not the API's form: {type(error).__name__} {error}",
                index=index,
            )
        return index

    def _compare_facts(self, index: int, row: tuple[Any, ...], shown: Mapping[str, Any]) -> None:
        _, at, name, product, stage, score, aspects, _, author, experienced = row
        expected = {
            "id": name,
            "product": product,
            "insurer": self.insurer,
            "stage": stage,
            "channel": "online",
            "score": score,
            "aspects": json.loads(aspects),
            "author": author,
            "experienced_on": experienced,
            "submitted_at": time_text(at),
        }
        for field, value in expected.items():
            self._expect(index, field, value, shown[field])
        self._expect(index, "log.origin", self.replay.origin, shown["log"]["origin"])

    def _compare_own_text(
        self, index: int, row: tuple[Any, ...], shown: Mapping[str, Any], span: Span
    ) -> None:
        at, item = row[1], row[7]
        name = shown["display_name"]
        if item is None:
            for field in ("item", "text", "salt", "commitment", "tombstone", "at"):
                self._expect(index, field, None, shown[field])
            self._expect(index, "display_name", POLICYHOLDER, name)
            return
        self._expect(index, "at", time_text(at), shown["at"])
        text = self._compare_text(index, item, shown, span)
        if text is not None and text.gone:
            self._expect(index, "display_name", POLICYHOLDER, name)

    def _compare_below(
        self, index: int, row: tuple[Any, ...], shown: Mapping[str, Any], span: Span
    ) -> None:
        review = row[2]
        follow_ups, reply = shown["follow_ups"], shown["reply"]
        versions = [] if reply is None else reply["versions"]
        logged = self.replay.ask(
            "SELECT entry, at, item FROM follow_up WHERE review = ? AND entry < ? ORDER BY entry "
            f"LIMIT {MOST_BELOW}",
            (review, span.new),
        ).fetchall()
        if self._same_entries(index, "follow-ups-differ", logged, follow_ups, span):
            for (entry, at, item), text in zip(logged, follow_ups, strict=False):
                self._compare_published(entry, at, item, text, span)
        logged = self.replay.ask(
            "SELECT entry, at, item, version FROM reply WHERE review = ? AND entry < ? "
            f"ORDER BY entry LIMIT {MOST_BELOW}",
            (review, span.new),
        ).fetchall()
        if not self._same_entries(index, "replies-differ", logged, versions, span):
            return
        for (entry, at, item, version), text in zip(logged, versions, strict=False):
            self._expect(entry, "version", version, text["version"])
            self._compare_published(entry, at, item, text, span)
        if reply is not None:
            newest = {key: value for key, value in reply.items() if key != "versions"}
            if not versions or newest != versions[-1]:
                self.findings.add(
                    "replies-differ",
                    f"entry {index}: the reply that stands first is not its newest version",
                    index=index,
                )

    def _compare_published(
        self, index: int, at: int, item: str, shown: Mapping[str, Any], span: Span
    ) -> None:
        """A follow-up, or a version of a reply."""
        self._expect(index, "at", time_text(at), shown["at"])
        text = self._compare_text(index, item, shown, span)
        if text is not None and text.gone:
            self._expect(index, "display_name", None, shown["display_name"])

    def _same_entries(
        self,
        index: int,
        code: str,
        logged: Sequence[tuple[Any, ...]],
        shown: Sequence[Mapping[str, Any]],
        span: Span,
    ) -> bool:
        """Whether exactly the log's entries are shown, in its order; the newest may be missing."""
        entries = [row[0] for row in logged]
        places = [text["log"]["index"] for text in shown]
        for text in shown:
            self._expect(index, "log.origin", self.replay.origin, text["log"]["origin"])
        least = sum(entry < span.old for entry in entries)
        if places == entries[: len(places)] and len(places) >= least:
            return True
        self.findings.add(
            code,
            f"entry {index}: below it stand entries {brief(places or 'none')}, "
            f"not {brief(entries or 'none')}",
            index=index,
            log=entries,
            shown=places,
        )
        return False

    def _compare_text(
        self, index: int, item: str, shown: Mapping[str, Any], span: Span
    ) -> Text | None:
        """Hold one shown ``Text`` to the log; the state of the log that it fits best."""
        newest: tuple[Text, Fault] | None = None
        for size in moments(self.replay, item, span.old, span.new):
            text = text_as_of(self.replay, item, size)
            if text is None:
                continue
            fault = fault_of(text, shown)
            if fault is None:
                if not text.gone:
                    self._compare_words(index, text, shown)
                return text
            newest = newest or (text, fault)
        if newest is None:
            return None
        text, (code, message, logged, seen) = newest
        self.findings.add(code, f"entry {index}: {message}", index=index, log=logged, shown=seen)
        return text

    def _compare_words(self, index: int, text: Text, shown: Mapping[str, Any]) -> None:
        name, words, salt = shown["display_name"], shown["text"], shown["salt"]
        if words_fit(bytes.fromhex(salt), name, words, text.commitment):
            self.texts += 1
            return
        self.findings.add(
            "text-differs",
            f"entry {index}: the name and text shown are not those committed to",
            index=index,
            log=text.commitment,
            shown=f"{brief(name)}: {brief(words)}",
        )

    def _expect(self, index: int, field: str, logged: object, shown: object) -> None:
        if logged != shown or type(logged) is not type(shown):
            self.findings.add(
                "review-differs",
                f"entry {index}: {field} is shown as {brief(shown)}, not {brief(logged)}",
                index=index,
                log=logged,
                shown=shown,
            )


def place_of(shown: Any) -> int | None:
    """The index at which a shown review says it stands."""
    log = shown.get("log") if isinstance(shown, Mapping) else None
    index = log.get("index") if isinstance(log, Mapping) else None
    return index if type(index) is int and 0 <= index <= MAX_INTEGER else None
