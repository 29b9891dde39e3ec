"""What a request for something public asks for: everything that its answer depends on, and no more.

Two requests that are :class:`Asked` alike are answered alike. So what this leaves out, the views
must not look at; ``tests/plugin/test_cache.py`` holds them to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

# Whoever imports it can decode as Flask does, by the name "werkzeug.url_quote".
import werkzeug.urls  # noqa: F401

from ...widgets.i18n import negotiate

#: What is read again is remembered with its meaning; longer texts are not (characters).
LONGEST = 2_000
REMEMBERED = 1_024
#: Products in one request for summaries.
MOST_SUMMARIES = 50
_SKU = r"[A-Za-z0-9._~-]{1,64}"
_IS_SKU = re.compile(_SKU)


@dataclass(frozen=True, slots=True)
class Asked:
    """One public read. ``parameters`` are those that the route reads, the first of each name."""

    route: str
    skus: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]
    lang: str
    #: Whether the address names its language, so that no header chooses it.
    named: bool

    @property
    def for_cdns(self) -> bool:
        """Whether a cache that many share may keep it for a moment: what programs check, and what
        it could mix up, it may not."""
        return self.named and not self.route.startswith("/api/")


@dataclass(frozen=True, slots=True)
class _Route:
    """``reads`` are the parameters that change its answers, beside those of a ``wall``; without
    ``products`` the SKU stands in the path. A ``strict`` one refuses parameters that it does not
    know. One without ``language`` is the same in all."""

    reads: tuple[str, ...] = ()
    wall: bool = False
    products: int = 0
    strict: bool = False
    language: bool = True


_ROUTES: Mapping[str, _Route] = {
    "/embed/wall": _Route(("styles",), wall=True, products=1),
    "/embed/summary": _Route(("styles",), products=MOST_SUMMARIES),
    "/frame/wall": _Route(("theme",), wall=True, products=1),
    "/products/*": _Route(wall=True),
    "/badge/*.svg": _Route(("theme",)),
    "/api/v1/products/*/reviews": _Route(wall=True, strict=True, language=False),
    "/api/v1/products/*/summary": _Route(language=False),
}
_PATHS = "|".join(re.escape(path).replace(r"\*", f"({_SKU})") for path in _ROUTES)


def reader(prefix: str, wall: Iterable[str]) -> Callable[[Mapping[str, Any]], Asked | None]:
    """Tells what a WSGI environment asks for below ``prefix``; ``None`` for what is never kept.
    ``wall`` are the parameters of a wall."""
    paths = re.compile(re.escape(prefix) + f"(?:{_PATHS})")
    shared = frozenset(wall)

    @lru_cache(REMEMBERED)
    def remembered(path: str, query: str, languages: str) -> Asked | None:
        found = paths.fullmatch(path)
        if found is None or not query.isascii():
            return None
        name, sku = path.removeprefix(prefix), None
        if found.lastindex:
            sku = found[found.lastindex]
            start = found.start(found.lastindex) - len(prefix)
            name = f"{name[:start]}*{name[start + len(sku) :]}"
        return _read(name, sku, query, languages, shared)

    def read(environ: Mapping[str, Any]) -> Asked | None:
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        languages = environ.get("HTTP_ACCEPT_LANGUAGE", "")
        if len(path) + len(query) + len(languages) > LONGEST:
            return None
        return remembered(path, query, languages)

    return read


def _read(
    name: str, sku: str | None, query: str, languages: str, wall: frozenset[str]
) -> Asked | None:
    route = _ROUTES[name]
    reads = wall.union(route.reads) if route.wall else frozenset(route.reads)
    given = parse_qsl(query, keep_blank_values=True, errors="werkzeug.url_quote")
    first: dict[str, str] = {}
    for parameter, value in given:
        first.setdefault(parameter, value)
    if route.strict and (first.keys() - reads - {"lang"} or len(given) > len(first)):
        return None
    if route.products == 1:
        skus = [first.get("product", "")]
    else:
        skus = [sku] if sku is not None else [value for key, value in given if key == "product"]
    skus = list(dict.fromkeys(skus))
    if not 0 < len(skus) <= max(1, route.products) or not all(map(_IS_SKU.fullmatch, skus)):
        return None
    read = [(key, first[key]) for key in sorted(reads) if key in first]
    if not route.language:
        return Asked(name, tuple(skus), tuple(read), "", named=True)
    wanted = first.get("lang")
    lang = negotiate(wanted, languages)
    if wanted is not None:
        # Links on a page keep the language that was asked for.
        read.append(("lang", lang))
    named = all(negotiate(wanted, other) == lang for other in ("en", "zh-CN"))
    return Asked(name, tuple(skus), tuple(read), lang, named)
