"""What whoever has the file, or is the server's superuser, does to the rows of a world."""

from __future__ import annotations

import re

from sqlalchemy import create_engine, text

from support.world import World


def by_hand(world: World, *statements: str) -> None:
    """Whoever has the file, or the server's superuser."""
    world.tamper("rows are changed behind the application's back")
    engine = create_engine(world.settings.database_url)
    schema = "insurance_reviews." if engine.dialect.name == "postgresql" else ""
    with engine.begin() as connection:
        for statement in statements:
            # Not "$." of a path in a trigger.
            named = re.sub(r"\$(?=\w)", f"{schema}insurance_reviews_", statement)
            connection.exec_driver_sql(named)
    engine.dispose()


def covering_up(world: World, table: str, statement: str) -> None:
    """Change rows while the table's triggers are away, and bring them back."""
    if world.settings.database_url.get_backend_name() == "postgresql":
        by_hand(
            world,
            f"ALTER TABLE ${table} DISABLE TRIGGER ALL",
            statement,
            f"ALTER TABLE ${table} ENABLE TRIGGER ALL",
            # As before: also for whoever replays a replica's changes.
            *(
                f"ALTER TABLE ${table} ENABLE ALWAYS TRIGGER {name}"
                for name in _triggers(world, table)
            ),
        )
        return
    triggers = _triggers(world, table)
    by_hand(world, *(f"DROP TRIGGER {name}" for name in triggers), statement, *triggers.values())


def _triggers(world: World, table: str) -> dict[str, str]:
    """The triggers on a table: name → statement, as far as the engine keeps it."""
    engine = create_engine(world.settings.database_url)
    query = (
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = :table"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname, '' FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE c.relname = :table AND NOT t.tgisinternal"
    )
    with engine.connect() as connection:
        rows = connection.execute(text(query), {"table": f"insurance_reviews_{table}"})
        found = {row[0]: row[1] for row in rows}
    engine.dispose()
    return found
