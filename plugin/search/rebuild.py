"""Building the index anew from the facts and the words, while everything goes on.

A batch of reviews is read and its texts are analysed before any lock is taken; then it is written
under the lock of its log, in one transaction with the place that the rebuilding has come to. So
writers wait no longer than for each other, and who is interrupted goes on where it stopped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from ...moderation.log import LogRef, all_logs
from ...moderation.texts import read_texts
from .. import schema
from ..figures import touch
from ..services.context import Context
from ..unit_of_work import UnitOfWork
from . import documents
from .analysis import Analysis, analyse
from .keys import REVIEW_KEY, place_of
from .state import ANEW, IndexState, read_state, record, running, tokens_of

#: Reviews that are written at once: about a tenth of a second in which other writers wait.
BATCH = 100
Progress = Callable[[int, int], None]
Analyses = Mapping[str, Analysis]


@dataclass(frozen=True, slots=True)
class Shown:
    """A text that can be read now, under the item that is shown."""

    item: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Status:
    """How the index stands. ``documents`` of ``reviews`` are in it."""

    state: IndexState | None
    running: str
    documents: int
    reviews: int

    @property
    def is_complete(self) -> bool:
        """Whether it has every review, and was built with what builds it now."""
        if self.documents != self.reviews:
            return False
        if self.state is None:
            return self.reviews == 0
        return self.state.built_with == self.running and self.state.target is None


def read_status(session: Session) -> Status:
    """How the index stands."""
    return Status(
        read_state(session), running(), _number(session, schema.search_document), _reviews(session)
    )


def rebuild(work: UnitOfWork, context: Context, progress: Progress, *, anew: bool = False) -> int:
    """Bring the index to what facts and words say; how many documents were written.

    ``anew`` writes every document again, also those that look right: the inverted index itself may
    be damaged, and that does not show.
    """
    anew, position = work.write(lambda session: _begin(session, context, anew=anew))
    with work.reading() as session:
        total = _reviews(session)
        done = total - _reviews(session, position)
    wrong = 0
    while True:
        progress(done, total)
        with work.reading() as session:
            rows = _next(session, position)
            analyses = _analyse(context.settings.state_dir, _shown(session, rows), {})
        if not rows:
            break
        position = rows[-1].key
        wrong += work.write(
            lambda session: _write(session, context, rows, analyses, position, anew=anew)  # noqa: B023
        )
        done += len(rows)
    work.write(lambda session: record(session, IndexState(running())))
    return wrong


def fill(session: Session, state_dir: Path, progress: Progress) -> None:
    """Make the index of a database that nobody uses yet, in the transaction of ``session``."""
    position, done, total = -1, 0, _reviews(session)
    while rows := _next(session, position):
        shown = _shown(session, rows)
        documents.write(session, *_changes(session, rows, shown, _analyse(state_dir, shown, {})))
        position, done = rows[-1].key, done + len(rows)
        progress(done, total)


def read_expected(
    session: Session, state_dir: Path
) -> Iterator[tuple[int, list[documents.Change]]]:
    """The number of reviews, and batch by batch their documents as they stand and as they
    should."""
    position, total = -1, _reviews(session)
    while rows := _next(session, position):
        shown = _shown(session, rows)
        yield total, _changes(session, rows, shown, _analyse(state_dir, shown, {}))
        position = rows[-1].key


def _begin(session: Session, context: Context, *, anew: bool) -> tuple[bool, int]:
    """Whether all is written again, and the key after which there is work to do. Under every lock,
    as it may empty SQLite's index."""
    refs = list(all_logs(session))
    for ref in refs:
        context.logs.hold(session, ref)
    state = read_state(session) or IndexState(running())
    # Who was interrupted while writing everything again has left an index that lacks the rest.
    anew = anew or state.is_written_anew
    anew = anew or tokens_of(state.built_with) != tokens_of(running())
    target = ANEW + running() if anew else running()
    if state.target == target and state.position is not None:
        return anew, state.position
    if anew:
        _clear(session)
        # What is written from here on has these tokens.
        state = IndexState(running())
    record(session, replace(state, target=target, position=-1))
    return anew, -1


def _clear(session: Session) -> None:
    """SQLite's index has to be told which tokens to forget, and these may be wrong; it drops them
    all at once, in a moment. PostgreSQL's rows are replaced one by one."""
    index = schema.SEARCH_INDEX
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text(f"INSERT INTO {index} ({index}) VALUES ('delete-all')"))


