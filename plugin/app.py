"""The stand-alone service: our pages and nothing else, with settings from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from flask import Flask, redirect
from werkzeug.wrappers import Response

from .cache.early import EarlyAnswers
from .current import get_state
from .extension import InsuranceReviews
from .fingerprint import shipped_fingerprint
from .search.segment import segmenter
from .state import State


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """A Flask application with the reviews mounted; ``settings`` default to the environment."""
    app = Flask(__name__, static_folder=None)
    InsuranceReviews().init_app(app, os.environ if settings is None else settings)
    app.add_url_rule("/", "home", _home)
    state = get_state(app)
    early = EarlyAnswers(app.wsgi_app, state.cache, state.start_guard.check)
    app.wsgi_app = early  # type: ignore[method-assign]
    _warm(state)
    return app


def _warm(state: State) -> None:
    """Load now what the first visitor would wait for. Nothing is connected: a server may fork."""
    state.renderer.prepare("wall.html", "wall_page.html")
    if state.work.engine.dialect.name == "sqlite":
        shipped_fingerprint()


def create_ready_app() -> Flask:
    """The same, with the dictionary loaded that writers need: a forked process has it already."""
    app = create_app()
    segmenter(get_state(app).settings.state_dir)
    return app


def _home() -> Response:
    return redirect(get_state().settings.url_prefix + "/products", 303)
