"""What the desks share: who is there, and forms that only they can send."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, MutableMapping
from datetime import timedelta
from typing import Any, TypeVar

from flask import request, session
from wtforms import Form
from wtforms.csrf.session import SessionCSRF

from ..errors import Forbidden, FormExpired
from ..identity import Role, Staff
from ..state import State

FormType = TypeVar("FormType", bound=Form)
#: A desk stays open over lunch.
CSRF_LIFETIME = timedelta(hours=8)


def require_staff(state: State, *roles: Role) -> Staff:
    """The member of staff who has one of ``roles``. Raises :class:`Forbidden`."""
    staff = state.identity()
    if staff is None or not staff.roles & set(roles):
        raise Forbidden
    return staff


def require_insurer(state: State, *roles: Role) -> tuple[Staff, str]:
    """An insurer's member of staff with one of ``roles``, and the insurer."""
    staff = require_staff(state, *roles)
    if staff.insurer is None:
        raise Forbidden
    return staff, staff.insurer


def check_same_origin(state: State) -> None:
    """Refuse a form that another site's page sent. Raises :class:`FormExpired`."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        is_ours = site in {"same-origin", "none"}
    else:
        # Browsers before 2023 send only this, if anything; the form's token stands in any case.
        is_ours = origin in {None, state.settings.public_url, request.host_url.rstrip("/")}
    if not is_ours:
        raise FormExpired


def staff_form(state: State, form: type[FormType], posted: Any = None, **options: Any) -> FormType:
    """A form bound to this session. Posted, it raises :class:`FormExpired` without its token."""
    if posted is not None:
        check_same_origin(state)
    secret = hmac.new(state.settings.invitation_key, b"csrf", hashlib.sha256).digest()
    bound = form(
        posted,
        meta={
            "csrf": True,
            "csrf_class": SessionCSRF,
            "csrf_secret": secret,
            "csrf_context": _OurSession(session),
            "csrf_time_limit": CSRF_LIFETIME,
        },
        **options,
    )
    if posted is not None and not bound["csrf_token"].validate(bound):
        raise FormExpired
    return bound


class _OurSession(MutableMapping[str, Any]):
    """The host's session under names of our own."""

    def __init__(self, host: MutableMapping[str, Any]) -> None:
        self._host = host

    def __getitem__(self, key: str) -> Any:
        return self._host[f"insurance_reviews_{key}"]

    def __setitem__(self, key: str, value: Any) -> None:
        self._host[f"insurance_reviews_{key}"] = value

    def __delitem__(self, key: str) -> None:
        del self._host[f"insurance_reviews_{key}"]

    def __iter__(self) -> Iterator[str]:
        return iter(self._host)

    def __len__(self) -> int:
        return len(self._host)
