"""The assets: small, scoped, and asking nobody else for anything."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from insurance_reviews.plugin.assets import Assets
from insurance_reviews.widgets.i18n import LANGUAGES, catalogue, translate
from insurance_reviews.widgets.words import ELEMENT

STATIC = Path(__file__).resolve().parents[2] / "widgets" / "static"
STYLES = ("reviews.css", "pages.css", "compare.css", "desk.css", "verify.css")
THEMING = Path(__file__).resolve().parents[2] / "docs" / "theming.md"


def style(name: str) -> str:
    """A style sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", (STATIC / name).read_text(encoding="utf-8"), flags=re.S)


def selectors(css: str) -> list[str]:
    """Every selector, commas inside of parentheses left alone."""
    heads = re.findall(r"([^{}]+)\{", css)
    rules = [head.strip() for head in heads if not head.strip().startswith("@")]
    return [part.strip() for rule in rules for part in re.split(r",(?![^()]*\))", rule)]


def test_the_wall_touches_nothing_of_its_host() -> None:
    """Every rule of the embedded style sheet is scoped, and no name is one that a host may use."""
    for selector in selectors(style("reviews.css")):
        assert selector.startswith(".insurance-reviews"), selector
    for name in STYLES:
        classes = set(re.findall(r"\.(-?[a-z][\w-]*)", " ".join(selectors(style(name)))))
        assert all(found == "insurance-reviews" or found.startswith("ir-") for found in classes)


@pytest.mark.parametrize("name", STYLES)
def test_styles_load_nothing(name: str) -> None:
    """No font, no picture, no further sheet: no request to anybody."""
    css = style(name)
    assert "url(" not in css
    assert "@import" not in css
    assert "@font-face" not in css


@pytest.mark.parametrize("name", ["form.js", "receipt.js"])
def test_scripts_open_no_door(name: str) -> None:
    """Nothing that parses, evaluates or sends; no import, because names of assets are versioned."""
    script = (STATIC / name).read_text(encoding="utf-8")
    for door in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "Function(",
        "fetch(",
        "XMLHttp",
        "import ",
        'setTimeout("',
        "cookie",
        "localStorage",
    ):
        assert door not in script


MODULES = (
    "receipt-file.js",
    "tlog.js",
    "tlog-note.js",
    "tlog-tiles.js",
    "verify.js",
    "verify-check.js",
    "verify-review.js",
    "verify-server.js",
    "verify-words.js",
)


@pytest.mark.parametrize("name", MODULES)
def test_modules_open_no_door(name: str) -> None:
    """They import each other only, under plain names: those are asked for anew every time, so that
    all modules of a page are of one version."""
    script = (STATIC / name).read_text(encoding="utf-8")
    imported = re.findall(r'from "\./([^"]+)"', script)
    assert script.count("import ") == len(imported)
    assert set(imported) <= set(MODULES)
    for door in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval("):
        assert door not in script
    for door in ("Function(", "XMLHttp", "setTimeout", "cookie", "localStorage", "import("):
        assert door not in script
    assert ("fetch(" in script) == (name == "verify-server.js")


#: Ours on other people's pages.
EMBEDDED = ("element.js", "define.js", "frames.js", "frame.js")


@pytest.mark.parametrize("name", EMBEDDED)
def test_embedded_scripts_open_no_door(name: str) -> None:
    """The element parses at one place, what it fetched at one place; the others do neither."""
    script = (STATIC / name).read_text(encoding="utf-8")
    expected = 1 if name == "element.js" else 0
    assert script.count("parseFromString(") == expected
    assert script.count("createHTML(") == expected
    assert script.count("fetch(") == expected
    for door in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval("):
        assert door not in script
    for door in ("Function(", "XMLHttp", ".cookie", "Storage", "import(", "Contextual", "Unsafe"):
        assert door not in script
    assert "postMessage(" not in script or not re.search(r'postMessage\([^;]*"\*"', script)


def test_the_element_says_what_the_catalogue_says() -> None:
    """In every language, and nothing else: when no server answers, it cannot ask for its words."""
    script = (STATIC / "element.js").read_text(encoding="utf-8")
    table = script.partition("const WORDS = {")[2].partition("\n};")[0]
    said = {
        lang: dict(re.findall(r'(\w+): "([^"]+)"', row))
        for lang, row in re.findall(r'^  "?([\w-]+)"?: \{(.+)\},$', table, re.M)
    }
    assert said == {
        lang: {key: translate(catalogue(lang), ELEMENT[key]) for key in ("failed", "retry")}
        for lang in LANGUAGES
    }


@pytest.mark.parametrize("name", sorted(path.name for path in STATIC.glob("*.js")))
def test_no_other_script_has_words_of_its_own(name: str) -> None:
    """What readers are told comes from the catalogue, in the markup. Errors are for developers."""
    script = (STATIC / name).read_text(encoding="utf-8")
    shown = r"\b(?:textContent|innerText|ariaLabel|title|alt|placeholder|label)\s*[:=]\s*[\"'`]\w+"
    assert re.findall(shown, script) == []
    code = re.sub(r"^const WORDS = \{.*?^\};", "", script, flags=re.M | re.S)
    assert not re.search("[\u3000-\u9fff]", re.sub(r"//.*|/\*.*?\*/", "", code, flags=re.S | re.M))


def test_what_a_first_view_weighs() -> None:
    """In bytes, gzipped: the wall's style sheet at most 4 kB, a form page's all at most 10 kB."""
    weight = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in STATIC.iterdir()}
    assert weight["reviews.css"] <= 4_000
    # What a shop loads is both as one, with the style sheet's versioned name in it.
    sent = Assets("/reviews").find("define.js")
    assert sent is not None
    assert len(sent[0].gzipped) <= 6_000
    assert weight["reviews.css"] + weight["pages.css"] + weight["form.js"] <= 10_000


def test_the_element_is_short_enough_to_be_read() -> None:
    """Whoever puts it on their pages can look through it first."""
    lines = [(STATIC / name).read_text("utf-8").count("\n") for name in ("element.js", "define.js")]
    assert sum(lines) <= 300


def test_every_part_that_a_host_may_style_is_documented() -> None:
    """And every documented one exists."""
    folder = STATIC.parent / "templates"
    used = {
        part
        for path in folder.rglob("*.html")
        for names in re.findall(r'\bpart="([^"]*)"', path.read_text(encoding="utf-8"))
        for part in names.split()
    }
    table = THEMING.read_text(encoding="utf-8").partition("| part | |\n")[2].partition("\n\n")[0]
    documented = {name for row in table.splitlines() for name in re.findall("`(.+?)`", row)}
    assert used == documented


def test_every_property_that_a_host_may_set_is_documented() -> None:
    """And every documented one exists."""
    script = (STATIC / "element.js").read_text(encoding="utf-8")
    used = set(re.findall(r"--insurance-reviews-[a-z]+", style("reviews.css") + script))
    documented = set(re.findall(r"--insurance-reviews-[a-z]+", THEMING.read_text(encoding="utf-8")))
    assert used == documented
