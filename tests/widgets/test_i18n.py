"""Languages: which one is answered in, and that it is complete."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from babel.core import Locale
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.widgets import words
from insurance_reviews.widgets.i18n import (
    LANGUAGES,
    Message,
    catalogue,
    catalogue_file,
    locale_of,
    negotiate,
    translate,
)

from .messages import ROOT, Msgid, used_msgids

#: The languages that have a catalogue: English is the msgids themselves.
CHINESE = ("zh-CN", "zh-TW")
each_chinese = pytest.mark.parametrize("language", CHINESE)


def po(language: str) -> Path:
    """The catalogue of a language, as it stands in the checkout."""
    return catalogue_file(ROOT / "widgets" / "locale", language)


def entries(language: str) -> list[tuple[Msgid, list[str]]]:
    """Every msgid (or pair) of the catalogue with its translations."""
    with po(language).open("rb") as source:
        catalog = read_po(source, locale=locale_of(language), abort_invalid=True)
    return [
        (tuple(message.id) if message.pluralizable else str(message.id), as_list(message.string))  # type: ignore[misc]
        for message in catalog
        if message.id and not message.fuzzy
    ]


def as_list(value: Any) -> list[str]:
    """One text, or the texts of its plural forms."""
    return [value] if isinstance(value, str) else list(value)


@each_chinese
def test_every_msgid_is_translated_and_none_is_left_over(language: str) -> None:
    """A msgid that nobody uses any more hides that its successor is missing; a fuzzy entry is a
    tool's guess, and counts as missing."""
    assert used_msgids() == {msgid for msgid, texts in entries(language) if all(texts)}


@each_chinese
def test_translations_use_the_values_they_are_given(language: str) -> None:
    """A place that the msgid does not have would be an error when shown."""
    for msgid, texts in entries(language):
        known = as_list(msgid)
        allowed = {place for text in known for place in places(text)}
        if len(known) > 1:  # plural forms are always given `num`
            allowed.add("num")
        for text in texts:
            assert set(places(text)) <= allowed, text
            assert "%" not in re.sub(r"%\(\w+\)s|%%", "", text), text


def places(text: str) -> list[str]:
    """What a sentence is given: ``%(name)s`` from Python, ``{name}`` from a script."""
    return re.findall(r"%\(\w+\)s|\{\w+\}", text)


def test_both_kinds_of_chinese_say_the_same() -> None:
    """Each sentence gives the same values, in as many forms as the language has (one)."""
    simplified, traditional = dict(entries("zh-CN")), dict(entries("zh-TW"))
    assert simplified.keys() == traditional.keys()
    for msgid, texts in simplified.items():
        assert len(texts) == len(traditional[msgid]) == 1
        assert sorted(places(texts[0])) == sorted(places(traditional[msgid][0])), msgid


@each_chinese
def test_chinese_is_set_in_chinese_type(language: str) -> None:
    """Full-width punctuation between Chinese characters, blanks around Latin words, and no blank at
    either end."""
    for _, texts in entries(language):
        for text in texts:
            assert not re.search(r"[\u4e00-\u9fff][,;:?!.]|[,;:?!][\u4e00-\u9fff]", text), text
            assert text == text.strip()
            said = re.sub(r"%\(\w+\)s|\{\w+\}", "，", text)
            assert not re.search(r"[A-Za-z][\u4e00-\u9fff]|[\u4e00-\u9fff][A-Za-z]", said), text


def test_each_kind_of_chinese_keeps_to_its_characters() -> None:
    """Big5 has no simplified characters, and GB 2312 no traditional ones: a sentence that was only
    copied shows."""
    for _, texts in entries("zh-TW"):
        texts[0].encode("cp950")
        assert not set(texts[0]) & set("“”‘’"), texts
    for _, texts in entries("zh-CN"):
        texts[0].replace("█", "").encode("gb2312")
        assert not set(texts[0]) & set("「」『』"), texts


#: Words that mean another thing in Taiwan, or nothing, and those that stand for them.
MAINLAND = {
    "監管": "主管機關",
    "核驗": "查驗",
    "登記簿": "登錄簿",
    "收據": "回條",
    "鏈接": "連結",
    "文件": "檔案",
    "數據": "資料",
    "信息": "資訊",
    "屏幕": "螢幕",
    "服務器": "伺服器",
    "字段": "欄位",
    "字符": "字元",
    "默認": "預設",
    "通過": "透過",
    "密鑰": "金鑰",
    "哈希": "雜湊",
    "腳本": "指令碼",
    "打印": "列印",
    "粘貼": "貼上",
    "網絡": "網路",
    "產品": "商品",
    "運營": "營運",
    "支持": "支援",
    "設置": "設定",
    "回復": "回覆",
    "條評價": "則評價",
}


