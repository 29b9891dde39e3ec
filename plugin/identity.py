"""Who is at the desk: the host says so, for each request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Role = Literal["reply", "compliance", "regulator"]


@dataclass(frozen=True, slots=True)
class Staff:
    """A signed-in member of staff. ``insurer`` is its slug; a regulator has none."""

    id: str
    name: str
    insurer: str | None
    roles: frozenset[Role]


#: The host's callable: the member of staff behind the current request, or ``None``.
Identity = Callable[[], Staff | None]


def nobody() -> Staff | None:
    """The identity of a host that gave none: the desks are closed."""
    return None
