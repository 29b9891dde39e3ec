"""The index follows the facts: what can be read is in it, what is gone is not."""

from __future__ import annotations

from sqlalchemy import select, text

from insurance_reviews.plugin import schema
from insurance_reviews.plugin.search import documents
from insurance_reviews.plugin.search.documents import Change, Document, document_tokens
from insurance_reviews.plugin.search.fold import fold
from insurance_reviews.plugin.search.tokens import of_product
from insurance_reviews.plugin.services.reviews import Submitted
from support.world import World

TEXT = "報案後三天才來，免賠額沒有說明，<b>拒賠</b>了。"


def document_of(world: World, review: Submitted) -> Document:
    """As the index has it."""
    return world.read(lambda session: documents.find_change(session, review.id)).before


def change_of(world: World, review: Submitted) -> Change:
    return world.read(lambda session: documents.find_change(session, review.id))


def found(world: World, *tokens: str) -> set[int]:
    """The keys of the reviews of the usual product that the index has under all of ``tokens``."""
    index = schema.SEARCH_INDEX
    if world.settings.database_url.get_backend_name() == "sqlite":
        query = text(f"SELECT rowid FROM {index} WHERE {index} MATCH :tokens")
        sent = " ".join(f'"{of_product("anxin-medical", token)}"' for token in tokens)
    else:
        query = text(f"SELECT key FROM {index} WHERE tokens @@ CAST(:tokens AS tsquery)")
        sent = " & ".join(f"'{token}'" for token in tokens)
    return set(world.read(lambda session: session.execute(query, {"tokens": sent}).scalars().all()))


def topics(world: World) -> dict[tuple[str, int], int]:
    """Topic and score → how many reviews."""
    count = schema.topic_count.c
    rows = world.read(lambda s: s.execute(select(count.topic, count.score, count.n)).all())
    return {(row.topic, row.score): row.n for row in rows if row.n}


def is_found_as_stored(world: World, review: Submitted) -> None:
    """By every token that it should have."""
    document = document_of(world, review)
    assert document.facets is not None
    assert document.key in found(world, *document_tokens(document))


def test_a_review_is_in_the_index_with_the_answer(world: World) -> None:
    review = world.submit(score=2, text=TEXT, aspects={"speed": 1})
    document = document_of(world, review)
    assert change_of(world, review).after == document, "facets are those of the facts"
    assert [part.folded for part in document.parts] == [fold(TEXT)]
    assert {"免赔额", "拒赔"} <= set(document.parts[0].words.split())
    assert found(world, "拒赔") == found(world, "w拒赔") == {document.key}
    assert found(world, "fn2", "ftxt", "fsclaim".replace("claim", b"claim".hex())) == {document.key}
    assert found(world, "免", "说明") == {document.key}
    assert found(world, "拒赔", "fn3") == set()
    assert topics(world)["refusal", 2] == 1


def test_a_topic_is_judged_by_the_stars_for_the_matter_itself(world: World) -> None:
    """Where the review rated it; and what is removed takes with it what it had added."""
    review = world.submit(score=5, text="赔款到账很慢，条款看不懂。", aspects={"speed": 1})
    world.follow_up(review, "客服不接电话，拖了几个月。")
    assert topics(world) == {
        ("claim_speed", 1): 1,
        ("payout", 5): 1,
        ("service", 5): 1,
        ("terms", 5): 1,
    }
    world.check()
    world.withdraw(review)
    assert topics(world) == {}


def test_stars_alone_are_in_the_index_too(world: World) -> None:
    review = world.submit(score=5, text=None)
    assert document_of(world, review).parts == ()
    assert found(world, "fn5") == {document_of(world, review).key}
    assert found(world, "ftxt") == set()
