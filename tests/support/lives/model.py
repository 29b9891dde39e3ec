"""What everybody should see, in plain Python."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from insurance_reviews.plugin.schema import STAGES

Json = dict[str, Any]
STANDS, REDACTED, REMOVED, WITHDRAWN = "stands", "redacted", "removed", "withdrawn"


@dataclass(eq=False)
class Text:
    """Words that were published. ``item`` holds them today."""

    words: str | None
    item: str = ""
    fate: str = STANDS


@dataclass(eq=False)
class Review:
    """A review that was acknowledged. ``key`` is its author's."""

    id: str
    token: str
    key: str
    product: str
    stage: str
    score: int
    aspects: dict[str, int]
    own: Text | None
    follow_ups: list[Text] = field(default_factory=list)
    replies: list[Text] = field(default_factory=list)

    def __repr__(self) -> str:
        return self.id

    @property
    def authors(self) -> list[Text]:
        """The texts that only their author may withdraw."""
        return [*([] if self.own is None else [self.own]), *self.follow_ups]

    @property
    def texts(self) -> list[Text]:
        return [*self.authors, *self.replies]

    @property
    def withdrawn(self) -> bool:
        return any(text.fate == WITHDRAWN for text in self.authors)

    def check(self, shown: Json) -> None:
        """Fail unless ``shown`` is this review, whole."""
        for name in ("id", "product", "stage", "score", "aspects"):
            assert shown[name] == getattr(self, name), name
        _check_text(self.own or Text(None), shown)
        versions = shown["reply"]["versions"] if shown["reply"] else []
        for expected, below in ((self.follow_ups, shown["follow_ups"]), (self.replies, versions)):
            assert len(below) == len(expected)
            for text, one in zip(expected, below, strict=True):
                _check_text(text, one)

    def learn_items(self, shown: Json) -> None:
        """Which item holds which text today."""
        versions = shown["reply"]["versions"] if shown["reply"] else []
        own = [] if self.own is None else [shown]
        for text, one in zip(self.texts, [*own, *shown["follow_ups"], *versions], strict=True):
            text.item = one["item"]


def _check_text(text: Text, shown: Json) -> None:
    assert shown["text"] == text.words
    stone = shown["tombstone"]
    fate = STANDS
    if stone is not None:
        gone = WITHDRAWN if stone["ground"] == WITHDRAWN else REMOVED
        fate = REDACTED if stone["redacted"] else gone
    assert fate == text.fate


@dataclass(eq=False)
class Report:
    """A report about one item of a review."""

    id: str
    review: Review
    text: Text
    item: str
    verdict: str | None = None

    def __repr__(self) -> str:
        return self.id


@dataclass
class Figures:
    """A product's figures, counted one by one."""

    scores: Counter[tuple[str, int]] = field(default_factory=Counter)
    invited: Counter[str] = field(default_factory=Counter)
    replied: int = 0
    removals: int = 0

    def check(self, shown: Json) -> None:
        """Fail unless ``shown`` is this summary."""
        count = self.scores.total()
        assert shown["count"] == count
        assert shown["removals"] == self.removals
        assert _near(shown["replies"]["rate"], self.replied, count)
        assert _near(
            shown["average"], sum(score * n for (_, score), n in self.scores.items()), count, 0.006
        )
        for stage in STAGES:
            own = shown["stages"][stage]
            histogram = {str(score): self.scores[stage, score] for score in range(1, 6)}
            assert own["histogram"] == histogram
            assert own["eligible"] == self.invited[stage]
            assert _near(own["coverage"], sum(histogram.values()), self.invited[stage])


def _near(shown: float | None, total: int, count: int, off: float = 0.0001) -> bool:
    if not count:
        return shown is None
    return shown is not None and abs(shown - total / count) < off
