"""People's words on their way into HTML."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.widgets.holder_cards import PersonalDataSpan
from insurance_reviews.widgets.i18n import Message
from insurance_reviews.widgets.text import BLOCK, linked, mask, pieces

from .markup import read

spans = st.builds(
    PersonalDataSpan, st.integers(-3, 40), st.integers(-3, 40), st.sampled_from(["mobile", "email"])
)


@given(st.text(alphabet=st.sampled_from("ab█好😀\n")), st.lists(spans, max_size=6))
def test_pieces_lose_nothing(text: str, marked: list[PersonalDataSpan]) -> None:
    """Joined they are the text, whatever the spans say."""
    cut = pieces(text, marked)
    assert "".join(piece.text for piece in cut) == text
    assert all(piece.text for piece in cut)
    assert all(set(piece.text) == {BLOCK} for piece in cut if piece.kind == "redacted")


def test_pieces_count_code_points() -> None:
    """An emoji is one, as in the service that found the span."""
    cut = pieces("😀😀138", [PersonalDataSpan(2, 5, "mobile")])
    assert [(piece.kind, piece.text) for piece in cut] == [("plain", "😀😀"), ("mobile", "138")]


@given(st.text(alphabet=st.sampled_from("abc好"), min_size=1, max_size=30), st.data())
def test_mask_keeps_the_length_and_all_else(text: str, data: st.DataObject) -> None:
    """Every position is the original or a block, and no occurrence is left."""
    start = data.draw(st.integers(0, len(text) - 1))
    passage = text[start : data.draw(st.integers(start + 1, len(text)))]
    masked = mask(text, [passage, "", "  "])
    assert len(masked) == len(text)
    assert all(new in (old, BLOCK) for old, new in zip(text, masked, strict=True))
    assert passage not in masked


def test_mask_names_the_passage_that_is_not_there() -> None:
    """Nothing is masked by guess."""
    with pytest.raises(ValueError, match="张三") as refused:
        mask("李四说", ["李四", "张三"])
    assert isinstance(refused.value.args[0], Message)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("见https://www.example.cn/a，谢谢", "https://www.example.cn/a"),
        ("（http://a.cn/x?y=1&z=2）", "http://a.cn/x?y=1&z=2"),
        ("http://a.cn.", "http://a.cn"),
        ("See http://a.cn/b). End", "http://a.cn/b"),
        ("https://a.cn:8443/#top", "https://a.cn:8443/#top"),
    ],
)
def test_linked_takes_the_address_and_not_the_sentence(text: str, address: str) -> None:
    """Chinese prose puts no blank around an address."""
    page = read(linked(text))
    assert page.elements == [("a", {"href": address, "rel": "nofollow ugc noopener"})]
    assert "".join(page.text) == text


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "ftp://a.cn", "www.a.cn", "wang@a.cn", "xhttps://a.cn", "https://"],
)
def test_linked_links_nothing_else(text: str) -> None:
    """Only http and https, and only when written out."""
    assert linked(text) == html.escape(text)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_linked_shows_the_text_as_written(text: str) -> None:
    """Nothing is lost, and nothing but links is made."""
    page = read(linked(text))
    assert "".join(page.text) == text
    assert {tag for tag, _ in page.elements} <= {"a"}
