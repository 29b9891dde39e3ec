"""Every msgid that the package uses, found where it is used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract

WIDGETS = Path(__file__).resolve().parents[2] / "widgets"

Msgid = str | tuple[str, str]

_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "N_": None,
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
}


def used_msgids() -> set[Msgid]:
    """Singular msgids as str, pairs with a plural as tuples."""
    return set(_of("*.py", "python")) | set(_of("templates/**/*.*", "jinja2"))


def _of(pattern: str, method: str) -> Iterator[Msgid]:
    options = {"trimmed": "false", "silent": "false"}
    for path in sorted(WIDGETS.glob(pattern)):
        if path.suffix not in {".py", ".html", ".txt"}:
            continue
        with path.open("rb") as source:
            for _, message, _, _ in extract(method, source, _KEYWORDS, options=options):
                if isinstance(message, tuple):
                    yield message[0], message[1]
                else:
                    yield message
