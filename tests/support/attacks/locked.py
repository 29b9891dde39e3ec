"""Attacks on rows that stand: every table of evidence × every way to change or drop a row."""

from __future__ import annotations

from dataclasses import dataclass

from support.attacks.attacker import POSTGRESQL, SQLITE, Attacker, AttackList
from support.attacks.scene import Scene

ATTACKS = AttackList()


@dataclass(frozen=True, slots=True)
class Locked:
    """A locked table: what a forger would write, into which row, and the key that row has.

    ``gentle`` is the name of the guard that refuses DELETE.
    """

    table: str
    change: str
    where: str
    key: str
    gentle: str = "no_delete"
    #: Codes with which another insert of the row is refused, where its own guards come first.
    again: tuple[str, ...] = ("IR001", "IR002")

    def values(self, scene: Scene) -> dict[str, object]:
        """What the placeholders of ``where`` mean in ``scene``."""
        return self.placed(self.where, scene)

    def placed(self, statement: str, scene: Scene) -> dict[str, object]:
        """What those of ``statement`` mean, which may have no ``where``."""
        known: dict[str, object] = {
            "log": scene.log,
            "review": scene.review.id,
            "item": scene.review_item,
            "follow_up": scene.follow_up_item,
            "reply": scene.reply_item,
            "report": scene.report.id,
            "removed": scene.removed_item,
            "invitation": scene.invitation,
            "product": scene.product,
        }
        return {name: value for name, value in known.items() if f":{name}" in statement}


LOCKED = (
    Locked("log", "verifier_key = 'x+1+y'", "id = :log", "id"),
    Locked("log_entry", "leaf = x'7b7d'", "log = :log AND idx = 1", "log, idx", again=("IR004",)),
    Locked(
        "log_node",
        "hash = zeroblob(32)",
        "log = :log AND level = 0 AND idx = 1",
        "log, level, idx",
    ),
    Locked(
        "log_checkpoint", "note = 'other'", "log = :log AND size = 2", "log, size", again=("IR005",)
    ),
    Locked("log_key", "key = 'x+1+y'", "log = :log", "log, entry"),
    Locked("cosignature", "line = 'other'", "log = :log", "log, size, name"),
    Locked("item", "author = NULL", "id = :item", "id"),
    Locked(
        "content",
        """body = '{"name":"","text":""}'""",
        "item = :item",
        "item",
        gentle="removal",
    ),
    Locked("report", "report_no = '1'", "id = :report", "id"),
    Locked("report_item", "report_no = '1'", "report = :report", "report, item"),
    Locked("acknowledgement", "verdict = 'acknowledged'", "report = :report", "log, entry"),
    Locked("removal", "author_key = NULL", "item = :removed", "item"),
    Locked("insurer", "name = '别家'", "slug = 'anxin'", "slug"),
    Locked("product", "name = '别的险'", "sku = :product", "sku"),
    Locked("policy", "insurer = 'boshan'", "insurer = 'anxin'", "number_hash"),
    Locked("policy_event", "occurred_on = '2020-01-01'", "product = :product", "id"),
    Locked("invitation", "expires_at = 0", "id = :invitation", "log, entry"),
    Locked("review", "score = 5", "id = :review", "log, entry"),
    Locked("follow_up", "at = 0", "item = :follow_up", "log, entry"),
    Locked("reply", "at = 0", "item = :reply", "log, entry", again=("IR026",)),
)


def on_engine(change: str, attacker: Attacker) -> str:
    """The same change in the words of the engine."""
    if attacker.dialect == SQLITE:
        return change
    return change.replace("zeroblob(32)", r"'\x00'::bytea").replace("x'7b7d'", r"'\x7b7d'::bytea")


