"""Personal data in texts: what is found beside other numbers and in disguise, and what is not."""

from __future__ import annotations

import random
import time
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from insurance_reviews.plugin.personal_data import MAX_GUESSES, find_personal_data

MOBILE, OTHER = "13800138000", "13900139000"
POLICY = "PA12345678"
LONGEST_TEXT = 5_000


def found(text: str, **options: Any) -> list[tuple[str, str]]:
    """(kind, words) of what is found."""
    return [
        (span.kind, text[span.start : span.end]) for span in find_personal_data(text, **options)
    ]


def is_policy(run: str) -> bool:
    return run.upper() == POLICY


def in_groups(number: str, size: int, separator: str = " ") -> str:
    return separator.join(number[at : at + size] for at in range(0, len(number), size))


def with_check_digit(number: str) -> str:
    return number + ric.calc_check_digit(number + "0")


mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
resident_ids = st.builds(
    lambda region, birthday, sequence: with_check_digit(f"{region}{birthday:%Y%m%d}{sequence:03}"),
    st.sampled_from(["110101", "310115", "440305", "510104"]),
    st.dates(date(1995, 1, 1), date(2019, 12, 31)),
    st.integers(0, 999),
)
bank_cards = st.from_regex(r"62[0-9]{13,16}", fullmatch=True).map(
    lambda number: number + luhn.calc_check_digit(number)
)
numbers = st.one_of(
    mobiles.map(lambda number: ("mobile", number)),
    resident_ids.map(lambda number: ("resident_id", number)),
    bank_cards.map(lambda number: ("bank_card", number)),
)
#: Words without a digit or a letter that could be a part of a number.
words = st.text(st.sampled_from("我的电话是，。！打给他 \n（）"), max_size=8)
amounts = st.lists(st.integers(0, 99_999).map(str), max_size=4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{MOBILE} {OTHER}", [MOBILE, OTHER]),
        (f"电话{MOBILE}, {OTHER}", [MOBILE, OTHER]),
        (f"2024-05-01 {MOBILE}", [MOBILE]),
        (f"拨 1 {MOBILE}", [MOBILE]),
        (f"工号1234-5678，{MOBILE}", [MOBILE]),
        (f"{MOBILE}-8", [MOBILE]),
        (f"赔了3000 {MOBILE}", [MOBILE]),
        (f"微信wx{MOBILE}", [MOBILE]),
        ("+86 138 0013 8000 或 139-0013-9000", ["138 0013 8000", "139-0013-9000"]),
        ("12 138 0013 8000 99", ["138 0013 8000"]),
        ("8613800138000", [MOBILE]),
        ("008613800138000", [MOBILE]),
        ("１３８００１３８０００", ["１３８００１３８０００"]),
        ("138\u200b0013\ufeff8000", ["138\u200b0013\ufeff8000"]),
    ],
)
def test_a_mobile_is_found_beside_other_numbers(text: str, expected: list[str]) -> None:
    assert [("mobile", number) for number in expected] == found(text)


@pytest.mark.parametrize(
    "number",
    [
        "6222 0200 1122 3344 554",
        "6222020011223344554",
        "622202 0011223344554",
        "4111-1111-1111-1111",
    ],
)
def test_a_card_is_found_in_groups_and_whole(number: str) -> None:
    assert [("bank_card", number)] == found(f"卡号{number}，请退款")


def test_a_card_is_shown_whole_although_its_beginning_is_a_card_too() -> None:
    beginning = "622202001122334"
    beginning += luhn.calc_check_digit(beginning)
    card = f"{beginning}00{luhn.calc_check_digit(beginning + '00')}"
    assert [("bank_card", in_groups(card, 4))] == found(in_groups(card, 4))


@pytest.mark.parametrize("tail", ["", "X", " X", "x"])
def test_an_identity_numbers_x_belongs_to_it(tail: str) -> None:
    bodies = (f"11010119900307{sequence:03}" for sequence in range(1_000))
    body = next(body for body in bodies if with_check_digit(body).endswith("X"))
    expected = [("resident_id", body + tail)] if tail else []
    assert expected == found(f"证件{body}{tail}，已核对")


def test_an_identity_number_is_found_inside_a_longer_row_of_digits() -> None:
    number = with_check_digit("11010119900307451")
    assert [("resident_id", number)] == found(f"编号2024{number}0001")


