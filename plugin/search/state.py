"""What the index was built with, and how far a rebuilding has come."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakSet

from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from .. import schema
from ..figures import dialect_insert
from . import segment
from .tokens import VERSION

#: Before the target of a rebuilding that writes everything again.
ANEW = "anew: "


@dataclass(frozen=True, slots=True)
class IndexState:
    """``built_with`` names the segmenter and the versions of all that made the index. While it is
    being rebuilt, ``target`` is what it will then be built with, and ``position`` the last key that
    was done."""

    built_with: str
    target: str | None = None
    position: int | None = None

    @property
    def is_written_anew(self) -> bool:
        """Whether a rebuilding writes every document again, and has not done all yet."""
        return self.target is not None and self.target.startswith(ANEW)


#: Engines on which this process has seen that there is a record.
_recorded: WeakSet[Engine] = WeakSet()
_state = schema.search_state


def running() -> str:
    """What this process builds an index with."""
    return f"{segment.running()}, tokens {VERSION}"


def tokens_of(built_with: str) -> str:
    """The version of the tokens: an index of another one cannot be changed, only emptied."""
    return built_with.rpartition(", tokens ")[2]


def read_state(session: Session) -> IndexState | None:
    """What is recorded; ``None`` before the first text is written."""
    row = session.execute(
        select(_state.c.segmenter, _state.c.target, _state.c.position)
    ).one_or_none()
    return None if row is None else IndexState(*row)


def record(session: Session, state: IndexState) -> None:
    """Set what is recorded."""
    values = {
        "segmenter": state.built_with,
        "target": state.target,
        "position": state.position,
    }
    if read_state(session) is None:
        session.execute(insert(_state), {"id": 1, **values})
    else:
        session.execute(_state.update().values(**values))


def record_first(session: Session) -> None:
    """Whoever writes the first text of an installation records what with."""
    engine = session.connection().engine
    if engine in _recorded:
        return
    if read_state(session) is not None:
        _recorded.add(engine)
        return
    # Another log's writer may be the first as well.
    values = {"id": 1, "segmenter": running(), "target": None, "position": None}
    session.execute(dialect_insert(_state, engine.dialect.name).on_conflict_do_nothing(), values)