def _enter(locked: Locked) -> None:
    table, where = locked.table, locked.where

    @ATTACKS.add(f"{table}: UPDATE", "IR001", only=f"{table}_no_update")
    def _(a: Attacker) -> None:
        if a.dialect == POSTGRESQL:
            # Neither CHECKs nor foreign keys are to stop it, only the trigger.
            drop_constraints(a, table)
        a.strike(
            f"UPDATE ${table} SET {on_engine(locked.change, a)} WHERE {where}",
            **locked.values(a.scene),
        )

    @ATTACKS.add(f"{table}: UPDATE OR REPLACE", "IR001", on=[SQLITE])
    def _(a: Attacker) -> None:
        a.strike(
            f"UPDATE OR REPLACE ${table} SET {locked.change} WHERE {where}",
            **locked.values(a.scene),
        )

    @ATTACKS.add(f"{table}: UPDATE by a replica", "IR001", on=[POSTGRESQL])
    def _(a: Attacker) -> None:
        a.sql("SET LOCAL session_replication_role = replica")
        a.strike(
            f"UPDATE ${table} SET {on_engine(locked.change, a)} WHERE {where}",
            **locked.values(a.scene),
        )

    @ATTACKS.add(f"{table}: DELETE", "IR001", "IR008", only=f"{table}_{locked.gentle}")
    def _(a: Attacker) -> None:
        if a.dialect == POSTGRESQL:
            drop_referring(a, table)
        a.strike(f"DELETE FROM ${table} WHERE {where}", **locked.values(a.scene))

    @ATTACKS.add(f"{table}: REPLACE INTO", "IR002", *locked.again, on=[SQLITE])
    def _(a: Attacker) -> None:
        a.strike(
            f"REPLACE INTO ${table} SELECT * FROM ${table} WHERE {where}", **locked.values(a.scene)
        )

    @ATTACKS.add(f"{table}: INSERT … ON CONFLICT DO UPDATE", *locked.again)
    def _(a: Attacker) -> None:
        a.strike(
            f"INSERT INTO ${table} SELECT * FROM ${table} WHERE {where} "
            f"ON CONFLICT ({locked.key}) DO UPDATE SET {on_engine(locked.change, a)}",
            **locked.values(a.scene),
        )

    @ATTACKS.add(f"{table}: MERGE … UPDATE", "IR001", on=[POSTGRESQL])
    def _(a: Attacker) -> None:
        a.strike(
            f"MERGE INTO ${table} t USING (SELECT 1) s ON {where} "
            f"WHEN MATCHED THEN UPDATE SET {on_engine(locked.change, a)}",
            **locked.values(a.scene),
        )

    @ATTACKS.add(f"{table}: MERGE … DELETE", "IR001", "IR008", on=[POSTGRESQL])
    def _(a: Attacker) -> None:
        a.strike(
            f"MERGE INTO ${table} t USING (SELECT 1) s ON {where} WHEN MATCHED THEN DELETE",
            **locked.values(a.scene),
        )

    @ATTACKS.add(f"{table}: TRUNCATE", "IR001", only=f"{table}_no_truncate", on=[POSTGRESQL])
    def _(a: Attacker) -> None:
        drop_referring(a, table)
        a.strike(f"TRUNCATE ${table}")

    @ATTACKS.add(f"{table}: TRUNCATE … CASCADE", "IR001", on=[POSTGRESQL])
    def _(a: Attacker) -> None:
        a.strike(f"TRUNCATE ${table} CASCADE")


def drop_referring(a: Attacker, table: str) -> None:
    """Let no foreign key of another table stand in for the trigger that is tried."""
    rows = a.sql(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint "
        "WHERE contype = 'f' AND confrelid = CAST(:table AS regclass)",
        table=f"insurance_reviews_{table}",
    )
    for owner, name in rows.all():
        a.sql(f"ALTER TABLE {owner} DROP CONSTRAINT {name}")


def drop_constraints(a: Attacker, table: str) -> None:
    """Let no constraint of the table itself stand in for the trigger that is tried."""
    rows = a.sql(
        "SELECT conname FROM pg_constraint WHERE contype IN ('c', 'f') "
        "AND conrelid = CAST(:table AS regclass)",
        table=f"insurance_reviews_{table}",
    )
    for (name,) in rows.all():
        a.sql(f"ALTER TABLE ${table} DROP CONSTRAINT {name}")


for _locked in LOCKED:
    _enter(_locked)


@ATTACKS.add(
    "follow_up: a row is replaced by itself", "IR002", only="follow_up_no_replace", on=[SQLITE]
)
def _(a: Attacker) -> None:
    a.strike("REPLACE INTO $follow_up SELECT * FROM $follow_up")


@ATTACKS.add(
    "acknowledgement: a row is replaced by itself",
    "IR002",
    only="acknowledgement_no_replace",
    on=[SQLITE],
)
def _(a: Attacker) -> None:
    a.strike("REPLACE INTO $acknowledgement SELECT * FROM $acknowledgement")
