"""A query finds exactly the texts that contain it: known answers, and any part of any text."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from insurance_reviews.plugin.queries.wall import Sort, WallQuery, read_wall
from insurance_reviews.plugin.search import find, statements
from insurance_reviews.plugin.search.fold import fold
from support.databases import ENGINES, DatabaseFactory
from support.world import World, built_world

SKU = "anxin-medical"
TEXTS = {
    "a": "报案三天后查勘员才到，定损没有说明自费药不赔，免赔额也没讲清楚。",
    "b": "等待期第二十八天确诊，拒赔，理由是既往症。",
    "c": "理赔很快，上传材料当天到账，点赞👍。",
    "d": "猶豫期內退保，全額退回，客服態度很好。",
    "e": "现金价值表看不懂，退保只拿回三成。",
    "f": "投保全程在线，十分钟办完，健康告知写得明白。",
    "g": "保全变更受益人，来回跑了三次柜台。",
    "h": "理赔慢！理赔慢！等了两个月，客服电话永远占线。",
    "i": "代理人说什么都保，出险才知道免责条款一大堆。",
    "j": "续期扣费提前七天短信提醒，很贴心。",
    "k": "ＡＰＰ闪退，发票传不上去；客服说换手机试试。",
    "l": "Claim paid in 5 days, adjuster was friendly. 五星好评。",
    "m": "The deductible (10,000 yuan) was never explained to me.",
    "n": "Waiting period: 90 days. My claim was rejected without a reason.",
    "o": "重疾险确诊即赔，没想到真的三天打款，感谢橘灯保险。",
    "p": "车险定损价低于4S店报价，差额自己垫。",
    "q": "健康告知漏了一项，解除合同，不退保费。",
    "r": "自動墊繳保費沒有通知，保單差點失效。",
    "s": "Renewal reminder came by e-mail & SMS; insurance app works.",
    "t": "给爸妈买的，理 赔 中间有空格也要找得到吗？",
    "u": "等著賠款到帳，妳們辻\U000e0100的Café也不退訂。",
}
#: Query → the texts that it must find, and no others.
ANSWERS = {
    "赔": "abchotu",
    "慢": "h",
    "理赔": "ch",
    "免赔额": "a",
    "自费药": "a",
    "等待期": "b",
    "拒赔": "b",
    "既往症": "b",
    "到账": "cu",
    "👍": "c",
    "犹豫期": "d",
    "猶豫期": "d",
    "全额退": "d",
    "现金价值": "e",
    "退保": "deq",
    "三成": "e",
    "投保全程": "f",
    "保全": "fg",
    "健康告知": "fq",
    "受益人": "g",
    "理赔慢": "h",
    "理赔慢！等了": "h",
    "占线": "h",
    "代理人": "i",
    "免责条款": "i",
    "扣费": "j",
    "app": "ks",
    "ＡＰＰ": "ks",
    "闪退": "k",
    "发票": "k",
    "重疾险": "o",
    "确诊": "bo",
    "橘灯保险": "o",
    "定损": "ap",
    "4S店": "p",
    "4ｓ店": "p",
    "差额": "p",
    "垫缴": "r",
    "保费 通知": "r",
    "退保 客服": "d",
    "理赔 -慢": "c",
    "“理 赔”": "t",
    "客服 電話": "h",
    "claim": "ln",
    "CLAIM": "ln",
    "deductible": "m",
    "10,000": "m",
    "waiting period": "n",
    '"my claim"': "n",
    "insur": "s",
    "e-mail": "s",
    "days": "ln",
    "paid friendly": "l",
    "等着": "u",
    "到帐": "cu",
    "你们": "u",
    "辻的": "u",
    "cafe\u0301": "u",
}
#: Few characters, so that neighbours repeat and cross the bounds of words.
CHARACTERS = "理赔慢快保全賠額额不 ，A1b"


@pytest.fixture(scope="module", params=ENGINES)
def library(
    request: pytest.FixtureRequest,
    database_factory: DatabaseFactory,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[World, dict[str, str]]]:
    """The texts above and sixty of few characters, each by the id of its review."""
    state: Path = tmp_path_factory.mktemp("state")
    chance = random.Random(5)
    with database_factory.fresh(request.param) as url, built_world(url, state) as world:
        written = {}
        mixed = ["".join(chance.choices(CHARACTERS, k=chance.randint(1, 40))) for _ in range(60)]
        for text in [*TEXTS.values(), *(f"x{text}" for text in mixed)]:
            review = world.submit(text=text, confirm_personal_data=True, score=chance.randint(1, 5))
            written[review.id] = text
        yield world, written


def found(world: World, query: str, sort: Sort = "newest", limit: int = 50) -> list[str]:
    """The reviews on all pages, in their order; the total must agree."""
    ids: list[str] = []
    asked = WallQuery(SKU, q=query, sort=sort, limit=limit)
    while True:
        page = world.read(lambda session: read_wall(session, asked))  # noqa: B023
        ids += [review.id for review in page.reviews]
        assert page.total_is_exact
        if page.next is None:
            assert page.total == len(ids) == len(set(ids))
            return ids
        asked = WallQuery(SKU, q=query, sort=sort, limit=limit, after=page.next)


@pytest.mark.parametrize("query", ANSWERS)
def test_known_answers(library: tuple[World, dict[str, str]], query: str) -> None:
    world, written = library
    names = {text: name for name, text in TEXTS.items()}
    hits = [names.get(written[review]) for review in found(world, query)]
    assert sorted(name for name in hits if name) == list(ANSWERS[query])


@given(text=st.integers(0, 80), start=st.integers(0, 60), length=st.integers(1, 12))
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_part_of_a_text_finds_all_texts_that_contain_it(
    library: tuple[World, dict[str, str]], text: int, start: int, length: int
) -> None:
    """Brute force is the oracle: recall and precision are both 100 %."""
    world, written = library
    whole = list(written.values())[text]
    part = whole[start % len(whole) :][:length].replace('"', " ")
    if not fold(part):
        return
    expected = [review for review, said in written.items() if fold(part) in fold(said)]
    assert sorted(found(world, f'"{part}"')) == sorted(expected)


@pytest.mark.parametrize("sort", ["newest", "oldest", "highest", "lowest", "relevant"])
def test_every_order_finds_the_same(library: tuple[World, dict[str, str]], sort: Sort) -> None:
    """In small pages, too."""
    world, written = library
    expected = [review for review, said in written.items() if "理赔" in fold(said)]
    ids = found(world, "理賠", sort, limit=3)
    assert sorted(ids) == sorted(expected)
    if sort in ("newest", "oldest"):
        assert ids == (expected if sort == "oldest" else expected[::-1])


def test_what_is_gone_is_not_found_and_what_came_is(world: World) -> None:
    review = world.submit(text="张三说：免赔额不用管。")
    masked = world.submit(text="李四电话里骂人，拒赔。")
    assert found(world, "张三") == [review.id]
    world.follow_up(review, "现金价值也算错了")
    assert found(world, "现金价值") == found(world, "免赔额 现金价值") == [review.id]
    world.reply(review, "抱歉，犹豫期内可以全额退保")
    assert found(world, "犹豫期") == [review.id]
    world.reply(review, "更正：已经过了等待期")
    assert found(world, "犹豫期") == []
    assert found(world, "等待期") == [review.id]
    world.remove(masked, redacted="██电话里骂人，拒赔。")
    assert found(world, "李四") == []
    assert found(world, "拒赔") == [masked.id]
    world.remove(review)
    assert found(world, "张三") == []
    assert found(world, "现金价值") == [review.id]
    world.withdraw(review)
    assert found(world, "现金价值") == []
    assert found(world, "等待期") == [review.id], "the reply is the insurer's and stays"


HOSTILE = [
    "",
    " ",
    "。",
    '"',
    "-",
    '-"',
    "'",
    "\\",
    "*",
    "a*",
    "理赔*",
    "NEAR(a b)",
    "tokens : a",
    "^a",
    "a AND",
    "OR OR OR",
    "NOT 理赔",
    "(((",
    "& | !",
    ":*",
    "<->",
    "%' OR 1=1 --",
    "\u202e理赔\u202c",
    "\u200b\u200d",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\ud7ff\ue000\U0010ffff",
    "啊" * 500,
    "a b " * 5_000,
    "-a " * 5_000,
    '"' * 5_000,
    "理" * 200_000,
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_no_query_hurts(library: tuple[World, dict[str, str]], query: str) -> None:
    """Of any text a sensible answer is made, and no engine sees its syntax."""
    world, _ = library
    start = time.process_time()
    page = world.read(lambda session: read_wall(session, WallQuery(SKU, q=query)))
    assert page.total >= len(page.reviews)
    # Ten times what a query may cost: of the processor, and for machines that do much else.
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize("sort", ["newest", "oldest", "highest", "lowest", "relevant"])
def test_no_query_looks_at_more_than_its_budget(
    library: tuple[World, dict[str, str]], sort: Sort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the order: five scores share one budget, and counting has its own."""
    world, _ = library
    looked: list[int] = []

    def counted(session: Session, keys: Sequence[int], *terms: Sequence[str]) -> statements.Looked:
        looked.append(len(keys))
        return statements.look(session, keys, *terms)

    monkeypatch.setattr(find, "look", counted)
    monkeypatch.setattr(find, "LOOKED", 6)
    monkeypatch.setattr(find, "LOOKED_TO_COUNT", 4)
    monkeypatch.setattr(find, "_FIRST_CHUNK", 2)
    monkeypatch.setattr(find, "_CHUNK", 2)
    query = WallQuery(SKU, q="-保全全程慢", sort="newest" if sort == "relevant" else sort)
    if sort == "relevant":
        query = WallQuery(SKU, q="理 -理赔额额", sort="relevant")
    page = world.read(lambda session: read_wall(session, query))
    assert page.next
    assert 0 < sum(looked) <= 6 + 4 + 2
