"""Every msgid of the catalogue's domain, found where it is used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract

ROOT = Path(__file__).resolve().parents[2]
# The plugin words its refusals through the same catalogue.
SOURCES = (
    ("widgets/*.py", "python"),
    ("widgets/templates/**/*.*", "jinja2"),
    ("plugin/**/*.py", "python"),
)

Msgid = str | tuple[str, str]

_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "N_": None,
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
}


def used_msgids() -> set[Msgid]:
    """Singular msgids as str, pairs with a plural as tuples."""
    return {msgid for pattern, method in SOURCES for msgid in _of(pattern, method)}


def _of(pattern: str, method: str) -> Iterator[Msgid]:
    options = {"trimmed": "false", "silent": "false"}
    for path in sorted(ROOT.glob(pattern)):
        if path.suffix not in {".py", ".html", ".txt"}:
            continue
        with path.open("rb") as source:
            for _, message, _, _ in extract(method, source, _KEYWORDS, options=options):
                if isinstance(message, tuple):
                    yield message[0], message[1]
                else:
                    yield message
