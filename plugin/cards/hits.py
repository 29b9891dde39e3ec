"""Marks in the cards of reviews where they have what was searched for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...widgets.cards import Excerpt, Hit, ReviewCard, TextCard
from ..search.highlight import Span, excerpt, find_hits, within

#: A longer text (code points) is introduced by its first hit, with so much around it.
LONG = 400
AROUND = 160


def with_hits(card: ReviewCard, terms: Sequence[str]) -> ReviewCard:
    """The card with the folded ``terms`` marked in every text that was searched."""
    if not terms:
        return card
    reply = card.reply
    return replace(
        card,
        text=None if card.text is None else _marked(card.text, terms),
        follow_ups=tuple(_marked(text, terms) for text in card.follow_ups),
        reply=None if reply is None else replace(reply, text=_marked(reply.text, terms)),
    )


def _marked(card: TextCard, terms: Sequence[str]) -> TextCard:
    if card.text is None:
        return card
    spans = find_hits(card.text, terms)
    return replace(card, hits=_hits(spans), excerpt=_excerpt(card.text, spans))


def _excerpt(text: str, spans: Sequence[Span]) -> Excerpt | None:
    part = excerpt(text, spans, AROUND) if len(text) > LONG else None
    if part is None:
        return None
    return Excerpt(
        text[part.start : part.end],
        _hits(within(spans, part)),
        begins=part.start == 0,
        ends=part.end == len(text),
    )


def _hits(spans: Sequence[Span]) -> tuple[Hit, ...]:
    return tuple(Hit(start, end) for start, end in spans)