def _write(
    session: Session,
    context: Context,
    rows: Sequence[Any],
    analyses: Analyses,
    position: int,
    *,
    anew: bool,
) -> int:
    refs: dict[int, LogRef] = {ref.id: ref for ref in all_logs(session)}
    wrong = 0
    for log, some in groupby(rows, key=lambda row: place_of(row.key)[0]):
        context.logs.hold(session, refs[log])
        # Read again: what has come or gone since is in these.
        present = _rows(session, [row.key for row in some])
        shown = _shown(session, present)
        known = _analyse(context.settings.state_dir, shown, analyses)
        changes = _changes(session, present, shown, known)
        changed = [change for change in changes if anew or change.before != change.after]
        documents.write(session, *changed, anew=anew)
        wrong += len(changed)
        for product in {change.after.product for change in changed}:
            touch(session, product)
    state = read_state(session)
    if state is not None:
        record(session, replace(state, position=position))
    return wrong


def _changes(
    session: Session,
    rows: Sequence[Any],
    shown: Mapping[str, Sequence[Shown]],
    analyses: Analyses,
) -> list[documents.Change]:
    changes = documents.read_changes(session, rows)
    for row, change in zip(rows, changes, strict=True):
        texts = shown.get(row.id, ())
        parts = (change.after.part(one.kind, one.item, analyses[one.item]) for one in texts)
        held = {part.item: part for part in change.before.parts}
        wanted = {part.item: part for part in parts}
        if held != wanted:
            change.after = replace(change.after, parts=tuple(wanted.values()))
    return changes


def _analyse(
    state_dir: Path, shown: Mapping[str, Sequence[Shown]], known: Analyses
) -> dict[str, Analysis]:
    texts = (one for some in shown.values() for one in some)
    return {one.item: known.get(one.item) or analyse(state_dir, one.text) for one in texts}


def _shown(session: Session, rows: Iterable[Any]) -> dict[str, list[Shown]]:
    """The texts that can be read under each review: its own, follow-ups, the newest reply."""
    rows = list(rows)
    ids = [row.id for row in rows]
    items: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        if row.item is not None:
            items[row.id].append((row.item, "review"))
    follow_up, reply = schema.follow_up, schema.reply
    for below in session.execute(
        select(follow_up.c.review, follow_up.c.item).where(follow_up.c.review.in_(ids))
    ):
        items[below.review].append((below.item, "follow_up"))
    newest: dict[str, str] = {}
    for below in session.execute(
        select(reply.c.review, reply.c.item)
        .where(reply.c.review.in_(ids))
        .order_by(reply.c.version)
    ):
        newest[below.review] = below.item
    for review, item in newest.items():
        items[review].append((item, documents.REPLY))
    states = read_texts(session, [item for some in items.values() for item, _ in some])
    return {
        review: [
            Shown(state.item, kind, state.text)
            for item, kind in some
            for state in [states[item]]
            if state.text is not None
        ]
        for review, some in items.items()
    }


_BEYOND = documents.REVIEWS.add_columns(REVIEW_KEY.label("key")).order_by(
    schema.review.c.log, schema.review.c.entry
)


def _next(session: Session, position: int) -> Sequence[Any]:
    """The next reviews beyond ``position``, a range of the primary key."""
    log, entry = place_of(max(position, 0))
    review = schema.review
    here = session.execute(
        _BEYOND.where(review.c.log == log, review.c.entry > (entry if position >= 0 else -1)).limit(
            BATCH
        )
    ).all()
    if len(here) == BATCH:
        return here
    beyond = _BEYOND.where(review.c.log > log).limit(BATCH - len(here))
    return [*here, *session.execute(beyond).all()]


def _rows(session: Session, keys: Sequence[int]) -> Sequence[Any]:
    log, first = place_of(keys[0])
    review = schema.review
    return session.execute(
        _BEYOND.where(review.c.log == log, review.c.entry.between(first, place_of(keys[-1])[1]))
    ).all()


def _number(session: Session, table: Any) -> int:
    return int(session.scalar(select(func.count()).select_from(table)) or 0)


def _reviews(session: Session, beyond: int = -1) -> int:
    review = schema.review
    counted = select(func.count()).select_from(review)
    if beyond >= 0:
        log, entry = place_of(beyond)
        here = (review.c.log == log) & (review.c.entry > entry)
        counted = counted.where(here | (review.c.log > log))
    return int(session.scalar(counted) or 0)
