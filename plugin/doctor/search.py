"""The search index: whether it has every text that can be read, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy.orm import Session

from ..search.audit import audit_index
from ..search.rebuild import read_status
from .findings import Finding, advice, error
from .logs import SHOWN

_REBUILD = "Run: flask reviews search rebuild"
_FROM_NOTHING = "Run: flask reviews search rebuild --from-nothing"


def check_search(
    session: Session, state_dir: Path, show: Callable[[int, int], None]
) -> Iterator[Finding]:
    """Whether the index is what facts and words say, and was built with what builds it now."""
    status = read_status(session)
    state = status.state
    if state is not None and state.target is not None:
        yield advice("search", "a rebuilding of the search index was interrupted", _REBUILD)
    elif state is not None and state.built_with != status.running:
        yield advice(
            "search",
            f"the search index was built with {state.built_with}, and is written to with "
            f"{status.running}",
            _REBUILD,
        )
    number = 0
    for found in audit_index(session, state_dir, show):
        number += 1
        if number <= SHOWN:
            remedy = _FROM_NOTHING if found.is_damaged else _REBUILD
            yield error("search", found.problem, remedy)
    if number > SHOWN:
        yield error("search", f"{number - SHOWN} more reviews differ in the index", _REBUILD)
