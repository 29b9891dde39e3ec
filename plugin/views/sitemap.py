"""The sitemap (sitemaps.org): an index, one file of walls, and one for each run of a log.

All of them lie right under the prefix, because a sitemap may name only what lies below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from xml.sax.saxutils import escape

from flask import Blueprint, Response

from ...moderation.log import all_logs
from ..cards.reviews import day
from ..current import get_state
from ..errors import NotFound
from ..links import Links
from ..queries.sitemap import Changed, has_reviews, list_chunks, list_reviews, list_walls
from ..services.catalogue import log_of
from ..state import State

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
#: More runs no log will ever have, and no database could be asked for more.
_MOST_CHUNKS = 10**9
#: How much text is sent at a time, in addresses.
_PIECE = 500


def register(blueprint: Blueprint) -> None:
    """Add the index and its files."""
    blueprint.add_url_rule("/sitemap.xml", "sitemap", sitemap)
    blueprint.add_url_rule("/sitemap-products.xml", "sitemap_products", sitemap_products)
    blueprint.add_url_rule("/sitemap-<insurer>-<int:chunk>.xml", "sitemap_reviews", sitemap_reviews)


def sitemap() -> Response:
    """The index of all files."""
    state = get_state()
    root = state.settings.base_url
    with state.work.reading() as session:
        chunks = list(list_chunks(session))
    names = ["products", *(f"{insurer}-{number}" for insurer, number in chunks)]
    entries = (f"<sitemap>{_location(f'{root}/sitemap-{name}.xml')}</sitemap>" for name in names)
    return _answer("sitemapindex", entries)


def sitemap_products() -> Response:
    """The index, the comparison and the logs' pages, which change with every entry; the walls."""
    state = get_state()
    with state.work.reading() as session:
        walls = list_walls(session)
        insurers = [ref.insurer for ref in all_logs(session)]
    links = Links.absolute(state.settings)
    others = (links.products(), links.compare("claim"), *map(links.log, insurers))
    pages = (f"<url>{_location(url)}</url>" for url in others)
    return _answer(
        "urlset", chain(pages, (_page(state, links.wall(wall.id), wall) for wall in walls))
    )


def sitemap_reviews(insurer: str, chunk: int) -> Response:
    """The pages of the reviews in one run of an insurer's log."""
    state = get_state()
    with state.work.reading() as session:
        ref = log_of(session, insurer)
        if chunk >= _MOST_CHUNKS or not has_reviews(session, ref, chunk):
            raise NotFound
    links = Links.absolute(state.settings)
    reviews = list_reviews(state.work, ref, chunk)
    return _answer("urlset", (_page(state, links.review(found.id), found) for found in reviews))


def _page(state: State, url: str, changed: Changed) -> str:
    if changed.at is None:
        return f"<url>{_location(url)}</url>"
    last = day(changed.at, state.settings.timezone).isoformat()
    return f"<url>{_location(url)}<lastmod>{last}</lastmod></url>"


def _location(url: str) -> str:
    return f"<loc>{escape(url)}</loc>"


def _answer(root: str, entries: Iterable[str]) -> Response:
    response = Response(_stream(root, entries), content_type="application/xml; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _stream(root: str, entries: Iterable[str]) -> Iterator[str]:
    piece = [f'{_HEAD}<{root} xmlns="{_NAMESPACE}">']
    for entry in entries:
        piece.append(entry)
        if len(piece) == _PIECE:
            yield "\n".join(piece) + "\n"
            piece = []
    yield "\n".join([*piece, f"</{root}>"]) + "\n"
