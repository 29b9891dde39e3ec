"""The index can always be made again from facts and words, while everything goes on."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from flask.cli import ScriptInfo
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from insurance_reviews.plugin import schema
from insurance_reviews.plugin.cli import reviews_cli
from insurance_reviews.plugin.figures import check_figures
from insurance_reviews.plugin.search import fold
from insurance_reviews.plugin.search import rebuild as search
from insurance_reviews.plugin.search.audit import audit_index
from insurance_reviews.plugin.search.state import IndexState, read_state, record, running
from insurance_reviews.plugin.search.tokens import VERSION
from support.host import Host, mounted
from support.world import World

from .test_documents import document_of, found

OLD = f"jieba 0.1, words 0, topics 0, fold 0, tokens {VERSION}"
OLDER = "jieba 0.1, words 0, topics 0, fold 0, tokens 0"


def quietly(done: int, total: int) -> None:
    """A progress that nobody looks at."""


def rebuild(world: World, *, anew: bool = False) -> int:
    return search.rebuild(world.unit_of_work, world.context, quietly, anew=anew)


def differences(world: World) -> list[str]:
    state_dir = world.settings.state_dir
    return world.read(
        lambda session: [each.problem for each in audit_index(session, state_dir, quietly)]
    )


def state_of(world: World) -> IndexState | None:
    return world.read(read_state)


def live(world: World) -> None:
    """Reviews with everything that can come under one."""
    first = world.submit(score=1, text="拒赔，免赔额没有说明。")
    world.follow_up(first, "后来赔了，理赔速度很慢。")
    world.reply(first, "已经联系您。")
    world.reply(first, "材料已补齐，感谢。")
    world.submit(score=5, text=None)
    gone = world.submit(score=2, text="业务员张三骗人")
    world.remove(gone)
    masked = world.submit(score=2, text="业务员张三骗人，等待期没说")
    world.remove(masked, redacted="业务员██骗人，等待期没说")
    world.submit(product="boshan-motor", text="定损很快")


def empty(world: World, *, of_facts: bool = True) -> None:
    """As a database is after the migration: nothing is in the index."""

    def work(session: Session) -> None:
        index = schema.SEARCH_INDEX
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text(f"INSERT INTO {index} ({index}) VALUES ('delete-all')"))
        else:
            session.execute(text(f"DELETE FROM {index}"))
        if of_facts:
            session.execute(delete(schema.search_part))
            session.execute(delete(schema.search_document))
            session.execute(schema.topic_count.update().values(n=0))

    world.write(work)


def test_what_is_written_needs_no_rebuilding(world: World) -> None:
    live(world)
    assert differences(world) == []
    assert state_of(world) == IndexState(running())
    assert rebuild(world) == 0


def test_a_database_from_before_the_index_gets_one(world: World) -> None:
    live(world)
    review = world.submit(text="现金价值太低")
    before = document_of(world, review)
    empty(world)
    assert differences(world)
    assert rebuild(world) == 6
    assert differences(world) == []
    assert document_of(world, review) == before
    assert found(world, "现金", "w现金价值") == {before.key}
    assert world.read(check_figures) == []


def test_it_can_be_written_to_before_it_is_rebuilt(world: World) -> None:
    """An answer or a removal under a review that is not in the index puts it there."""
    review, other = world.submit(text="拒赔了"), world.submit(text="退保难")
    empty(world)
    world.follow_up(review, "还是拒赔")
    world.withdraw(other)
    assert found(world, "拒赔")
    assert found(world, "退保") == set()
    rebuild(world)
    assert differences(world) == []
    assert found(world, "退保") == set()
    assert world.read(check_figures) == []


def test_another_segmenter_is_noticed_and_replaced(world: World) -> None:
    review = world.submit(text="拒赔了")
    world.write(lambda session: record(session, IndexState(OLD)))

    def as_it_found_nothing(session: Session) -> None:
        part = schema.search_part.update()
        session.execute(part.values(words="", topics="", folded="拒赔"))
        session.execute(schema.topic_count.update().values(n=0))

    world.write(as_it_found_nothing)
    assert world.read(search.read_status).is_complete is False
    world.write(lambda session: record(session, IndexState(OLDER)))
    rebuild(world)
    assert state_of(world) == IndexState(running())
    assert differences(world) == []
    assert found(world, "w拒赔") == {document_of(world, review).key}


@pytest.mark.parametrize("what", ["opencc", "unicode"])
def test_other_tables_of_characters_are_noticed(
    world: World, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Queries are folded by the tables that are installed now, texts were by those of then."""
    world.submit(text="拒赔了")
    assert world.read(search.read_status).is_complete
    if what == "opencc":
        monkeypatch.setattr(fold, "version", lambda _: "99")
    else:
        monkeypatch.setattr(unicodedata, "unidata_version", "99")
    assert f"{what} 99" in running()
    assert not world.read(search.read_status).is_complete


