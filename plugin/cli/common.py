"""What the commands share: the application they belong to, and refusals in sentences."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click
from flask import Flask, current_app, has_app_context
from flask.cli import NoAppException, ScriptInfo
from sqlalchemy.exc import OperationalError, ProgrammingError

from ...moderation.errors import InvalidInput, ModerationError
from ..current import get_state
from ..database import is_migrated
from ..errors import ReviewsError
from ..fingerprint import SchemaChanged
from ..problems import field_messages, problem_of
from ..settings import SettingError

P = ParamSpec("P")


def in_app(command: Callable[P, None]) -> Callable[P, None]:
    """Run ``command`` in the application's context.

    Whatever is refused, missing or unset is reported as a sentence with exit code 1, not as a
    traceback.
    """

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        app = _load_app()
        with app.app_context():
            try:
                command(*args, **kwargs)
            except InvalidInput as error:
                raise click.ClickException(sentences(error)) from error
            except (ReviewsError, ModerationError) as error:
                raise click.ClickException(sentence(error)) from error
            except (OperationalError, ProgrammingError) as error:
                raise click.ClickException(_what_ails(app, error)) from error

    return wrapped


def sentences(error: InvalidInput) -> str:
    """Every field with what is wrong with it."""
    return "; ".join(f"{name}: {message}" for name, message in field_messages(error).items())


def sentence(error: ReviewsError | ModerationError) -> str:
    """What happened, or at least what to do."""
    return str(error) or problem_of(error).detail


def _load_app() -> Flask:
    """The application of ``flask --app``, of our own service, or of who invokes the command."""
    try:
        if has_app_context():
            app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        else:
            app = click.get_current_context().ensure_object(ScriptInfo).load_app()
        get_state(app)
    except (SettingError, NoAppException, RuntimeError) as error:
        raise click.ClickException(str(error)) from error
    return app


def _what_ails(app: Flask, error: OperationalError | ProgrammingError) -> str:
    """Whether there is no database, none of ours in it, or something else in its way."""
    try:
        if not is_migrated(get_state(app).work.engine):
            return "the database is not migrated: run flask reviews db upgrade"
    except SchemaChanged as changed:
        return str(changed)
    except OperationalError:
        return f"the database cannot be reached: {error.orig}"
    return f"the database refuses: {error.orig}"