def test_traditional_chinese_is_that_of_taiwan() -> None:
    """Its words are those of its readers, not the mainland's in other characters."""
    found = [
        (word, better, texts[0])
        for _, texts in entries("zh-TW")
        for word, better in MAINLAND.items()
        if word in texts[0]
    ]
    assert not found


@each_chinese
def test_every_vocabulary_word_is_translated(language: str) -> None:
    """Keys become words in every language."""
    for table in (words.STAGES, words.ASPECTS, words.GROUNDS, words.SORTS, words.TEXT_STATES):
        for msgid in table.values():
            assert translate(catalogue(language), msgid) != msgid


def test_default_aspects_are_worded_by_stage() -> None:
    """One key means another thing at another stage; a product's own label stands as it is."""
    zh = catalogue("zh-CN")
    assert translate(zh, words.aspect("underwriting", "ease", None)) == "投保便捷"
    assert translate(zh, words.aspect("renewal", "ease", None)) == "缴费便捷"
    assert translate(zh, words.aspect("claim", "parking", "停车方便")) == "停车方便"
    assert translate(zh, words.aspect("claim", "parking", None)) == "parking"
    taiwan = catalogue("zh-TW")
    assert translate(taiwan, words.aspect("underwriting", "ease", None)) == "投保便利"
    assert translate(taiwan, words.aspect("renewal", "ease", None)) == "繳費便利"


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
        (None, "zh-TW,zh;q=0.9,en;q=0.8", "zh-TW"),
        (None, "zh;q=0.9,zh-TW;q=0.8", "zh-CN"),
        (None, "zh-CN;q=0,zh-TW;q=0.1", "zh-TW"),
        (None, "en;q=0.7, zh-Hant;q=0.8", "zh-TW"),
        (None, "zh-HK,en", "zh-TW"),
        (None, "zh-SG,en", "zh-CN"),
        (None, "zh-Hans-HK", "zh-CN"),
        (None, "zhx-TW,en;q=0.1", "en"),
        (None, "fr,en;q=0.3,zh;q=0.2", "en"),
        (None, "fr", "zh-CN"),
        (None, "en;q=0", "zh-CN"),
        (None, "*", "zh-CN"),
        (None, "en;q=nan,zh;q=inf", "zh-CN"),
        ("en", "zh-CN", "en"),
        ("zh_cn", "en", "zh-CN"),
        ("EN-us", None, "en"),
        ("zh", "en", "zh-CN"),
        ("zh-Hans", "en", "zh-CN"),
        ("zh-tw", "en", "zh-TW"),
        ("zh_Hant_HK", "en", "zh-TW"),
        ("zh-MO", None, "zh-TW"),
        ("tlh", "en", "en"),
        ("../../etc", None, "zh-CN"),
    ],
)
def test_negotiation(asked: str | None, header: str | None, answered: str) -> None:
    """A link's wish wins over the browser's; what neither knows is simplified Chinese."""
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


@each_chinese
def test_catalogue_is_where_the_build_looks_for_it(language: str) -> None:
    """One folder per locale, gettext's layout."""
    assert po(language).is_relative_to(ROOT / "widgets" / "locale")
    assert po(language).is_file()


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_and_numbers_are_those_of_the_language(language: str) -> None:
    """Babel knows the locale of every language, with its script."""
    locale = Locale.parse(locale_of(language))
    assert str(locale) == {"zh-CN": "zh_Hans_CN", "zh-TW": "zh_Hant_TW", "en": "en"}[language]


#: What templates say themselves and nobody translates: code to be copied, and names of classes.
CODE = {"curl", "limit", "insurance", "reviews.wall", "reviews.summary", "ir-wide", "ir-split"}
CODE |= {"script-src", "connect-src", "require-trusted-types-for", "script", "trusted-types"}
CODE |= {"insurance-reviews", "text"}
_SPOKEN = re.compile(r'\b(?:alt|aria-label|title|placeholder)="([^"]*)"')
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_MARKUP = re.compile(r"<(pre|code|style|script)\b.*?</\1>|<[^>]*>|&\w+;", re.DOTALL)


@pytest.mark.parametrize(
    "template",
    [
        pytest.param(path, id=path.name)
        for path in sorted((ROOT / "widgets" / "templates").rglob("*.*"))
        if path.suffix in {".html", ".txt", ".svg"}
    ],
)
def test_templates_say_nothing_past_the_catalogue(template: Path) -> None:
    """No text between the tags, and none in an attribute that is read out."""
    source = _JINJA.sub(" ", template.read_text(encoding="utf-8"))
    spoken = " ".join(_SPOKEN.findall(source))
    text = source if template.suffix == ".txt" else _MARKUP.sub(" ", source)
    # A place that a script fills, such as {index}, is data.
    said = re.findall(r"[^\W\d_]+(?:[.-][^\W\d_]+)*", re.sub(r"\{\w+\}", " ", text + spoken))
    assert set(said) <= CODE
