"""Strings that want to run: the published forms of cross-site scripting, combined.

Each calls :data:`MARK` with its own number, so that one that runs says which it is. Each is written
for one of :data:`PLACES`, where a page that is careless lets it run.
"""

from __future__ import annotations

import html
import random
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from .hostile_forms import (
    ADDRESSES,
    CALLS,
    ELSEWHERE,
    ENDINGS,
    GESTURES,
    INSIDE,
    LEADING,
    MUTANTS,
    SCRIPTS,
    SELF_STARTERS,
    SURROUNDINGS,
    WAITING,
)

#: The function that they call. Whoever shows them puts it into every window.
MARK = "hit"
SEED = 4

#: How a careless page puts a string in. The first is by far the most frequent mistake; the last
#: four undo an encoding once more than it was done.
PLACES: dict[str, Callable[[str], str]] = {
    "text": lambda s: f"<div>{s}</div>",
    "double-quoted": lambda s: f'<input value="{s}">',
    "single-quoted": lambda s: f"<input value='{s}'>",
    "unquoted": lambda s: f"<input value={s}>",
    "address": lambda s: f'<a href="{s}">x</a>',
    "textarea": lambda s: f"<textarea>{s}</textarea>",
    "title": lambda s: f"<title>{s}</title>",
    "description": lambda s: f'<meta name="description" content="{s}">',
    "comment": lambda s: f"<!-- {s} -->",
    "style": lambda s: f"<style>b {{ color: {s} }}</style>",
    "data": lambda s: f'<script type="application/ld+json">{{"text": "{s}"}}</script>',
    "script": lambda s: f'<script>var said = "{s}";</script>',
    "template": lambda s: f"<script>var said = `{s}`;</script>",
    "handler": lambda s: f"<script>function said() {{}}</script><b onclick=\"said('{s}')\">x</b>",
    "unescaped": lambda s: f"<div>{html.unescape(s)}</div>",
    "percent-decoded": lambda s: f"<div>{unquote(s)}</div>",
    "normalised": lambda s: f"<div>{unicodedata.normalize('NFKC', s)}</div>",
    "upper case": lambda s: f"<div>{s.upper()}</div>",
}
#: For strings that no page lets run.
NOWHERE = "nowhere"

Form = Callable[[random.Random, str], str]


@dataclass(frozen=True, slots=True)
class Hostile:
    """A string, and the place that it is for."""

    number: int
    place: str
    text: str


def hostile(count: int) -> Iterator[Hostile]:
    """So many different strings, of all forms in turn; always the same ones."""
    chance = random.Random(SEED)
    for number in range(count):
        place, form = FORMS[number % len(FORMS)]
        yield Hostile(number, place, form(chance, chance.choice(CALLS) % number))


def raw(string: Hostile) -> str:
    """A page that puts ``string`` where it can run."""
    place = PLACES.get(string.place, PLACES["text"])
    return f"<!doctype html><meta charset=utf-8>{place(string.text)}"


def _forms() -> Iterator[tuple[str, Form]]:
    for handler, markup in SELF_STARTERS:
        yield "text", _element(markup, handler)
    yield from (("text", _gesture(markup)) for markup in WAITING)
    yield from (("text", _leading(markup)) for markup in LEADING)
    yield from (("text", _around(markup)) for markup in SCRIPTS)
    yield from (("text", _mutant(markup)) for markup in MUTANTS)
    for place, endings in ENDINGS.items():
        yield from ((place, _leaving(ending)) for ending in endings)
    for place, ways in INSIDE.items():
        yield from ((place, _inside(way)) for way in ways)
    yield "unescaped", _encoded(html.escape)
    yield "unescaped", _encoded(lambda text: "".join(f"&#x{ord(c):x};" for c in text))
    yield "percent-decoded", _encoded(lambda text: text.replace("<", "%3C").replace(">", "%3e"))
    yield "normalised", _encoded(_wide)
    yield "upper case", lambda _, call: f"<ſvg><ſcript>{_decimal(call)}</ſcript>"
    yield from ((NOWHERE, _inside(markup)) for markup in ELSEWHERE)


def _element(markup: str, handler: str) -> Form:
    """An element with a handler; tags and attributes have no case, and slashes are spaces."""
    before, _, after = markup.rpartition("{}")

    def form(chance: random.Random, call: str) -> str:
        opening = _mixed(before, chance) if chance.random() < 0.3 and "=" not in before else before
        if chance.random() < 0.2 and "=" not in before and "svg" not in before:
            opening = opening.replace(" ", "/")
        return _surrounded(f"{opening}{_attribute(handler, call, chance)}{after}", chance)

    return form


def _attribute(name: str, code: str, chance: random.Random) -> str:
    if chance.random() < 0.3:
        code = _entities(code, chance)
    elif chance.random() < 0.1:
        code = code.replace("(", "&lpar;").replace(")", "&rpar;")
    if chance.random() < 0.3:
        name = _mixed(name, chance)
    quote = chance.choice(("", '"', "'"))
    equals = chance.choice(("=", "=", " = ", "=\n"))
    return f"{name}{equals}{quote}{code}{quote}{'' if quote else ' '}"


def _gesture(markup: str) -> Form:
    return lambda chance, call: _element(markup, chance.choice(GESTURES))(chance, call)


def _leading(markup: str) -> Form:
    def form(chance: random.Random, call: str) -> str:
        address = chance.choice(ADDRESSES).replace("{}", call)
        quote = chance.choice(('"', "'", ""))
        return _surrounded(markup.replace("{}", f"{quote}{address}{quote}"), chance)

    return form


def _around(markup: str) -> Form:
    return lambda chance, call: _surrounded(markup.replace("{}", call), chance)


def _inside(markup: str) -> Form:
    """With nothing around that the place would choke on."""
    return lambda chance, call: markup.replace("{}", call)


def _mutant(markup: str) -> Form:
    return lambda chance, call: markup.replace("{}", _starter(chance, call))


def _leaving(ending: str) -> Form:
    return lambda chance, call: ending + _starter(chance, call)


def _encoded(encode: Callable[[str], str]) -> Form:
    return lambda chance, call: encode(_starter(chance, call))


def _starter(chance: random.Random, call: str) -> str:
    """An element that starts by itself, in a few letters."""
    handler, markup = chance.choice(SELF_STARTERS[:6])
    return _element(markup, handler)(chance, call)


def _surrounded(markup: str, chance: random.Random) -> str:
    return chance.choice(SURROUNDINGS) + markup + chance.choice(SURROUNDINGS)


def _mixed(markup: str, chance: random.Random) -> str:
    return "".join(chance.choice((c.upper(), c.lower())) for c in markup)


def _entities(code: str, chance: random.Random) -> str:
    """The same to who reads an attribute."""
    ways: tuple[Callable[[str], str], ...] = (
        lambda c: f"&#{ord(c)};",
        lambda c: f"&#x{ord(c):X};",
        lambda c: f"&#{ord(c):07};",
        str,
    )
    return "".join(chance.choice(ways)(c) for c in code)


def _decimal(code: str) -> str:
    return "".join(f"&#{ord(c)};" for c in code)


def _wide(text: str) -> str:
    """In full-width letters, which some databases do not tell from the others."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


FORMS: Sequence[tuple[str, Form]] = tuple(_forms())
