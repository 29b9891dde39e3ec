"""What is looked for: words, quoted words, words that must not occur. All else is text."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.plugin.search.expression import MOST_TOKENS, search_for
from insurance_reviews.plugin.search.fold import fold
from insurance_reviews.plugin.search.terms import MOST_CHARACTERS, MOST_TERMS, Terms, parse

#: What both engines would read as syntax, beside what people type.
TYPED = st.text(
    st.sampled_from("理赔慢 \u3000abAB\"“”「」-－*^():&|!<>'\\%_+~{}[]/;")
    | st.sampled_from("\0\u200b\u202e\ufeff👍ﷺ\ud800")
    | st.characters(),
    max_size=MOST_CHARACTERS + 20,
)
#: As long as a term of all that a query may have, with what folding makes of each character.
LONGEST_WRITTEN = 20_000


@pytest.mark.parametrize(
    ("query", "wanted", "unwanted"),
    [
        ("理賠", ["理赔"], []),
        (" 理赔\u3000 慢 ", ["理赔", "慢"], []),
        ("理赔 理賠", ["理赔"], []),
        ('"fast claim" Ok', ["fast claim", "ok"], []),
        ("“很 慢”「保全」", ["很 慢", "保全"], []),
        ('"not closed  here', ["not closed here"], []),
        ("慢“客服 人员”快", ["慢", "客服 人员", "快"], []),
        ("理赔 -慢", ["理赔"], ["慢"]),
        ('理赔 -"很 慢" －拒赔', ["理赔"], ["很 慢", "拒赔"]),
        ("-慢", [], ["慢"]),
        ("- 慢", ["慢"], []),
        ("e-mail", ["e mail"], []),
        ("免赔额，一万", ["免赔额 一万"], []),
        ("--慢", [], ["慢"]),
        ("ＡＢＣ１２３", ["abc123"], []),
        ("等待\u200b期", ["等待期"], []),
        ("👍", ["👍"], []),
        ("AND OR NOT NEAR", ["and", "or", "not", "near"], []),
        ("col:x a* ^b (c) 'd'::e", ["col x", "a", "b", "c", "d e"], []),
        ("理\0赔", ["理 赔"], []),
        ("cafe\u0301", ["caf\u00e9"], []),
        ("\u1112\u1161\u11ab", ["\ud55c"], []),
    ],
)
def test_terms_are_what_people_mean(query: str, wanted: list[str], unwanted: list[str]) -> None:
    assert parse(query) == Terms(tuple(wanted), tuple(unwanted))


@pytest.mark.parametrize(
    "query", ["", "  ", '"', '""', "-", '-"', "，。！？", "\u200b\u202e", "***"]
)
def test_of_nothing_to_look_for_there_are_no_terms(query: str) -> None:
    assert not parse(query)


@given(TYPED)
def test_of_any_text_few_folded_terms_are_made(query: str) -> None:
    terms = parse(query)
    found = [*terms.wanted, *terms.unwanted]
    assert len(found) <= MOST_TERMS
    assert sum(map(len, found)) <= LONGEST_WRITTEN
    for term in found:
        assert term
        assert term == fold(term)


@given(TYPED)
def test_engines_are_given_tokens_and_no_syntax(query: str) -> None:
    """Each token in quotation marks, made of nothing that could end them."""
    terms = parse(query)
    search = search_for(1, "sku", ["fn1"], ["frep"], terms.wanted, terms.unwanted)
    assert len(search.tokens) <= 1 + MOST_TERMS * MOST_TOKENS
    for token in (*search.tokens, *search.absent):
        assert all(not character.isascii() or character.isalnum() for character in token), token
        assert "\0" not in token
    assert re.fullmatch(r'(\(?"[^" ]+"\)*|AND|OR|NOT| )*', search.written("sqlite"))
    assert re.fullmatch(r"(!?'[^' ]+'|&| )*", search.written("postgresql"))


@pytest.mark.parametrize(
    "query",
    ["赔" * 200_000, '"' * 200_000, "-" * 200_000, "a " * 100_000, "\u200b" * 200_000, "ﷺ" * 500],
    ids=["one run", "quotes", "minus", "many", "invisible", "unfolding"],
)
def test_an_endless_query_is_read_to_its_bound(query: str) -> None:
    parse("warm")
    start = time.process_time()
    terms = parse(query)
    search_for(1, "sku", [], [], terms.wanted, terms.unwanted)
    # A fifth of a second is the machine's worst moment, not what it takes: that is under 1 ms.
    assert time.process_time() - start < 0.2
    assert len(terms.wanted) <= MOST_TERMS
