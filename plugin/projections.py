"""The public JSON of a review, written out by hand: nothing appears here that is not meant to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ..moderation.estimate import Interval
from ..moderation.texts import TextState
from .names import POLICYHOLDER
from .queries.reviews import PublishedReview, PublishedText
from .queries.summary import AspectFigure, Scores, Summary
from .queries.trend import MonthFigure

Json = dict[str, Any]


def time_json(seconds: int) -> str:
    """RFC 3339 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def date_json(seconds: int, zone: ZoneInfo) -> str:
    """The day of a moment where the readers are."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).date().isoformat()


def log_json(origin: str, index: int) -> Json:
    """Where in which log an entry stands."""
    return {"origin": origin, "index": index}


def text_json(published: PublishedText, origin: str, zone: ZoneInfo) -> Json:
    """``Text`` of the API. The name is part of the committed words: without it nobody could check
    them (``docs/adr/0008-texts-say-whose-name-they-bear.md``)."""
    return {
        "display_name": published.state.name,
        **_words_json(published.state, zone),
        "log": log_json(origin, published.index),
        "at": time_json(published.at),
    }


def _words_json(state: TextState | None, zone: ZoneInfo) -> Json:
    if state is None:
        return dict.fromkeys(("item", "text", "salt", "commitment", "tombstone"))
    tombstone = state.tombstone
    return {
        "item": state.item,
        "text": state.text,
        "salt": state.salt,
        "commitment": state.commitment,
        "tombstone": None
        if tombstone is None
        else {
            "removed_on": date_json(tombstone.removed_at, zone),
            "ground": tombstone.ground,
            "authority": tombstone.authority,
            "report_no": tombstone.report_no,
            "acknowledged": tombstone.verdict,
            "redacted": tombstone.redacted,
        },
    }


def review_json(review: PublishedReview, zone: ZoneInfo) -> Json:
    """``Review`` of the API: its own text's fields stand beside the score. Bare dates are of
    ``zone``."""
    state = None if review.text is None else review.text.state
    return {
        "id": review.id,
        "product": review.product,
        "insurer": review.insurer,
        "stage": review.stage,
        "channel": review.channel,
        "score": review.score,
        "aspects": dict(review.aspects),
        "display_name": (state and state.name) or POLICYHOLDER,
        "experienced_on": review.experienced,
        "submitted_at": time_json(review.at),
        "log": log_json(review.origin, review.index),
        "author": review.author,
        **_words_json(state, zone),
        "at": None if state is None else time_json(review.at),
        "follow_ups": [text_json(text, review.origin, zone) for text in review.follow_ups],
        "reply": _reply_json(review, zone),
    }


def _reply_json(review: PublishedReview, zone: ZoneInfo) -> Json | None:
    versions = [
        {"version": reply.version, **text_json(reply.text, review.origin, zone)}
        for reply in review.replies
    ]
    return {**versions[-1], "versions": versions} if versions else None


def summary_json(summary: Summary) -> Json:
    """The figures of a product."""
    return {
        **scores_json(summary.scores),
        "stages": {
            stage: {
                **scores_json(figures.scores),
                "aspects": aspects_json(figures.aspects),
                "eligible": figures.eligible,
                "coverage": number_json(figures.coverage),
                "months": months_json(summary.trend.of(stage)),
            }
            for stage, figures in summary.stages.items()
        },
        "months": months_json(summary.trend.overall),
        "topics": [
            {"topic": topic, "count": scores.count} for topic, scores in summary.topics_of()
        ],
        "replies": {
            "rate": number_json(summary.reply_rate),
            "median_hours": summary.median_hours,
        },
        "removals": summary.removals,
    }


def scores_json(scores: Scores) -> Json:
    """What a histogram comes to."""
    return {
        "average": number_json(scores.average),
        "interval": interval_json(scores.interval),
        "count": scores.count,
        "small_sample": scores.is_small,
        "histogram": {str(score): number for score, number in scores.histogram.items()},
    }


def aspects_json(aspects: Mapping[str, AspectFigure]) -> Json:
    """The averages of the sub-scores of a stage."""
    return {
        aspect: {"average": number_json(figure.average), "count": figure.count}
        for aspect, figure in aspects.items()
    }


def interval_json(interval: Interval | None) -> Json | None:
    """Both ends."""
    if interval is None:
        return None
    return {"low": number_json(interval.low), "high": number_json(interval.high)}


def months_json(months: tuple[MonthFigure, ...]) -> list[Json]:
    """The trend."""
    return [
        {"month": one.month, "average": number_json(one.average), "count": one.count}
        for one in months
    ]


def number_json(value: Decimal | None) -> float | None:
    """A rounded figure as a JSON number."""
    return None if value is None else float(value)
