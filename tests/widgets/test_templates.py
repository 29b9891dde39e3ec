"""Every template in every state and language."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from jinja2 import DictLoader, TemplateNotFound, TemplateRuntimeError, UndefinedError

from insurance_reviews.widgets.i18n import LANGUAGES
from insurance_reviews.widgets.render import Renderer

from . import samples
from .gallery import html
from .markup import read
from .scenes import SCENES

TEMPLATES = Path(__file__).resolve().parents[2] / "widgets" / "templates"
HTML = [name for name in SCENES if not name.endswith("txt")]
every_scene = pytest.mark.parametrize("name", HTML)
every_language = pytest.mark.parametrize("lang", LANGUAGES)


def asset(name: str) -> str:
    """Where tests say that assets are."""
    return f"/static/{name}"


@pytest.mark.parametrize("name", SCENES)
@every_language
def test_renders(name: str, lang: str) -> None:
    """Undefined names raise, so rendering is the test; no None and no %(place) is left."""
    rendered = html(name, lang)
    assert rendered.strip()
    assert not re.search(r">\s*None\s*<|%\(\w+\)|Undefined", rendered)


@every_scene
@every_language
def test_is_well_formed(name: str, lang: str) -> None:
    """Elements close in order, no attribute stands twice, no id is used twice."""
    page = read(html(name, lang))
    assert not page.wrong
    assert not page.unclosed
    ids = page.values("id")
    assert len(set(ids)) == len(ids)


@every_scene
def test_has_nothing_that_the_policy_forbids(name: str) -> None:
    """No inline style or script, no handler: the pages' policy has neither nonces nor hashes."""
    page = read(html(name))
    # It shows snippets, and a preview in a frame of our own, which its own policy allows.
    embedding = name.startswith("desk-embed")
    for tag, attributes in page.elements:
        assert tag not in {"style", "object", "embed", "base"}
        assert tag != "iframe" or (embedding and (attributes["src"] or "").startswith("/reviews/"))
        assert not [key for key in attributes if key == "style" or key.startswith("on")]
        if tag == "script":
            assert (attributes.get("src") or "").startswith("/static/")
    assert embedding or "".join(page.text).count("<script") == 0


@every_scene
def test_refers_to_ids_that_exist(name: str) -> None:
    """Labels, descriptions and error links lead somewhere on the page."""
    page = read(html(name))
    ids = set(page.values("id"))
    wanted = [
        part
        for value in page.values("for", "aria-describedby", "aria-labelledby")
        for part in value.split()
    ]
    wanted += [value[1:] for value in page.values("href") if value.startswith("#")]
    assert set(wanted) <= ids


@every_scene
def test_headings_do_not_skip(name: str) -> None:
    """Screen readers walk by headings: one h1 per page, and no level left out on the way down."""
    levels = [int(tag[1]) for tag, _ in read(html(name)).elements if re.fullmatch(r"h[1-6]", tag)]
    if not name.startswith("mail"):
        assert levels.count(1) == 1
    for before, after in pairwise(levels):
        assert after <= before + 1


@every_scene
@every_language
def test_no_chinese_sentence_is_left_in_english(name: str, lang: str) -> None:
    """The two languages differ wherever the catalogue has something to say."""
    assert (html(name, "zh-CN") == html(name, "en")) is False


def test_documents_every_template() -> None:
    """The README's table and the folder name the same templates."""
    documented = (TEMPLATES / "README.md").read_text(encoding="utf-8")
    folder = TEMPLATES / "insurance_reviews"
    parts = {"page.html", "desk_page.html"}
    for path in folder.glob("*.html"):
        assert path.name in parts or f"`{path.name}`" in documented
    for path in (folder / "mail").iterdir():
        assert f"`mail/{path.name.partition('.')[0]}.*`" in documented


def test_every_template_has_a_scene() -> None:
    """A template without a sample is one that nobody has looked at."""
    folder = TEMPLATES / "insurance_reviews"
    shown = {template for template, _ in SCENES.values()}
    for path in [*folder.glob("*.html"), *folder.glob("mail/*")]:
        name = path.relative_to(folder).as_posix()
        assert name in shown or name in {"page.html", "desk_page.html"}


