"""Reading a body strictly, before pydantic does.

Python's and pydantic's readers take silently what readers elsewhere understand differently (RFC
8259, section 4: a name given twice) or what no database can store. Such bodies are refused here, by
field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from ..errors import BadRequest, Fault, InvalidInput
from .faults import faults_of

T = TypeVar("T", bound=BaseModel)

#: Unpaired surrogates are no text, and PostgreSQL has no NUL.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
#: So much of a field's name is said again.
_NAME = 100


def read_json(raw: bytes, model: type[T]) -> T:
    """``raw`` as ``model``. Raises :class:`BadRequest` or :class:`InvalidInput`."""
    _check(raw)
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        if any(part["type"] == "json_invalid" for part in error.errors(include_url=False)):
            raise BadRequest("json", 400) from error
        raise InvalidInput(faults_of(error)) from error


def _check(raw: bytes) -> None:
    try:
        value = json.loads(
            raw.decode(),
            object_pairs_hook=_once,
            # Numbers are pydantic's business; reading a long one here would cost time for nothing.
            parse_int=lambda digits: 0,
            parse_float=lambda digits: 0,
            parse_constant=_no_number,
        )
        faults = dict(_no_texts(value))
    except (ValueError, RecursionError) as error:
        raise BadRequest("json", 400) from error
    if faults:
        raise InvalidInput(faults)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput({_field((), twice): Fault("repeated")})
    return members


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _no_texts(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Fault]]:
    """The texts in ``value`` that are none, by field."""
    match value:
        case str():
            if found := _NO_TEXT.search(value):
                code_point = f"U+{ord(found.group()):04X}"
                yield _field(path), Fault("character", {"code_point": code_point})
        case dict():
            for name, member in value.items():
                yield from ((_field(path), fault) for _, fault in _no_texts(name))
                yield from _no_texts(member, (*path, name))
        case list():
            for number, member in enumerate(value):
                yield from _no_texts(member, (*path, str(number)))


def _field(path: tuple[str, ...], name: str = "") -> str:
    """The name of a field as it can be said: ``aspects.speed``, or ``body`` for no name at all."""
    said = ".".join(filter(None, (*path, name)))
    return "body" if not said or _NO_TEXT.search(said) else said[:_NAME]
