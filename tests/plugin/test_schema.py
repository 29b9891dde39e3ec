"""The tables keep the house's rules for tables."""

from __future__ import annotations

import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Table, UniqueConstraint

from insurance_reviews.moderation.facts import FactTable
from insurance_reviews.moderation.schema import PREFIX
from insurance_reviews.plugin import schema
from insurance_reviews.plugin.facts import FACT_TABLES
from support.attacks.locked import LOCKED

TABLES = schema.metadata.sorted_tables

#: What may change; everything else is locked.
MUTABLE = {
    "aspect_count",
    "holder_contact",
    "invitation_count",
    "month_count",
    "outbox",
    "product_state",
    "removal_count",
    "reply_delay",
    "review_count",
    "search_document",
    "search_part",
    "search_state",
    "storefront",
    "storefront_grant",
    "token",
    "topic_count",
}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_bears_our_prefix(table: Table) -> None:
    assert table.name.startswith(PREFIX)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_constraint_has_a_name(table: Table) -> None:
    """A nameless one could never be dropped by a migration."""
    on_columns = {each for column in table.columns for each in column.constraints}
    assert [str(each) for each in table.constraints | on_columns if each.name is None] == []
    assert [str(each) for each in table.indexes if each.name is None] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_nothing_disappears_with_something_else(table: Table) -> None:
    """Evidence outlives its subjects: no row is deleted or emptied by the deletion of another."""
    keys = [each for each in table.constraints if isinstance(each, ForeignKeyConstraint)]
    assert [(key.ondelete, key.onupdate) for key in keys if key.ondelete or key.onupdate] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_sqlite_takes_types_seriously_and_has_no_hidden_row_numbers(table: Table) -> None:
    options = table.dialect_options["sqlite"]
    assert (options["strict"], options["with_rowid"]) == (True, False)


@pytest.mark.parametrize("fact", FACT_TABLES, ids=lambda fact: fact.entry_type)
def test_every_fact_has_an_entry_of_its_own(fact: FactTable) -> None:
    """NOT NULL and UNIQUE: no fact without an entry, no entry for two facts."""
    table = fact.table
    assert not table.c.log.nullable
    assert not table.c.entry.nullable
    unique = [list(table.primary_key.columns.keys())]
    unique += [
        list(each.columns.keys())
        for each in table.constraints
        if isinstance(each, UniqueConstraint)
    ]
    assert ["log", "entry"] in unique


@pytest.mark.parametrize("fact", FACT_TABLES, ids=lambda fact: fact.entry_type)
def test_every_column_of_a_fact_is_in_its_leaf_or_says_why_not(fact: FactTable) -> None:
    beside = {
        "invitation": {"event", "expires_at"},
        "report": {"reasons_item"},
        "acknowledgement": {"note_item"},
        "removal": {"redacted_item"},
    }
    table, fields = fact.table, fact.fields
    columns = {column.name for column in table.columns} - {"log", "entry", "at"}
    assert columns - set(fields) == beside.get(table.name.removeprefix(PREFIX), set())


def test_what_may_change_is_what_the_design_says() -> None:
    """A new table is locked, or stands in this list on purpose."""
    names = {table.name.removeprefix(PREFIX) for table in TABLES}
    assert names - {locked.table for locked in LOCKED} == MUTABLE


def test_scores_are_from_1_to_5() -> None:
    checks = [
        str(each.sqltext)
        for each in schema.review.c.score.constraints
        if isinstance(each, CheckConstraint)
    ]
    assert checks == ["score BETWEEN 1 AND 5"]
