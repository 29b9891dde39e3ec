"""Compiled templates: their sentences are those that asking would give, and a start keeps them."""

from __future__ import annotations

from gettext import NullTranslations
from pathlib import Path

import pytest
from jinja2 import (
    DictLoader,
    Environment,
    StrictUndefined,
    TemplateSyntaxError,
    UndefinedError,
    select_autoescape,
)

from insurance_reviews.widgets.i18n import LANGUAGES
from insurance_reviews.widgets.render import Renderer
from insurance_reviews.widgets.templating import SentenceLoader, fingerprint_of, kept_in

from . import samples


class Shouting(NullTranslations):
    """Every sentence in capitals; ``<`` stands for what a translator may write."""

    def gettext(self, message: str) -> str:
        return message.upper().replace("(NAME)S", "(name)s") + " <b>"


PAGE = "invitation_unknown.html"
TEMPLATES = {
    "plain": '{{ _("hello") }}',
    "percent": '{{ _("100%%") }}',
    "value": '{{ _("hello %(name)s", name=name) }}',
    "kept": '{% set said = _("hello %(name)s", name=name) %}{{ said }}{{ said | length }}',
    "escaped later": '{% set said = _("hello") %}{{ said ~ name }}',
    "within": '{{ _("hello %(name)s", name=_("you")) if true else gettext("x") }}',
    "by its name": '{{ gettext("hello") }}',
    "found out": "{{ _(found) }}",
    "counted": '{{ ngettext("%(num)s thing", "%(num)s things", 2) }}',
    "macro": '{% macro m(name) %}{{ _("hi %(name)s", name=name) }}{% endmacro %}{{ m(name) }}',
}


def environment(loader: DictLoader, *, worded: bool) -> Environment:
    translations = Shouting()
    made = Environment(
        loader=SentenceLoader(loader, translations, "") if worded else loader,
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize("suffix", [".html", ".txt"])
@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_says_what_it_would_say_asking_for_each_sentence(name: str, suffix: str) -> None:
    loader = DictLoader({f"t{suffix}": TEMPLATES[name]})
    values = {"name": "<王> & %s", "found": "found"}
    worded, asked = (
        environment(loader, worded=way).get_template(f"t{suffix}").render(values)
        for way in (True, False)
    )
    assert worded == asked
    assert "<B>" not in worded


def test_a_missing_value_is_an_error_still() -> None:
    loader = DictLoader({"t.html": TEMPLATES["value"]})
    with pytest.raises(UndefinedError):
        environment(loader, worded=True).get_template("t.html").render()


def test_what_was_compiled_is_used_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "state" / "templates"
    page = _render(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir())

    def compiling(*_: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(Environment, "compile", compiling)
    assert _render(folder) == page
    with pytest.raises(AssertionError, match="compiled again"):
        _render(folder, lang="en")


def test_what_other_catalogues_worded_is_not_used(tmp_path: Path) -> None:
    first, second = tmp_path / "first.po", tmp_path / "second.po"
    first.write_text("a")
    second.write_text("b")
    assert len({fingerprint_of(first), fingerprint_of(second), fingerprint_of(first, second)}) == 3
    assert fingerprint_of(tmp_path / "none.po") == fingerprint_of(tmp_path / "neither.po")


@pytest.mark.parametrize("spoil", ["cut short", "a file in the way", "gone"])
def test_pages_do_not_depend_on_what_is_kept(tmp_path: Path, spoil: str) -> None:
    folder = tmp_path / "templates"
    if spoil == "a file in the way":
        folder.write_text("")
        assert kept_in(folder) is None
        page = _render(None)
    else:
        page = _render(folder)
    if spoil == "cut short":
        for file in folder.iterdir():
            file.write_bytes(file.read_bytes()[:40])
    renderer = Renderer(overrides=None, asset_url=str, compiled=folder)
    if spoil == "gone":
        renderer.render(PAGE, "zh-CN", link_url="/other")
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    assert renderer.render(PAGE, "zh-CN", link_url="/link") == page


def test_a_template_that_does_not_parse_names_its_line() -> None:
    loader = DictLoader({"t.html": "\n{{ _('a' }}"})
    with pytest.raises(TemplateSyntaxError) as caught:
        environment(loader, worded=True).get_template("t.html")
    assert (caught.value.name, caught.value.lineno) == ("t.html", 2)


def _render(folder: Path | None, lang: str = "zh-CN") -> str:
    renderer = Renderer(overrides=None, asset_url=str, compiled=folder)
    return renderer.render(PAGE, lang, link_url="/link")


def test_what_is_prepared_is_not_compiled_for_the_first_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = Renderer(overrides=None, asset_url=str, compiled=tmp_path / "templates")
    renderer.prepare("wall.html")

    def compiling(*_: object) -> None:
        raise AssertionError("compiled for a reader")

    monkeypatch.setattr(Environment, "compile", compiling)
    for lang in LANGUAGES:
        assert "ir-wall" in renderer.render("wall.html", lang, wall=samples.WALL)
