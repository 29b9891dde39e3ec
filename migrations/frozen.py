"""Frozen SQL: what the models and the lock generator gave on the day of a revision, per engine.

A revision must mean the same for ever, whatever the generator writes later, and Alembic's own
batch mode would drop triggers. So each revision carries its statements as
``versions/<revision>_<engine>.sql``, with a line ``-- next`` between two statements (a trigger
holds semicolons).
"""

from __future__ import annotations

from importlib.resources import files

from alembic import op
from sqlalchemy import text

SEPARATOR = "\n-- next\n"


def run_frozen(revision: str) -> None:
    """Run the frozen statements of ``revision`` for the engine at hand."""
    connection = op.get_bind()
    name = f"{revision}_{connection.dialect.name}.sql"
    script = (files(__package__) / "versions" / name).read_text(encoding="utf-8")
    for statement in script.split(SEPARATOR):
        connection.exec_driver_sql(statement.replace("%", "%%") if _formats() else statement)


def _formats() -> bool:
    """psycopg reads a percent sign as a parameter's beginning, SQLite's driver does not."""
    return op.get_bind().dialect.name == "postgresql"


def refuse_to_drop_evidence(table: str) -> None:
    """Raise ``RuntimeError`` when ``table`` holds rows."""
    if op.get_bind().execute(text(f"SELECT 1 FROM {table} LIMIT 1")).first() is not None:
        raise RuntimeError(
            f"{table} holds evidence: a downgrade would drop it. Restore an older backup elsewhere "
            "if you need the older release"
        )
