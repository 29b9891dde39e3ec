"""Prepared statements: SQLAlchemy's SQL and exceptions, the driver's cursor."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, event, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from insurance_reviews.moderation.prepared import insertion, query
from insurance_reviews.plugin import schema
from insurance_reviews.plugin.database import make_engine

SLUG = "prepared"
INSURER = {"slug": SLUG, "name": "百分之%一", "name_en": None, "created_at": 0}

insert_insurer = insertion(schema.insurer)
find_insurer = query(
    select(schema.insurer.c.name, schema.insurer.c.created_at.label("since"))
    .where(schema.insurer.c.slug == bindparam("slug"))
    .order_by(schema.insurer.c.slug)
)


def test_rows_come_by_name(session: Session) -> None:
    insert_insurer.run(session, INSURER)
    [row] = find_insurer.fetch(session, {"slug": SLUG})
    assert (row.name, row.since) == ("百分之%一", 0)
    assert find_insurer.fetch(session, {"slug": "other"}) == []


def test_several_rows_go_at_once(session: Session) -> None:
    insert_insurer.run(session, *({**INSURER, "slug": f"{SLUG}-{n}"} for n in range(3)))
    found = select(schema.insurer.c.slug).where(schema.insurer.c.slug.like(f"{SLUG}-%"))
    assert sorted(session.scalars(found)) == [f"{SLUG}-0", f"{SLUG}-1", f"{SLUG}-2"]


def test_a_missing_value_is_an_error(session: Session) -> None:
    with pytest.raises((KeyError, DBAPIError)):
        insert_insurer.run(session, {"slug": SLUG})


def test_errors_are_sqlalchemys_and_hold_no_words(session: Session) -> None:
    insert_insurer.run(session, INSURER)
    with pytest.raises(IntegrityError) as caught:
        insert_insurer.run(session, INSURER)
    assert "百分之" not in str(caught.value)


def test_who_listens_to_the_engine_hears_of_them(database_url: str) -> None:
    engine = make_engine(database_url)
    heard: list[str] = []

    def listen(connection: object, cursor: object, statement: str, *_: object) -> None:
        heard.append(statement.split()[0])

    event.listen(engine, "before_cursor_execute", listen)
    with Session(engine) as session:
        insert_insurer.run(session, INSURER)
        assert find_insurer.fetch(session, {"slug": SLUG})[0].since == 0
    engine.dispose()
    assert heard == ["INSERT", "SELECT"]
