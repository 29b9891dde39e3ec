"""Past the locks, and out again without a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

from sqlalchemy import Connection, create_engine, delete, func, insert, select, text, update
from sqlalchemy.pool import NullPool

from insurance_reviews.moderation.keys import KeyRing
from insurance_reviews.moderation.schema import PREFIX, SCHEMA, content, item, log, log_checkpoint
from insurance_reviews.plugin import schema
from insurance_reviews.plugin.core_session import CoreSession
from insurance_reviews.plugin.figures import rebuild_figures
from insurance_reviews.plugin.search import rebuild as search

from .ledger import Ledger, Members
from .rows import read_ledger, rows_of

Change = Callable[[Ledger], object]

COUNTERS = (
    schema.review_count,
    schema.aspect_count,
    schema.invitation_count,
    schema.month_count,
    schema.removal_count,
    schema.reply_delay,
    schema.topic_count,
    schema.product_state,
)


@contextmanager
def broken_in(url: str) -> Iterator[Connection]:
    """A connection as the owner of the file or the server's superuser; committed at the end.

    Within the block no trigger fires and no foreign key is checked; afterwards every lock is as it
    was, to the letter.
    """
    engine = create_engine(url, poolclass=NullPool)
    locks = _sqlite_unlocked if engine.dialect.name == "sqlite" else _postgresql_unlocked
    with engine.begin() as connection, locks(connection):
        yield connection


@contextmanager
def _sqlite_unlocked(connection: Connection) -> Iterator[None]:
    # The copy is thrown away: nobody waits for a disk.
    connection.exec_driver_sql("PRAGMA synchronous = OFF")
    triggers = connection.execute(
        text(
            f"SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name GLOB '{PREFIX}*'"
        )
    ).all()
    for trigger in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
    yield
    for trigger in triggers:
        connection.exec_driver_sql(trigger.sql)


_TRIGGERS = text(
    """
    SELECT c.relname, t.tgname, t.tgenabled::text AS enabled FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = to_regnamespace(:schema) ORDER BY 1, 2
    """
)


@contextmanager
def _postgresql_unlocked(connection: Connection) -> Iterator[None]:
    connection.exec_driver_sql(f"SET LOCAL search_path = {SCHEMA}")
    triggers = connection.execute(_TRIGGERS, {"schema": SCHEMA}).all()
    tables = sorted({trigger.relname for trigger in triggers})
    always = [trigger for trigger in triggers if trigger.enabled == "A"]
    off = [f"ALTER TABLE {name} DISABLE TRIGGER ALL" for name in tables]
    on = [f"ALTER TABLE {name} ENABLE TRIGGER ALL" for name in tables]
    on += [f"ALTER TABLE {one.relname} ENABLE ALWAYS TRIGGER {one.tgname}" for one in always]
    connection.exec_driver_sql(";".join(off))
    yield
    connection.exec_driver_sql(";".join(on))


def forge(url: str, state_dir: Path, insurer: str, change: Change) -> None:
    """Break in, bend the ledger by ``change``, rebuild everything, cover it up."""
    keys = KeyRing(state_dir / "keys")
    with broken_in(url) as connection:
        ledger = read_ledger(connection, insurer, keys.signers(insurer))
        change(ledger)
        replace_by(connection, state_dir, ledger)


def replace_by(connection: Connection, state_dir: Path, ledger: Ledger) -> None:
    """Put ``ledger`` in the place of what is there, outside the database too."""
    checkpoints = write_ledger(connection, ledger)
    kept = state_dir / "checkpoints" / f"{ledger.insurer}.checkpoint"
    kept.write_text(checkpoints[-1]["note"])
    keys = state_dir / "keys" / f"{ledger.insurer}.key"
    keys.write_text("".join(f"{signer.format()}\n" for signer in ledger.signers))


def write_ledger(connection: Connection, ledger: Ledger) -> list[Members]:
    """Put ``ledger`` in the place of the log that it was read from, and recount every counter.

    Gives the rows of the checkpoints.
    """
    rows = rows_of(ledger)
    own = select(item.c.id).where(item.c.log == ledger.number)
    connection.execute(delete(content).where(content.c.item.in_(own)))
    for table, values in rows.items():
        if table is schema.policy_event:
            # Events of other logs stand in the same table.
            names = [row["id"] for row in values]
            connection.execute(delete(table).where(table.c.id.in_(names)))
        elif "log" in table.c:
            connection.execute(delete(table).where(table.c.log == ledger.number))
        if values:
            connection.execute(insert(table), values)
    connection.execute(
        update(log)
        .where(log.c.id == ledger.number)
        .values(origin=ledger.origin, verifier_key=ledger.key, at=ledger.at)
    )
    invited = select(schema.invitation.c.event)
    connection.execute(delete(schema.policy_event).where(schema.policy_event.c.id.not_in(invited)))
    _recount(connection)
    for statement in ledger.statements:
        connection.exec_driver_sql(statement)
    return rows[log_checkpoint]


def _recount(connection: Connection) -> None:
    revision = connection.scalar(select(func.max(schema.product_state.c.revision))) or 0
    for table in (*COUNTERS, schema.search_part, schema.search_document):
        connection.execute(delete(table))
    index = schema.SEARCH_INDEX
    connection.exec_driver_sql(
        f"INSERT INTO {index} ({index}) VALUES ('delete-all')"
        if connection.dialect.name == "sqlite"
        else f"DELETE FROM {index}"
    )
    with CoreSession(connection) as session:
        # The folder is for what the segmenter keeps.
        search.fill(session, Path(gettempdir()), lambda done, total: None)
        rebuild_figures(session, revision + 1)
        session.flush()
