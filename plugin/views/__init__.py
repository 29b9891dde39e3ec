"""Our blueprint: every address under the prefix, its errors and its headers.

Nothing here acts outside the prefix, and inside it nothing of the host's answers: :mod:`.boundary`
takes every address and method that no page or call has, and every error.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import RouteCallable

from .. import api
from ..responses import add_headers
from . import (
    badge,
    boundary,
    compare,
    cors,
    desk,
    embedding,
    embeds,
    holders,
    log,
    operations,
    public,
    regulator,
    sitemap,
    verify,
)


class OurBlueprint(Blueprint):
    """A blueprint whose addresses hold with and without a slash at their end.

    Werkzeug would send the one to the other by a redirect of its own, which has none of our headers
    and trusts the request's Host.
    """

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: RouteCallable | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        options.setdefault("strict_slashes", False)
        super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)


def make_blueprint(prefix: str) -> Blueprint:
    """The blueprint with every page and call."""
    blueprint = OurBlueprint("insurance_reviews", __name__, url_prefix=prefix)
    blueprint.after_request(add_headers)
    readers = (public, compare, sitemap, embeds, badge, holders, verify, log)
    for module in (*readers, desk, embedding, regulator, operations, api, cors, boundary):
        module.register(blueprint)
    return blueprint
