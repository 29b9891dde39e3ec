"""The state of the application that the current request or command belongs to."""

from __future__ import annotations

from flask import Flask, current_app

from .state import EXTENSION, State


def get_state(app: Flask | None = None) -> State:
    """The state of ``app``, or of the current one.

    Raises ``RuntimeError`` when it was not mounted.
    """
    extensions = (app or current_app).extensions
    if EXTENSION not in extensions:
        raise RuntimeError(
            "insurance-reviews is not mounted on this application: call "
            "InsuranceReviews().init_app(app) first"
        )
    state: State = extensions[EXTENSION]
    return state
