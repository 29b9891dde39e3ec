"""What the service does, in each role: controls, without which a database that refuses everything
would pass."""

from __future__ import annotations

from collections.abc import Callable

from support.attacks.attacker import POSTGRESQL, Attacker, Run
from support.attacks.cases import ROLES, STRANGER, Case, statements
from support.attacks.forgery import removal_fields, removal_row
from support.attacks.rows import LAWFUL


def _put(table: str, row: Callable[[Attacker], dict[str, object]]) -> Run:
    def run(a: Attacker) -> None:
        a.strike_put(table, row(a))

    return run


def _erase(a: Attacker) -> None:
    """Words go on a report that names them."""
    fields = removal_fields(a.scene.reported_item, report=a.scene.report.id)
    a.put("removal", removal_row(a.entry("text.removed", fields), fields))
    a.strike("DELETE FROM $content WHERE item = :item", item=a.scene.reported_item)


def _temporary(a: Attacker) -> None:
    """Temporary tables are the host's right on PostgreSQL; SQLite's connections are ours."""
    if a.dialect == POSTGRESQL:
        a.sql("CREATE TEMP TABLE passing (id int)")
    a.strike("SELECT 1")


RUNS: dict[str, Run] = {
    **{f"a row of {table}": _put(table, row) for table, row in LAWFUL.items()},
    "words erased on a report": _erase,
    "a counter": statements("UPDATE $review_count SET n = n"),
    "a counter that may be new": statements(
        "INSERT INTO $reply_delay SELECT :product, 1, 1 WHERE true "
        "ON CONFLICT (product, hours) DO UPDATE SET n = 1"
    ),
    "a contact forgotten": statements("DELETE FROM $holder_contact"),
    "a token revoked": statements("UPDATE $token SET revoked_at = 0"),
    "a job done": statements("UPDATE $outbox SET done_at = 0, payload = NULL"),
    "all read": statements("SELECT * FROM $review JOIN $item ON $item.id = $review.item"),
    "a temporary table beside ours": _temporary,
}

CASES: list[Case] = [
    Case(role, name, run, "lawful")
    for role in ROLES
    if role is not STRANGER
    for name, run in RUNS.items()
]
