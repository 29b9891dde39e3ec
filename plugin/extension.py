"""The extension: ``InsuranceReviews().init_app(app)`` mounts everything under one prefix."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, request
from jinja2 import FunctionLoader
from markupsafe import Markup

from ..moderation.errors import LogBehind
from ..widgets.render import Renderer, negotiate
from .api.models import WallParameters
from .assets import Assets
from .cache.cache import Cache
from .cards.wall import summary_card
from .current import get_state
from .errors import InvalidInput, NotFound
from .identity import Identity, nobody
from .links import Links, WallLinks
from .mail import Mailer, mailer_of
from .queries.summary import read_summary
from .responses import language
from .services.catalogue import find_product
from .settings import read_settings
from .start_guard import StartGuard
from .state import EXTENSION, Clock, State, build_context, build_work, utc_now
from .structured_data import wall_data
from .views import make_blueprint
from .views.public import build_wall

logger = logging.getLogger(__name__)

#: Inside a host's page the wall's parameters carry this prefix, so that they meet none of the
#: host's.
PARAMETER_PREFIX = "reviews-"
ANCHOR = "#insurance-reviews"


class InsuranceReviews:
    """Mounts the reviews on a Flask application. Holds no application: one object may mount
    several.

    ``identity`` tells who is at the desk, ``mailer`` replaces the one that the settings ask for,
    ``clock`` gives the time (aware, UTC), ``ready`` delays ``/healthz`` until the host is.
    """

    def __init__(
        self,
        *,
        identity: Identity = nobody,
        mailer: Mailer | None = None,
        clock: Clock = utc_now,
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self._identity = identity
        self._mailer = mailer
        self._clock = clock
        self._ready = ready

    def init_app(self, app: Flask, settings: Mapping[str, Any] | None = None) -> None:
        """Mount on ``app``, with settings from ``settings`` or ``app.config``.

        Raises :class:`~.settings.SettingError` for a bad setting, and ``RuntimeError`` when the
        application has the reviews already.
        """
        if EXTENSION in app.extensions:
            raise RuntimeError(
                "insurance-reviews is already mounted on this application: keep the first "
                "InsuranceReviews and use that instead"
            )
        read = read_settings(app.config if settings is None else settings)
        assets = Assets(read.url_prefix)
        work, context = build_work(read), build_context(read)
        walls = WallParameters.model_fields
        state = State(
            settings=read,
            work=work,
            context=context,
            renderer=Renderer(
                overrides=FunctionLoader(_host_template(app)),
                asset_url=assets.url,
                timezone=read.timezone,
                wordings=read.wordings,
                compiled=read.state_dir / "templates",
            ),
            assets=assets,
            cache=Cache(work.engine, read.url_prefix, walls, read.cache_bytes),
            identity=self._identity,
            mailer=self._mailer or mailer_of(read),
            clock=self._clock,
            start_guard=StartGuard(work, context.logs.kept),
            ready=self._ready,
        )
        app.extensions[EXTENSION] = state
        app.register_blueprint(make_blueprint(read.url_prefix))
        app.jinja_env.globals["insurance_reviews"] = HostHelpers()


def _host_template(
    app: Flask,
) -> Callable[[str], tuple[str, str | None, Callable[[], bool]] | None]:
    """Finds the host's own templates under ``insurance_reviews/``; nothing else of the host's."""

    def load(name: str) -> tuple[str, str | None, Callable[[], bool]] | None:
        loader = app.jinja_loader
        if loader is None or not name.startswith(f"{EXTENSION}/"):
            return None
        try:
            source, filename, uptodate = loader.get_source(app.jinja_env, name)
        except LookupError:
            return None
        return source, filename, uptodate or (lambda: True)

    return load


@dataclass(frozen=True, slots=True)
class HostHelpers:
    """``insurance_reviews`` in the host's templates: the reviews inside its own pages.

    They speak the reader's language unless the host names one, as a shop in one language does. The
    HTML was made by our autoescaping templates, which is why it is handed over as markup.
    """

    def wall(self, sku: str, lang: str | None = None) -> Markup:
        """The wall of a product; its filters are links to the very page that it stands on."""
        state = get_state()
        if not _passes(state):
            return Markup()
        ours = {
            name.removeprefix(PARAMETER_PREFIX): value
            for name, value in request.args.items()
            if name.startswith(PARAMETER_PREFIX)
        }
        kept = {n: v for n, v in request.args.items() if not n.startswith(PARAMETER_PREFIX)}
        where = WallLinks(request.path, PARAMETER_PREFIX, kept, ANCHOR)
        lang = negotiate(lang, None) if lang else language()
        links = Links.paths(state.settings)
        with state.work.reading() as session:
            try:
                card = build_wall(state, session, sku, ours, where, links, lang)
            except InvalidInput:
                # A mistyped address of the host's page must not take the page down.
                card = build_wall(state, session, sku, {}, where, links, lang)
            except NotFound:
                return _nothing(sku)
        translations = state.renderer.catalogue(lang)
        data = wall_data(card, Links.absolute(state.settings), translations)
        return Markup(state.renderer.render("wall.html", lang, wall=card, structured_data=data))

    def summary(self, sku: str, lang: str | None = None) -> Markup:
        """Stars and count of a product, for lists."""
        state = get_state()
        if not _passes(state):
            return Markup()
        lang = negotiate(lang, None) if lang else language()
        with state.work.reading() as session:
            try:
                product = find_product(session, sku)
            except NotFound:
                return _nothing(sku)
            figures = read_summary(session, sku, product.stages)
        card = summary_card(product, figures.scores, Links.paths(state.settings), lang)
        return Markup(state.renderer.render("summary.html", lang, summary=card))


def _passes(state: State) -> bool:
    """Whether the reviews may be shown; if not, the host's page stands without them."""
    try:
        state.start_guard.check()
    except LogBehind:
        logger.exception("no reviews are shown")
        return False
    return True


def _nothing(sku: str) -> Markup:
    """A product that the shop sells already and nobody has registered here: its page stands."""
    logger.warning("no product %r: register it with flask reviews product add", sku)
    return Markup()
