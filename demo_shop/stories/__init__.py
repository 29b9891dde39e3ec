"""What the demo shop's policyholders wrote: reviews, follow-ups, replies and removals.

One TOML file for each product, named by its sku, beside this module. Every text was written for
this shop and is invented, like the people, the insurers and the report numbers in it.

Days are counted, never dated, so that the shop looks lived in on whatever day it is opened:

* `ago`: the policy event happened so many days before today,
* `delay`: the review was written so many days after the event,
* `after`, `filed_after`, `withdrawn_after`: so many days after the review.

A story that speaks of a season names its `months`; `Story.occurred_on` then goes back to the
nearest such month. Going back only, it can never put anything into the future.
"""

import json
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, with_config

from insurance_reviews.demo_shop import catalogue

Target = Literal["review", "follow_up", "reply"]
Ground = Literal["personal_data", "unlawful_content", "defamation", "court_order", "other"]
Verdict = Literal["acknowledged", "disputed"]

ASPECTS: dict[catalogue.Stage, frozenset[str]] = {
    "underwriting": frozenset({"clarity", "ease", "attitude"}),
    "renewal": frozenset({"reminder", "ease", "attitude"}),
    "claim": frozenset({"speed", "guidance", "outcome", "attitude"}),
}
MASK = "█"
TEXT_LIMIT = 5000
OLDEST = 700

_STRICT = ConfigDict(extra="forbid", strict=True)
_HOLDER = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{2,5}|[A-Z][A-Za-z'-]+( [A-Z][A-Za-z'-]+)+")


def _within(value: int, low: int, high: int, what: str) -> None:
    if not low <= value <= high:
        raise ValueError(f"{what} is {value}, must be between {low} and {high}")


