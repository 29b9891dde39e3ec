"""Languages: which one is answered in, and that it is complete."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.widgets import words
from insurance_reviews.widgets.i18n import LANGUAGES, Message, catalogue, negotiate, translate

from .messages import ROOT, Msgid, used_msgids

PO = ROOT / "widgets" / "locale" / "zh_CN" / "LC_MESSAGES" / "insurance_reviews.po"


def chinese() -> list[tuple[Msgid, list[str]]]:
    """Every msgid (or pair) of the catalogue with its translations."""
    with PO.open("rb") as source:
        catalog = read_po(source, locale="zh_CN", abort_invalid=True)
    return [
        (tuple(message.id) if message.pluralizable else str(message.id), as_list(message.string))  # type: ignore[misc]
        for message in catalog
        if message.id and not message.fuzzy
    ]


def as_list(value: Any) -> list[str]:
    """One text, or the texts of its plural forms."""
    return [value] if isinstance(value, str) else list(value)


def test_every_msgid_is_translated_and_none_is_left_over() -> None:
    """A msgid that nobody uses any more hides that its successor is missing; a fuzzy entry is a
    tool's guess, and counts as missing."""
    assert used_msgids() == {msgid for msgid, texts in chinese() if all(texts)}


def test_translations_use_the_values_they_are_given() -> None:
    """A place that the msgid does not have would be an error when shown."""
    for msgid, texts in chinese():
        known = as_list(msgid)
        allowed = {place for text in known for place in re.findall(r"%\((\w+)\)s", text)}
        if len(known) > 1:  # plural forms are always given `num`
            allowed.add("num")
        for text in texts:
            assert set(re.findall(r"%\((\w+)\)s", text)) <= allowed, text
            assert "%" not in re.sub(r"%\(\w+\)s|%%", "", text), text


def test_chinese_is_set_in_chinese_type() -> None:
    """Full-width punctuation between Chinese characters, and no blank at either end."""
    for _, texts in chinese():
        for text in texts:
            assert not re.search(r"[\u4e00-\u9fff][,;:?!.]|[,;:?!][\u4e00-\u9fff]", text), text
            assert text == text.strip()


def test_every_vocabulary_word_is_translated() -> None:
    """Keys become words in both languages."""
    for table in (words.STAGES, words.ASPECTS, words.GROUNDS, words.SORTS, words.TEXT_STATES):
        for msgid in table.values():
            assert translate(catalogue("zh-CN"), msgid) != msgid


def test_default_aspects_are_worded_by_stage() -> None:
    """One key means another thing at another stage; a product's own label stands as it is."""
    zh = catalogue("zh-CN")
    assert translate(zh, words.aspect("underwriting", "ease", None)) == "投保便捷"
    assert translate(zh, words.aspect("renewal", "ease", None)) == "缴费便捷"
    assert translate(zh, words.aspect("claim", "parking", "停车方便")) == "停车方便"
    assert translate(zh, words.aspect("claim", "parking", None)) == "parking"


def test_a_message_is_english_until_it_is_shown() -> None:
    """It serves as a plain str wherever nobody knows the reader."""
    message = Message("At most %(most)s characters; this has %(length)s.", {"most": 5, "length": 6})
    assert message == "At most 5 characters; this has 6."
    assert translate(catalogue("zh-CN"), message) == "最多 5 字，现在是 6 字。"
    assert translate(catalogue("zh-CN"), "写给一个人的话") == "写给一个人的话"
    assert translate(catalogue("zh-CN"), "") == ""


@pytest.mark.parametrize(
    ("asked", "header", "answered"),
    [
        (None, None, "zh-CN"),
        (None, "", "zh-CN"),
        (None, "en", "en"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "zh-TW,zh;q=0.9,en;q=0.8", "zh-CN"),
        (None, "fr,en;q=0.3,zh;q=0.2", "en"),
        (None, "fr", "zh-CN"),
        (None, "en;q=0", "zh-CN"),
        (None, "*", "zh-CN"),
        (None, "en;q=nan,zh;q=inf", "zh-CN"),
        ("en", "zh-CN", "en"),
        ("zh_cn", "en", "zh-CN"),
        ("EN-us", None, "en"),
        ("tlh", "en", "en"),
        ("../../etc", None, "zh-CN"),
    ],
)
def test_negotiation(asked: str | None, header: str | None, answered: str) -> None:
    """A link's wish wins over the browser's; what neither knows is Chinese."""
    assert negotiate(asked, header) == answered


@given(st.one_of(st.none(), st.text()), st.one_of(st.none(), st.text()))
def test_negotiation_takes_anything(asked: str | None, header: str | None) -> None:
    """Headers are written by strangers."""
    assert negotiate(asked, header) in LANGUAGES


def test_importing_is_cheap() -> None:
    """The catalogue compiler and the HTML cleaner are loaded when needed, and here nothing is."""
    source = (
        "import sys, insurance_reviews.widgets.render, insurance_reviews.widgets.desk_forms;"
        "print([name for name in ('babel.messages', 'bleach', 'flask', 'sqlalchemy', 'jieba')"
        " if name in sys.modules])"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    result = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True, env=environment
    )
    assert result.stdout == "[]\n"


def test_catalogue_is_where_the_build_looks_for_it() -> None:
    """One folder per locale, gettext's layout."""
    assert PO.is_relative_to(Path(ROOT) / "widgets" / "locale")