def test_a_host_may_replace_and_extend() -> None:
    """A host's template comes first, and may build on ours."""
    overrides = DictLoader(
        {
            "insurance_reviews/page.html": "{% extends 'original/insurance_reviews/page.html' %}"
            "{% block footer %}<footer>我们的商城</footer>{% endblock %}",
            "insurance_reviews/link_sent.html": "replaced",
        }
    )
    renderer = Renderer(overrides=overrides, asset_url=asset)
    assert renderer.render("link_sent.html", "en") == "replaced"
    page = renderer.render("wall_page.html", "zh-CN", wall=samples.EMPTY)
    assert "<footer>我们的商城</footer>" in page
    assert "松龄终身重疾险" in page


@pytest.mark.parametrize("part", ["disclosure", "tombstone"])
def test_no_host_replaces_what_readers_must_see(part: str) -> None:
    """An empty template in the place of ours changes nothing."""
    blank = DictLoader({f"insurance_reviews/parts/{part}.html": ""})
    for name in ("wall_page.html", "frame_page.html", "wall.html", "parts/wall.html"):
        context = {"wall": samples.WALL, "origins": ["'self'"], "canonical_url": None}
        ours, theirs = (
            Renderer(overrides=overrides, asset_url=asset).render(name, "zh-CN", **context)
            for overrides in (None, blank)
        )
        assert ours == theirs


def test_no_template_shows_a_wall_without_its_disclosure() -> None:
    overrides = DictLoader({"insurance_reviews/parts/wall.html": "{{ wall.count }}"})
    renderer = Renderer(overrides=overrides, asset_url=asset)
    with pytest.raises(TemplateRuntimeError, match=r"include .*parts/disclosure\.html"):
        renderer.render("wall.html", "zh-CN", wall=samples.WALL)


@every_scene
def test_a_hosts_style_sheet_reaches_every_page(name: str) -> None:
    """Pages add to the head; none may replace what a host put there."""
    ours = "{% extends 'original/insurance_reviews/page.html' %}{% block head %}OURS{% endblock %}"
    overrides = DictLoader({"insurance_reviews/page.html": ours})
    renderer = Renderer(overrides=overrides, asset_url=asset)
    template, context = SCENES[name]
    page = renderer.render(template, "zh-CN", **context())
    assert ("OURS" in page) == ('class="insurance-reviews ir-page' in page)


def test_refuses_what_it_does_not_know() -> None:
    """A missing value, an unknown template and an unknown language are errors of the caller."""
    renderer = Renderer(overrides=None, asset_url=asset)
    with pytest.raises(UndefinedError):
        renderer.render("wall.html", "en")
    with pytest.raises(TemplateNotFound):
        renderer.render("nothing.html", "en")
    with pytest.raises(KeyError):
        renderer.render("link_sent.html", "tlh")


def test_days_begin_where_the_readers_are() -> None:
    """20:00 UTC is the next day in Shanghai; bare dates stay."""
    late = samples.review(7, "claim", 5, "好", samples.at(2025, 3, 31, hour=20))
    card = {"review": late}
    shanghai = Renderer(overrides=None, asset_url=asset).render("review_page.html", "zh-CN", **card)
    lisbon = Renderer(overrides=None, asset_url=asset, timezone="Europe/Lisbon")
    assert "2025年4月1日" in shanghai
    assert "2025年3月31日" in lisbon.render("review_page.html", "zh-CN", **card)


def test_redacted_passages_are_told_to_those_who_listen() -> None:
    """A run of blocks is read as one thing, with its length."""
    page = html("wall")
    assert 'aria-label="已遮盖 2 个字">██<' in page
    assert 'aria-label="已遮盖 11 个字">' in page


def test_a_tombstone_says_what_the_law_wants_known() -> None:
    """Date, ground, authority, number, whether it was acknowledged, and that the score counts."""
    page = html("review-removed")
    for fact in (
        "2025年5月20日",
        "涉及他人个人信息",
        "国家金融监督管理总局浙江监管局",
        "浙金监投〔2025〕0417号",
        "监管机构已确认",
        "评分保留，照常计入",
    ):
        assert fact in page
    assert "监管机构尚未确认" in html("review-unanswered")
    assert "监管机构提出异议" in html("review-disputed")


def test_the_disclosure_is_part_of_every_wall() -> None:
    """Who runs it, who may write, that nothing is left out, how the average is made."""
    for name in ("wall", "wall-empty", "wall-nothing-found", "fragment-wall"):
        page = html(name)
        for sentence in (
            "运营",
            "只有保单持有人能写",
            "不扣留、不筛选",
            "算术平均",
            "评分照样计入",
        ):
            assert sentence in page
    assert "它不是独立的第三方" in html("wall-empty")