def _check_text(text: str) -> None:
    _within(len(text), 1, TEXT_LIMIT, "length of text")
    if text != text.strip() or text != unicodedata.normalize("NFC", text):
        raise ValueError("text must be NFC, without blanks at its ends")
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c != "\n" for c in text):
        raise ValueError("text holds a control character")


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Reply:
    """One version of the insurer's public reply, published `after` days."""

    after: int
    text: str

    def __post_init__(self) -> None:
        _check_text(self.text)


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class FollowUp:
    """What the author added `after` days (追评)."""

    after: int
    text: str

    def __post_init__(self) -> None:
        _check_text(self.text)


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The regulator's answer to a report, `after` days from its filing."""

    after: int
    verdict: Verdict
    note: str | None = None

    def __post_init__(self) -> None:
        if self.verdict == "disputed" and self.note is None:
            raise ValueError("a disputed report says why: note is missing")


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Removal:
    """A report to the regulator and what was then done to one text.

    `position` counts from 0 among the follow-ups or among the reply's versions. Without `masks`
    the whole text goes; with them every occurrence of these passages is blacked out.
    `removed_after` counts from the filing; `None` means reported, but not removed.
    """

    target: Target
    authority: str
    report_no: str
    ground: Ground
    reasons: str
    filed_after: int
    removed_after: int | None = None
    position: int = 0
    masks: tuple[str, ...] = ()
    acknowledgement: Acknowledgement | None = None

    def redact(self, text: str) -> str:
        """The text with every masked passage replaced, position by position, by `MASK`."""
        for passage in self.masks:
            text = text.replace(passage, MASK * len(passage))
        return text


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Story:
    """One policy event and everything that was said about it. `holder` None: anonymous."""

    key: str
    product: str
    stage: catalogue.Stage
    score: int
    ago: int
    delay: int
    text: str
    holder: str | None = None
    aspects: dict[str, int] | None = None
    months: tuple[int, ...] = ()
    replies: tuple[Reply, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    removals: tuple[Removal, ...] = ()
    withdrawn_after: int | None = None

    def __post_init__(self) -> None:
        try:
            self._check_event()
            self._check_days()
            for one in self.removals:
                self._check_removal(one)
        except ValueError as error:
            raise ValueError(f"story {self.key}: {error}") from error

    def occurred_on(self, today: date) -> date:
        """The day of the policy event, seen from `today`."""
        day = today - timedelta(days=self.ago)
        while self.months and day.month not in self.months:
            day -= timedelta(days=1)
        return day

    def written_on(self, today: date, after: int = 0) -> date:
        """The day of the review, or `after` days later, seen from `today`."""
        return self.occurred_on(today) + timedelta(days=self.delay + after)

    def target_text(self, removal: Removal) -> str:
        """The text which this removal is about, as it was first published."""
        return self._target(removal)[1]

    def _target(self, removal: Removal) -> tuple[int, str]:
        if removal.target == "review":
            return 0, self.text
        texts = self.follow_ups if removal.target == "follow_up" else self.replies
        _within(removal.position, 0, len(texts) - 1, f"position of the {removal.target}")
        return texts[removal.position].after, texts[removal.position].text

    def _check_event(self) -> None:
        product = catalogue.load().product(self.product)
        if self.stage not in product.stages:
            raise ValueError(f"{self.product} has no stage {self.stage}")
        _within(self.score, 1, 5, "score")
        for name, value in (self.aspects or {}).items():
            if name not in ASPECTS[self.stage]:
                raise ValueError(f"{self.stage} has no aspect {name!r}")
            _within(value, 1, 5, name)
        if self.holder is not None and not _HOLDER.fullmatch(self.holder):
            raise ValueError(f"holder {self.holder!r} is not a full name")
        _check_text(self.text)

    def _check_days(self) -> None:
        # A search for a month may go back up to 11 months more.
        _within(self.ago, 1, OLDEST - 335 if self.months else OLDEST, "ago")
        _within(self.delay, 0, min(self.ago, 60), "delay")
        left = self.ago - self.delay
        for texts in (self.replies, self.follow_ups):
            days = [one.after for one in texts]
            if days != sorted(days):
                raise ValueError("replies and follow-ups stand in the order of time")
            for day in days:
                _within(day, 0, left, "after")
        for month in self.months:
            _within(month, 1, 12, "month")
        if self.withdrawn_after is not None:
            _within(self.withdrawn_after, 0, left, "withdrawn_after")
            if any(one.after >= self.withdrawn_after for one in self.follow_ups):
                raise ValueError("nothing can be added after a withdrawal")

    def _check_removal(self, one: Removal) -> None:
        published, text = self._target(one)
        left = self.ago - self.delay
        _within(one.filed_after, published, left, "filed_after")
        for days in (one.removed_after, one.acknowledgement and one.acknowledgement.after):
            _within(days or 0, 0, left - one.filed_after, "days after the filing")
        for passage in one.masks:
            if not passage or passage not in text:
                raise ValueError(f"nothing to mask: {passage!r} is not in the text")


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class _File:
    stories: tuple[Story, ...]


def parse(sku: str, source: str) -> tuple[Story, ...]:
    """The stories of one product from the text of its TOML file.

    `ValueError` (pydantic's, or tomllib's) names the story and the mistake.
    """
    tables = tomllib.loads(source)
    for table in tables.get("stories", ()):
        table.setdefault("product", sku)
    # By way of JSON, where pydantic's strict mode accepts an array for a tuple.
    return TypeAdapter(_File).validate_json(json.dumps(tables)).stories


@cache
def load() -> tuple[Story, ...]:
    """All stories, product by product. `ValueError` names the story and the mistake."""
    folder = resources.files(__package__)
    stories = tuple(
        story
        for product in catalogue.load().products
        for story in parse(product.sku, folder.joinpath(f"{product.sku}.toml").read_text("utf-8"))
    )
    keys: set[str] = set()
    for story in stories:
        if story.key in keys:
            raise ValueError(f"story {story.key!r} occurs twice")
        keys.add(story.key)
    return stories
