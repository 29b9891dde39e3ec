"""The triggers, as the database lists them."""

from __future__ import annotations

from insurance_reviews.moderation.schema import PREFIX
from support.attacks.attacker import SQLITE, Attacker


def trigger_tables(attacker: Attacker) -> dict[str, str]:
    """Trigger → table, both without our prefix."""
    if attacker.dialect == SQLITE:
        statement = "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'trigger'"
    else:
        statement = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND c.relnamespace = 'insurance_reviews'::regnamespace"
        )
    return {
        name.removeprefix(PREFIX): table.removeprefix(PREFIX)
        for name, table in attacker.sql(statement)
    }


def drop_trigger(attacker: Attacker, name: str) -> None:
    """Take one trigger away, until the transaction is undone."""
    if attacker.dialect == SQLITE:
        attacker.sql(f"DROP TRIGGER ${name}")
    else:
        attacker.sql(f"DROP TRIGGER {name} ON ${trigger_tables(attacker)[name]}")
