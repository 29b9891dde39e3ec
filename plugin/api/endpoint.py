"""One description of each call: it registers the route, checks what comes in, and documents
itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, get_origin

from flask import Response, request
from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import schema
from ..capabilities import token_hash
from ..current import get_state
from ..errors import BadRequest, Fault, InvalidInput, NotYours, Unauthorized
from ..responses import from_cache, json_response
from ..state import State
from .faults import faults_of
from .json_body import read_json
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
    #: Whether the path holds a secret, so that the answer is not for everybody.
    secret: bool = False
    #: Whether answers are kept as long as the product is at the same revision.
    kept: bool = False

    def view(self, **path: str) -> Response:
        """Flask's view of this endpoint."""
        if self.kept:
            return from_cache(lambda: self._answer(path))
        response = self._answer(path)
        if response.headers.get("Cache-Control") == "no-cache" and not response.is_streamed:
            response.add_etag()
            response.make_conditional(request)
        return response

    def _answer(self, path: Mapping[str, str]) -> Response:
        state = get_state()
        principal = self._authorize(state) if self.roles else None
        parameters = self._read_parameters()
        if self.limited:
            sender = request.remote_addr or ""
            state.rate_limits.hit(state.settings.rate_limit_submit, "submit", sender)
        body = None if self.body is None else read_body(self.body)
        call = Call(state, state.clock(), path, parameters, body, principal)
        try:
            answer = self.handler(call)
        except NotYours as error:
            # As for a token that nobody has: it does not reach this far.
            raise Unauthorized from error
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
        if self.parameters is NoParameters:
            return NoParameters()
        given = dict(request.args.lists())
        # Every answer reads its language there, so it is nobody's parameter.
        given.pop("lang", None)
        lists = list_parameters(self.parameters)
        repeated = [name for name, values in given.items() if len(values) > 1]
        if wrong := [name for name in repeated if name not in lists]:
            raise InvalidInput({name: Fault("repeated") for name in wrong})
        try:
            return self.parameters.model_validate(
                {name: values if name in lists else values[0] for name, values in given.items()}
            )
        except ValidationError as error:
            raise InvalidInput(faults_of(error)) from error


def list_parameters(model: type[BaseModel]) -> frozenset[str]:
    """The names of those that may be given several times."""
    return frozenset(
        name for name, member in model.model_fields.items() if get_origin(member.annotation) is list
    )


def read_body(model: type[BaseModel]) -> BaseModel:
    """The request's JSON as ``model``. Raises :class:`BadRequest` or :class:`InvalidInput`."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset not in {"utf-8", "utf8"}:
        raise BadRequest("content-type", 415)
    return read_json(request.get_data(), model)