def test_a_region_that_the_tables_do_not_know_is_no_error() -> None:
    """Region 622206 is a hole in stdnum's tables, at which it raises a KeyError."""
    number = with_check_digit("62220619900307451")
    with pytest.raises(KeyError):
        ric.is_valid(number)
    assert "resident_id" not in dict(found(number))
    found("622206879608269267")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024 PA 1234 5678", "PA 1234 5678"),
        ("保单PA12345678，2024-05-01 起", "PA12345678"),
        ("pa-1234/5678 号", "pa-1234/5678"),
        ("P A 1 2 3 4 5 6 7 8", "P A 1 2 3 4 5 6 7 8"),
        ("ＰＡ１２３４５６７８", "ＰＡ１２３４５６７８"),
        ("编号1 2 3 PA12345678 4 5", "PA12345678"),
    ],
)
def test_the_policys_own_number_is_found_beside_other_numbers(text: str, expected: str) -> None:
    assert [("policy_no", expected)] == found(text, is_own_policy=is_policy)


def test_guesses_at_the_policy_number_are_bounded() -> None:
    asked: list[str] = []

    def refuse(run: str) -> bool:
        asked.append(run)
        return False

    for text in ("1 " * 2_500, "12345 " * 833, "ab1-" * 1_250, "a" * LONGEST_TEXT):
        asked.clear()
        find_personal_data(text, refuse)
        assert len(asked) <= MAX_GUESSES
        assert all(len(run) <= 64 for run in asked)


@given(numbers, amounts, amounts, words, words)
def test_a_number_in_one_piece_is_found_among_any_amounts(
    number: tuple[str, str], before: list[str], after: list[str], left: str, right: str
) -> None:
    text = left + " ".join([*before, number[1], *after]) + right
    assert number in found(text)


@given(numbers, st.integers(1, 8), st.sampled_from([" ", "-", "\u3000", "\u200b", " -"]), words)
def test_a_disguised_number_is_found_whole(
    number: tuple[str, str], size: int, separator: str, around: str
) -> None:
    kind, plain = number
    disguised = in_groups(plain, size, separator)
    shown = disguised.translate({ord("0") + n: ord("\uff10") + n for n in range(0, 10, 3)})
    assert [(kind, shown)] == found(f"{around}。{shown}。{around}")


@given(
    st.text() | st.text(st.sampled_from("0123456789xX -—，,.()/@aP１２⑩㈠\u200b\n中"), max_size=300)
)
def test_any_text_is_searched_and_findings_do_not_overlap(text: str) -> None:
    spans = find_personal_data(text, lambda run: run.startswith("1"))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))


def test_amounts_dates_and_case_numbers_are_hardly_ever_taken_for_a_person() -> None:
    """Luhn's digit holds for every tenth number, so a few in a thousand may be."""
    chance = random.Random(20260302)

    def day() -> str:
        month, of_month = chance.randint(1, 12), chance.randint(1, 28)
        return f"{chance.randint(2019, 2026)}-{month:02}-{of_month:02}"

    def sentence() -> str:
        amount = [str(chance.randint(100, 99_999)) for _ in range(6)]
        return chance.choice(
            [
                f"{day()} 报案，{day()} 到账，赔了{amount[0]}元，自费{amount[1]}元。",
                f"{day()}、{day()} 两次住院，共{amount[0]}.{chance.randint(10, 99)}元",
                f"法院案号（{chance.randint(2019, 2026)}）沪0115民初{amount[0]}号，判赔{amount[1]}",
                f"三年保费：{amount[0]}，{amount[1]}，{amount[2]}，一年比一年高",
                f"{amount[0]} {amount[1]} {amount[2]} {amount[3]}，这是四次的金额",
                f"报案号{day().replace('-', '')}{chance.randint(0, 10**10 - 1):010}，还没有下文",
                f"客服955{chance.randint(0, 99):02}转{chance.randint(0, 9)}，等了{amount[0]}秒",
            ]
        )

    sentences = [sentence() for _ in range(2_000)]
    alarms = [text for text in sentences if find_personal_data(text)]
    assert len(alarms) <= 20, alarms


@pytest.mark.parametrize(
    "unit",
    [
        "1 ",
        "13 8 ",
        "6222 ",
        "6 2 ",
        "1",
        "1 3 8 0 0 1 3 8 0 0 0 ",
        "12345 ",
        "x ",
        "1x",
        "a@",
        "b.",
    ],
)
def test_the_longest_text_is_searched_in_no_time(unit: str) -> None:
    """Some twenty milliseconds; what grew with the square took a second."""
    text = (unit * LONGEST_TEXT)[:LONGEST_TEXT]

    def search() -> float:
        started = time.process_time()
        find_personal_data(text, is_policy)
        return time.process_time() - started

    assert min(search() for _ in range(3)) < 0.1
