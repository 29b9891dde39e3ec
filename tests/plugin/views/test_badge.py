"""The badge: a picture that stands alone, in mails and print."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from insurance_reviews.plugin.services.catalogue import add_product
from insurance_reviews.plugin.views.badge import width_of
from support.answers import CSP, check_headers, check_refusal
from support.host import PREFIX, Host

BADGE = f"{PREFIX}/badge/anxin-medical.svg"
SVG = "{http://www.w3.org/2000/svg}"


def picture(host: Host, url: str = BADGE, **headers: str) -> ElementTree.Element:
    """The picture, which must be well-formed."""
    answer = host.client().get(url, headers=headers)
    assert answer.status_code == 200
    check_headers(answer)
    assert answer.content_type == "image/svg+xml; charset=utf-8"
    return ElementTree.fromstring(answer.data)


def words(svg: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


def test_it_shows_average_and_count(host: Host) -> None:
    for score in (5, 4, 4):
        host.world.submit(score=score, text=None)
    svg = picture(host)
    assert svg.get("role") == "img"
    assert svg.findtext(f"{SVG}title") == (
        "安心保险“百万医疗险”：平均 4.33 星（满分 5 星），3 条评价"
    )
    assert words(svg) == ["4.33", "3 条评价"]
    assert [lit.get("width") for lit in svg.iter(f"{SVG}svg")][1:] == ["77.9"]
    english = picture(host, f"{BADGE}?lang=en&theme=dark")
    assert words(english) == ["4.33", "3 reviews"]
    assert english.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert words(picture(host, **{"Accept-Language": "en"})) == ["4.33", "3 reviews"]


def test_without_reviews_it_says_so(host: Host) -> None:
    svg = picture(host)
    assert words(svg) == ["暂无评价"]
    assert svg.findtext(f"{SVG}title") == "安心保险“百万医疗险”：还没有评价"
    assert len(list(svg.iter(f"{SVG}svg"))) == 1


def test_it_needs_nothing_from_outside(host: Host) -> None:
    """No script, style, link, font or further picture; its size is fixed."""
    host.world.submit(score=4)
    for theme in ("light", "dark"):
        svg = picture(host, f"{BADGE}?theme={theme}")
        assert {part.tag.removeprefix(SVG) for part in svg.iter()} == {
            "svg",
            "title",
            "rect",
            "path",
            "text",
        }
        for part in svg.iter():
            assert not [n for n in part.attrib if n.startswith("on") or "href" in n or n == "style"]
            assert "url(" not in "".join(part.attrib.values())
        width, height = svg.attrib["width"], svg.attrib["height"]
        assert svg.get("viewBox") == f"0 0 {width} {height}"


def test_its_headers(host: Host) -> None:
    """Kept for minutes, asked for again by its ETag, shown on any site."""
    host.world.submit(score=4)
    first = host.client().get(BADGE)
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert first.headers[CSP].startswith("default-src 'none'; style-src 'none'")
    etag = first.headers["ETag"]
    assert host.client().get(BADGE, headers={"If-None-Match": etag}).status_code == 304
    host.world.submit(score=1)
    later = host.client().get(BADGE, headers={"If-None-Match": etag})
    assert later.status_code == 200
    assert later.headers["ETag"] != etag


def test_names_are_escaped(host: Host) -> None:
    world, name = host.world, '<b>&"保"</b>]]>'
    world.write(lambda session: add_product(session, "odd", "anxin", name, world.now))
    svg = picture(host, f"{PREFIX}/badge/odd.svg")
    assert name in (svg.findtext(f"{SVG}title") or "")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("badge/nothing.svg", 404),
        ("badge/%00.svg", 404),
        ("badge/anxin-medical", 404),
        ("badge/anxin-medical.svg?theme=blue", 422),
    ],
)
def test_what_is_refused(host: Host, path: str, status: int) -> None:
    check_refusal(host.client().get(f"{PREFIX}/{path}"), status)


@pytest.mark.parametrize("count", [1, 999, 1_234_567])
def test_the_label_has_room(count: int) -> None:
    """Full-width characters are as wide as the type is high."""
    assert width_of(f"{count:,} 条评价", 0) > 13 * 3 + 6 * len(re.sub(r"\D", "", str(count)))
