"""What all pages share: rendering, the frame around them, and the forms' answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from ...widgets.cards import LinkCard, PageCard
from ...widgets.i18n import LANGUAGES
from ..identity import Staff
from ..links import Links
from ..responses import language, page_response
from ..search.terms import MOST_CHARACTERS
from ..state import State


def render(
    state: State,
    template: str,
    status: int = 200,
    *,
    private: bool = False,
    staff: Staff | None = None,
    nav: tuple[LinkCard, ...] = (),
    canonical_url: str | None = None,
    framed: bool = False,
    reads: Collection[str] | None = None,
    **context: Any,
) -> Response:
    """A page of ours. ``private`` ones are opened by a token or a session and stored nowhere.

    A ``framed`` one has no way home: our other pages refuse to stand in a frame. ``reads`` are the
    parameters that the page depends on; its links to other languages keep only these.
    """
    links = reader_links(state)
    page = PageCard(
        canonical_url=canonical_url,
        image_url=state.settings.public_url + state.assets.url("share.png"),
        home=None if framed else LinkCard(state.operator, links.products()),
        languages=() if request.method == "POST" else _languages(reads),
        nav=nav,
        staff_name=staff.name if staff else None,
    )
    html = state.renderer.render(template, language(), page=page, **context)
    return page_response(html, status, private=private)


def _languages(reads: Collection[str] | None) -> tuple[LinkCard, ...]:
    """This page in the other languages."""
    if reads is None:
        kept = [each for each in request.args.items(multi=True) if each[0] != "lang"]
    else:
        # Two requests that ask for the same are answered alike, in whatever order they ask.
        # No parameter that is longer is read to its end, and every link would repeat it.
        kept = [
            (name, request.args[name][:MOST_CHARACTERS])
            for name in sorted(reads)
            if name in request.args
        ]
    current = language()
    return tuple(
        LinkCard(label, f"{request.path}?{urlencode([*kept, ('lang', tag)])}", tag == current, tag)
        for tag, label in LANGUAGES.items()
    )


def reader_links(state: State, *, absolute: bool = False) -> Links:
    """Addresses for the reader of this answer: who asked for a language goes on in it."""
    links = Links.absolute(state.settings) if absolute else Links.paths(state.settings)
    return replace(links, lang=language()) if "lang" in request.args else links


def in_this_language(url: str) -> str:
    """``url`` for a form's post: the language that was asked for stays."""
    return f"{url}?{urlencode({'lang': language()})}" if "lang" in request.args else url


def see_other(url: str) -> Response:
    """303: the browser fetches ``url`` next, and going back sends nothing again."""
    response = Response(status=303)
    response.headers["Location"] = url
    response.headers["Cache-Control"] = "no-store"
    return response
