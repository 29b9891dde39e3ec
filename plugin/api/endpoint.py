"""One description of each call: it registers the route, checks what comes in, and documents
itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from flask import Response, request
from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from .. import schema
from ..capabilities import token_hash
from ..current import get_state
from ..errors import BadRequest, Fault, InvalidInput, Unauthorized
from ..responses import json_response
from ..state import State
from .models import NoParameters

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who holds the token: a storefront, an insurer (its service or its compliance), a
    regulator."""

    role: str
    subject: str


@dataclass(frozen=True, slots=True)
class Call:
    """One request, checked: path, parameters and body have the types that the endpoint names."""

    state: State
    now: datetime
    path: Mapping[str, str]
    parameters: Any
    body: Any
    principal: Principal | None

    def write(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` in the unit of work."""
        return self.state.work.write(work)

    @property
    def subject(self) -> str:
        """The storefront, insurer or authority behind the token."""
        assert self.principal is not None, "this endpoint needs no token"
        return self.principal.subject


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler gives back: JSON, or bytes of another type."""

    body: Any
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Streamed line by line instead of ``body``.
    stream: Iterator[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A call of the API. ``errors`` are the codes that it may answer with, besides the general
    ones."""

    method: str
    path: str
    name: str
    summary: str
    handler: Callable[[Call], Answer]
    status: int = 200
    roles: tuple[str, ...] = ()
    body: type[BaseModel] | None = None
    parameters: type[BaseModel] = NoParameters
    answer: Mapping[str, Any] = field(default_factory=dict)
    media_type: str = "application/json"
    errors: tuple[str, ...] = ()
    limited: bool = False

    def view(self, **path: str) -> Response:
        """Flask's view of this endpoint."""
        state = get_state()
        principal = self._authorize(state) if self.roles else None
        parameters = self._read_parameters()
        if self.limited:
            sender = request.remote_addr or ""
            state.rate_limits.hit(state.settings.rate_limit_submit, "submit", sender)
        body = None if self.body is None else read_body(self.body)
        call = Call(state, state.clock(), path, parameters, body, principal)
        answer = self.handler(call)
        if answer.media_type == "application/json" and answer.stream is None:
            return json_response(answer.body, answer.status, answer.headers)
        return Response(
            answer.stream if answer.stream is not None else answer.body,
            answer.status,
            dict(answer.headers),
            content_type=answer.media_type,
        )

    def _authorize(self, state: State) -> Principal:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthorized
        with state.work.reading() as session:
            row = session.execute(
                select(schema.token.c.role, schema.token.c.subject).where(
                    schema.token.c.hash == token_hash(token.strip()),
                    schema.token.c.revoked_at.is_(None),
                )
            ).one_or_none()
        if row is None or row.role not in self.roles:
            raise Unauthorized
        return Principal(row.role, row.subject)

    def _read_parameters(self) -> BaseModel:
        repeated = [name for name, values in request.args.lists() if len(values) > 1]
        if repeated and self.parameters is not NoParameters:
            raise InvalidInput({name: Fault("too-many", {"limit": 1}) for name in repeated})
        try:
            return self.parameters.model_validate(request.args.to_dict())
        except ValidationError as error:
            raise InvalidInput(faults_of(error)) from error


def read_body(model: type[BaseModel]) -> BaseModel:
    """The request's JSON as ``model``. Raises :class:`BadRequest` or :class:`InvalidInput`."""
    if request.mimetype != "application/json":
        raise BadRequest("content-type", 415)
    if (request.mimetype_params.get("charset") or "utf-8").lower().replace("_", "-") != "utf-8":
        raise BadRequest("content-type", 415)
    try:
        raw = request.get_data()
    except RequestEntityTooLarge as error:
        raise BadRequest("body-too-large", 413) from error
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        if any(part["type"] == "json_invalid" for part in error.errors(include_url=False)):
            raise BadRequest("json", 400) from error
        raise InvalidInput(faults_of(error)) from error


#: pydantic's error types that have a fault of their own; any other is a wrong type.
_FAULTS = {
    "missing": "required",
    "extra_forbidden": "unknown-field",
    "literal_error": "choice",
    "date_parsing": "date",
    "date_from_datetime_parsing": "date",
    "date_type": "date",
    "greater_than_equal": "score",
    "less_than_equal": "score",
}
_EXPECTED = {
    "string": "text",
    "int": "a whole number",
    "bool": "true or false",
    "dict": "an object",
}


def faults_of(error: ValidationError) -> dict[str, Fault]:
    """pydantic's findings as ours, by field ("aspects.speed")."""
    faults: dict[str, Fault] = {}
    for found in error.errors(include_url=False):
        kind, context = found["type"], found.get("ctx", {})
        name = ".".join(str(part) for part in found["loc"] if part != "[key]") or "body"
        match _FAULTS.get(kind):
            case "choice":
                fault = Fault("choice", {"choices": str(context["expected"]).replace("'", "")})
            case "score" if name.rpartition(".")[0] != "aspects" and name != "score":
                fault = Fault("form", {"pattern": f"{kind} {next(iter(context.values()))}"})
            case str(code):
                fault = Fault(code)
            case None if kind == "string_too_short":
                fault = Fault("required")
            case None if kind in {"string_too_long", "too_long"}:
                fault = Fault("too-many", {"limit": context["max_length"]})
            case None if kind == "string_pattern_mismatch":
                fault = Fault("form", {"pattern": context["pattern"]})
            case _:
                expected = _EXPECTED.get(kind.partition("_")[0], kind.partition("_")[0])
                fault = Fault("type", {"expected": expected})
        faults[name] = fault
    return faults
