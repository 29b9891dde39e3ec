"""The extension: ``InsuranceReviews().init_app(app)`` mounts everything under one prefix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from jinja2 import FunctionLoader

from ..widgets.render import Renderer
from .api.models import WallParameters
from .assets import Assets
from .cache.cache import Cache
from .identity import Identity, nobody
from .mail import Mailer, mailer_of
from .settings import read_settings
from .start_guard import StartGuard
from .state import EXTENSION, Clock, State, build_context, build_work, utc_now
from .views import make_blueprint
from .views.host_pages import HostHelpers


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
