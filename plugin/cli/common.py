"""What the commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click

from ...moderation.errors import InvalidInput, ModerationError
from ..errors import ReviewsError
from ..problems import field_messages, problem_of

P = ParamSpec("P")


def refusals(command: Callable[P, None]) -> Callable[P, None]:
    """Report a refusal as a sentence and exit code 1, not as a traceback."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except InvalidInput as error:
            sentences = (f"{name}: {message}" for name, message in field_messages(error).items())
            raise click.ClickException("\n".join(sentences)) from error
        except (ReviewsError, ModerationError) as error:
            raise click.ClickException(str(error) or problem_of(error).detail) from error

    return wrapped
