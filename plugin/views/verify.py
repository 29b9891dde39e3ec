"""The receipt as a file, and the page on which a browser checks it."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ...moderation.errors import AuthorKeyMismatch
from ...moderation.ids import is_id
from ...moderation.log import all_logs
from ...moderation.log_keys import newest_key
from ..cards.holders import unknown_card, verify_card
from ..current import get_state
from ..errors import NotFound
from ..queries.reviews import find_review
from ..receipt_file import file_name, format_receipt_file, is_key_of, receipt_file
from ..responses import language
from ..services.catalogue import find_product, log_of
from .pages import render


def register(blueprint: Blueprint) -> None:
    """Add the check and its file."""
    blueprint.add_url_rule("/r/<review>/verify", "verify", verify)
    blueprint.add_url_rule("/r/<review>/receipt.json", "receipt_file", get_receipt_file)
    blueprint.add_url_rule(
        "/r/<review>/receipt.json", "post_receipt_file", post_receipt_file, methods=["POST"]
    )


def verify(review: str) -> Response:
    """The check. It is there for a review that is gone, too: that is when it is needed most."""
    state = get_state()
    with state.work.reading() as session:
        try:
            found = find_review(session, review)
        except NotFound:
            if not is_id("rv", review):
                raise
            origins = {ref.insurer: ref.origin for ref in all_logs(session)}
            card = unknown_card(state, review, origins)
            return render(state, "verify.html", 404, private=True, verify=card)
        product = find_product(session, found.product)
        vkey = newest_key(session, log_of(session, found.insurer))
    card = verify_card(state, found, product, vkey, language())
    return render(state, "verify.html", verify=card)


def get_receipt_file(review: str) -> Response:
    """The receipt file without an author key: it holds what is public anyway."""
    return _file(review, None)


def post_receipt_file(review: str) -> Response:
    """The receipt file with the author key that was posted, from the page that shows it.

    The key is on its way from the browser to the browser: it is looked at and forgotten.
    """
    state = get_state()
    state.rate_limits.hit(state.settings.rate_limit_submit, "submit", request.remote_addr or "")
    return _file(review, request.form.get("author_key", ""))


def _file(review: str, author_key: str | None) -> Response:
    state = get_state()
    with state.work.reading() as session:
        found = find_review(session, review)
        if author_key is not None and not is_key_of(author_key, found.author):
            raise AuthorKeyMismatch("this is not the key that was given with the receipt")
        file = receipt_file(session, state.settings, found, author_key)
    response = Response(format_receipt_file(file), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(found.id)}"'
    # Words that are removed tomorrow must not stay behind in anybody's cache, nor must a key.
    response.headers["Cache-Control"] = "no-store"
    return response
