"""People's words on their way into HTML.

Review texts stay plain: templates escape the pieces that :func:`pieces` cuts. The one place that
makes HTML of a text is :func:`linked`, for links in replies and mails. bleach gets no more
releases: it stands behind that one function as the second defence, never the only one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from markupsafe import Markup, escape

from .i18n import N_, Message

# ASCII only: in Chinese prose no blank separates an address from the sentence around it, so a
# pattern that takes any letter swallows the sentence. The last character is not punctuation.
_WEB_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9])https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"
    r"(?:[/?#](?:[A-Za-z0-9\-._~:/?#@!$&*+,;=%]*[A-Za-z0-9\-_~/#&=%])?)?"
)

BLOCK = "█"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a text. `kind` is "plain", "redacted" (a run of blocks) or that of a span."""

    kind: str
    text: str


class Span(Protocol):
    """A passage: code points from `start` up to `end`, and what it is."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def kind(self) -> str: ...


def pieces(text: str, spans: Iterable[Span] = ()) -> list[Piece]:
    """Cuts `text` at `spans` and at runs of blocks.

    The pieces joined are the text. Spans that overlap are merged into the earlier, spans outside
    the text are cut to it.
    """
    found: list[Piece] = []
    done = 0
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        start, end = max(span.start, done), min(span.end, len(text))
        if start >= end:
            continue
        found.extend(_runs(text[done:start]))
        found.append(Piece(span.kind, text[start:end]))
        done = end
    found.extend(_runs(text[done:]))
    return found


def _runs(text: str) -> Iterator[Piece]:
    start = 0
    while start < len(text):
        blocked = text[start] == BLOCK
        end = start
        while end < len(text) and (text[end] == BLOCK) == blocked:
            end += 1
        kind: Literal["redacted", "plain"] = "redacted" if blocked else "plain"
        yield Piece(kind, text[start:end])
        start = end


def mask(text: str, passages: Sequence[str]) -> str:
    """`text` with every occurrence of every passage replaced by as many blocks.

    The length in code points stays. Blank passages are skipped; a passage that does not occur
    raises ValueError with a :class:`Message` that quotes it.
    """
    masked = list(text)
    for passage in filter(None, (line.strip() for line in passages)):
        start = text.find(passage)
        if start < 0:
            raise ValueError(Message(N_("“%(passage)s” is not in the text."), {"passage": passage}))
        while start >= 0:
            masked[start : start + len(passage)] = BLOCK * len(passage)
            start = text.find(passage, start + 1)
    return "".join(masked)


def linked(text: str) -> Markup:
    """`text` as HTML: escaped, with http(s) addresses made links.

    The links carry ``rel="nofollow ugc noopener"``. Line breaks are left to the style sheet.
    """
    # Imported here: bleach brings an HTML parser, and most processes never show a reply.
    from bleach import clean

    html, done = Markup(), 0
    for found in _WEB_ADDRESS.finditer(text):
        html += escape(text[done : found.start()])
        html += Markup('<a href="{0}" rel="nofollow ugc noopener">{0}</a>').format(found[0])
        done = found.end()
    html += escape(text[done:])
    # Cleaned although all of it was escaped above: were that ever wrong, nothing but links passes.
    return Markup(
        clean(html, tags={"a"}, attributes={"a": ["href", "rel"]}, protocols={"http", "https"})
    )
