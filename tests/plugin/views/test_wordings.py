"""A host's own words: in pages, in mails and in what programs are answered."""

from __future__ import annotations

import logging
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from insurance_reviews.plugin.settings import SettingError
from insurance_reviews.widgets.i18n import catalogue_file
from support.host import API, PREFIX, make_host, mounted
from support.world import World

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
Write = Callable[..., Path]


@pytest.fixture
def words(tmp_path: Path) -> Write:
    """Writes the catalogue of a language, and gives the folder for the setting."""

    def write(language: str, *entries: str, header: str = HEADER) -> Path:
        file = catalogue_file(tmp_path, language)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(header + "\n\n".join(entries) + "\n", encoding="utf-8")
        return tmp_path

    return write


def entry(msgid: str, msgstr: str) -> str:
    return f'msgid "{msgid}"\nmsgstr "{msgstr}"'


def test_pages_and_problems_say_what_the_host_says(world: World, words: Write) -> None:
    """One file per language; what it leaves out, and the other languages, are as we word them."""
    words("zh-TW", entry("Not found", "查無此頁"), entry("All products", "本公司商品"))
    folder = words("en", entry("Not found", "We looked everywhere"))
    with mounted(world, wordings=str(folder)) as host:
        browser = host.client()

        def page(lang: str) -> str:
            return browser.get(f"{PREFIX}/products?lang={lang}").text

        def problem(lang: str) -> dict[str, str]:
            answer = browser.get(f"{API}/products/nothing?lang={lang}")
            assert answer.headers["Content-Language"] == lang
            body = answer.get_json()
            assert isinstance(body, dict)
            return body

        assert "本公司商品" in page("zh-TW")
        assert "保戶對每項商品怎麼說" in page("zh-TW")
        assert "全部产品" in page("zh-CN")
        assert "All products" in page("en")
        assert problem("zh-TW")["title"] == "查無此頁"
        assert problem("zh-TW")["detail"] == "這個網址沒有內容。請檢查網址，或從首頁開始。"
        assert problem("zh-CN")["title"] == "没有找到"
        assert problem("en")["title"] == "We looked everywhere"
        assert "查無此頁" in browser.get(f"{PREFIX}/nothing?lang=zh-TW").text


def test_another_shop_in_the_same_process_keeps_our_words(world: World, words: Write) -> None:
    """Wordings belong to an application, not to the process."""
    folder = words("en", entry("All products", "What we sell"))
    with mounted(world, wordings=str(folder)) as one, mounted(world) as other:
        assert "What we sell" in one.client().get(f"{PREFIX}/products?lang=en").text
        assert "What we sell" not in other.client().get(f"{PREFIX}/products?lang=en").text


def test_plural_forms_are_those_of_the_language(world: World, words: Write) -> None:
    """The locale gives their number, whatever the header forgets."""
    plural = 'msgid "%(count)s review"\nmsgid_plural "%(count)s reviews"\n'
    words("zh-CN", plural + 'msgstr[0] "共 %(count)s 条"')
    folder = words("en", plural + 'msgstr[0] "%(count)s voice"\nmsgstr[1] "%(count)s voices"')
    with mounted(world, wordings=str(folder)) as host:
        english = host.state.renderer.catalogue("en")
        chinese = host.state.renderer.catalogue("zh-CN")
    forms = "%(count)s review", "%(count)s reviews"
    assert [english.ngettext(*forms, n) for n in (1, 2)] == ["%(count)s voice", "%(count)s voices"]
    assert [chinese.ngettext(*forms, n) for n in (1, 2)] == ["共 %(count)s 条"] * 2


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (entry("Your review of %(product)s", "%(prodcut)s"), "no value for prodcut"),
        (
            entry("Entry {index} is not what was signed: the log contradicts itself.", "{i}"),
            "for i",
        ),
        (entry("All", "100 %"), "percent sign"),
        (entry("All", "<b>All</b>"), "markup"),
        ("All the words", "no catalogue"),
    ],
)
def test_words_that_would_break_a_page_are_refused_at_once(
    world: World, words: Write, written: str, problem: str
) -> None:
    """Not when the first reader opens the page that says them."""
    with pytest.raises(SettingError, match=problem):
        make_host(world, wordings=str(words("en", written)))


def test_the_element_says_what_the_host_says(world: World, words: Write) -> None:
    """The wall that it fetched tells it; before any came, the tag does that the desk gives out."""
    failed = entry("The reviews could not be loaded.", r"Say \"later\" & smile")
    folder = words("en", failed, entry("{n} reviews listed", "{n} voices"))
    words("zh-TW", entry("{n} reviews listed", "共 {n} 則"))
    with mounted(world, wordings=str(folder)) as host:
        wall = f"{PREFIX}/embed/wall?product=anxin-medical&lang="
        english = host.client().get(f"{wall}en").text
        assert 'data-failed="Say &#34;later&#34; &amp; smile"' in english
        assert 'data-retry="Try again"' in english
        assert 'data-shown="{n} voices"' in english
        assert 'data-shown="已列出 {n} 条评价"' in host.client().get(f"{wall}zh-CN").text
        desk = host.client("service-anxin")
        page = desk.get(f"{PREFIX}/desk/embed?lang=en").text
        attribute = 'text-failed="Say &#34;later&#34; &amp; smile"'
        assert f'<insurance-reviews product="anxin-medical" address="preview" {attribute}>' in page
        copied = unescape(page.partition('<code id="code-element">')[2].partition("</code>")[0])
        assert f'<insurance-reviews product="anxin-medical" {attribute}>' in copied
        assert "text-" not in desk.get(f"{PREFIX}/desk/embed?lang=zh-TW").text


def test_a_folder_without_a_catalogue_is_refused(world: World, tmp_path: Path) -> None:
    """It would have no effect, and nobody would know why."""
    with pytest.raises(SettingError, match="holds no catalogue"):
        make_host(world, wordings=str(tmp_path))


def test_words_for_what_is_said_no_more_are_only_logged(
    world: World, words: Write, caplog: pytest.LogCaptureFixture
) -> None:
    """An update that words something anew must not keep the shop from starting."""
    folder = words("en", entry("We no longer say this", "Nor do we"))
    with caplog.at_level(logging.WARNING), mounted(world, wordings=str(folder)) as host:
        assert host.client().get(f"{PREFIX}/products?lang=en").status_code == 200
    assert "We no longer say this" in caplog.text


@pytest.mark.parametrize("lang", ["zh-CN", "zh-TW", "en"])
def test_a_page_leads_to_itself_in_every_language(world: World, lang: str) -> None:
    """Each link is named in its own language, so that whoever reads only that one finds it."""
    with mounted(world) as host:
        answer = host.client().get(f"{PREFIX}/products?page=1", headers={"Accept-Language": lang})
    assert f'<html lang="{lang}"' in answer.text
    assert answer.headers["Content-Language"] == lang
    assert "Accept-Language" in answer.headers["Vary"]
    for tag, name in (("zh-CN", "简体中文"), ("zh-TW", "繁體中文"), ("en", "English")):
        assert f'lang="{tag}" hreflang="{tag}"' in answer.text
        assert f">{name}</a>" in answer.text