def test_an_interrupted_rebuilding_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "BATCH", 2)
    live(world)
    empty(world)

    def interrupt(done: int, total: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search.rebuild(world.unit_of_work, world.context, interrupt)
    state = state_of(world)
    assert state is not None
    assert state.target == running()
    assert world.read(search.read_status).documents == 4
    seen: list[tuple[int, int]] = []
    search.rebuild(
        world.unit_of_work, world.context, lambda done, total: seen.append((done, total))
    )
    assert seen[0] == (4, 5)
    assert seen[-1] == (5, 5)
    assert differences(world) == []


def test_what_comes_meanwhile_is_not_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reviews, answers and removals between two batches, of reviews before and behind them."""
    monkeypatch.setattr(search, "BATCH", 1)
    reviews = [world.submit(text=f"第{n}次理赔") for n in range(4)]
    empty(world)

    def meddle(done: int, total: int) -> None:
        if done == 2:
            world.withdraw(reviews[0])
            world.follow_up(reviews[3], "又等了一个月")
            world.submit(text="新来的")

    search.rebuild(world.unit_of_work, world.context, meddle)
    assert differences(world) == []
    assert found(world, "新来")
    assert world.read(check_figures) == []


def test_a_damaged_index_is_noticed_and_made_from_nothing(world: World) -> None:
    review = world.submit(text="拒赔了")
    empty(world, of_facts=False)
    assert differences(world) == [
        "the review at entry 2 of log 1 is not found by all that it contains"
    ]
    assert rebuild(world, anew=True) == 1
    assert differences(world) == []
    assert found(world, "拒赔") == {document_of(world, review).key}


def test_all_is_written_again_while_everything_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for more than a batch, and who is interrupted has not finished."""
    monkeypatch.setattr(search, "BATCH", 1)
    reviews = [world.submit(text=f"第{n}次拒赔") for n in range(4)]
    empty(world, of_facts=False)

    def meddle(done: int, total: int) -> None:
        if done == 1:
            world.withdraw(reviews[3])
            world.follow_up(reviews[0], "又等了一个月")
            world.submit(text="新来的拒赔")
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search.rebuild(world.unit_of_work, world.context, meddle, anew=True)
    assert not world.read(search.read_status).is_complete
    assert len(found(world, "拒赔")) == 3, "two are done again, and one is new"
    assert rebuild(world) == 3
    assert world.read(search.read_status).is_complete
    assert differences(world) == []
    assert len(found(world, "拒赔")) == 4
    assert world.read(check_figures) == []


def test_other_tokens_than_now_are_all_written_again(world: World) -> None:
    review = world.submit(text="拒赔了")
    world.write(lambda session: record(session, IndexState(OLDER)))
    assert not world.read(search.read_status).is_complete
    assert rebuild(world) == 1
    assert state_of(world) == IndexState(running())
    assert found(world, "拒赔") == {document_of(world, review).key}


def test_a_text_that_is_gone_is_noticed_in_the_index(world: World) -> None:
    review = world.submit(text="拒赔了")
    part = document_of(world, review).parts[0]
    world.withdraw(review)
    row = {"key": document_of(world, review).key, "item": part.item, "kind": "review"}
    world.write(
        lambda session: session.execute(
            schema.search_part.insert(),
            {**row, "folded": part.folded, "words": part.words, "topics": ""},
        )
    )
    assert [problem.partition(" is ")[2] for problem in differences(world)] == [
        "found by a text that is gone"
    ]
    rebuild(world, anew=True)
    assert differences(world) == []


def test_walls_are_told(world: World) -> None:
    """What was rebuilt may show other topics."""
    world.submit(text="拒赔了")
    state = schema.product_state.c

    def revision() -> int:
        rows = world.read(lambda session: session.execute(schema.product_state.select()).all())
        return sum(row.revision for row in rows)

    before = revision()
    empty(world)
    rebuild(world)
    assert revision() > before, state


Run = Callable[..., Result]


@pytest.fixture
def run(world: World) -> Run:
    def run(*arguments: str) -> Result:
        with mounted(world) as host:
            return _invoke(host, *arguments)

    return run


def _invoke(host: Host, *arguments: str) -> Result:
    info = ScriptInfo(create_app=lambda: host.app)
    return CliRunner().invoke(reviews_cli, arguments, obj=info)


def test_the_commands_say_what_they_do(world: World, run: Run) -> None:
    world.submit(text="拒赔了")
    status = run("search", "status")
    assert status.exit_code == 0, status.output
    assert status.output.splitlines() == [
        "1 of 1 reviews are in the index",
        f"built with {running()}",
    ]
    empty(world)
    status = run("search", "status")
    assert status.exit_code == 1
    assert "run flask reviews search rebuild" in status.output
    doctor = run("doctor")
    assert doctor.exit_code == 1
    assert "flask reviews search rebuild" in doctor.output
    upgraded = run("db", "upgrade")
    assert upgraded.exit_code == 0, upgraded.output
    assert "1 reviews were indexed anew" in upgraded.output
    assert run("search", "status").exit_code == 0
    assert "every review was indexed right" in run("search", "rebuild").output
