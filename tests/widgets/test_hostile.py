"""Whatever people write, the page keeps its shape."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from insurance_reviews.widgets.cards import ReplyCard
from insurance_reviews.widgets.render import Renderer

from . import samples as s
from .desks import REPORT
from .holders import INVITATION, review_form
from .markup import read

HOSTILE = (
    "<script>alert(1)</script>",
    "</p></article></section><script src=//evil.example></script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "<svg/onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext></p><img src=x onerror=alert(1)></mtext></math>",
    "<!--<img src=--><img src=x onerror=alert(1)>-->",
    "<![CDATA[><img src=x onerror=alert(1)>]]>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</bdi></p><h1>伪造的标题</h1>",
    "<bdi dir=rtl style=position:fixed>",
    "{{ 7 * 7 }}{% raw %}${7*7}#{7*7}",
    "{{ config.__class__.__init__.__globals__ }}",
    "%(insurer)s %s %d %%",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#x3C;script&#x3E;alert(1)",
    "&#60;img src=x onerror=alert&#40;1&#41;&#62;",
    "javascript:alert(1)",
    'https://evil.example/"onmouseover=alert(1)//',
    "https://evil.example/'><script>alert(1)</script>",
    "https://x.example/&quot;onclick=alert(1)",
    "http://[::1]/<b>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "\u202e<script>\u202c",
    "\u2028<script>alert(1)</script>\u2029",
    "\x00<\x00script>alert(1)",
    "<scr\u200bipt>alert(1)</scr\u200bipt>",
    "＜script＞alert(1)＜/script＞",
    "ſcript <ſcript>alert(1)</ſcript>",
    "`${alert(1)}`",
    "'\"`<>&/\\=",
    "█<b>█</b>█",
    "a" * 3_000,
    "<" * 500,
    "\u0301" * 200,
)
RENDERER = Renderer(overrides=None, asset_url=lambda name: f"/static/{name}")
LINK = ("a", ("href", "rel"))


def everywhere(words: str) -> list[tuple[str, dict[str, Any]]]:
    """Templates with `words` in each place that a person or another party fills."""
    product = replace(s.AUTO, name=words, insurer_name=words)
    stone = replace(s.REMOVED, authority=words, report_no=words, redacted=True)
    text = s.text(words, 1, s.at(2025, 4, 1), stone)
    review = replace(
        s.FULL,
        product=product,
        display_name=words,
        text=text,
        follow_ups=(text,),
        reply=ReplyCard(2, text, (text,)),
    )
    invitation = replace(
        INVITATION, product=product, masked_name=words, operator=words, published_on=(words,)
    )
    form = review_form(score="5", text=words, display_name="masked", consent="y")
    form.masked_name = words
    form.validate()
    report = replace(
        REPORT,
        insurer_name=words,
        authority=words,
        report_no=words,
        reasons=words,
        note=words,
        items=(replace(REPORT.items[0], excerpt=words),),
    )
    return [
        (
            "wall_page.html",
            {
                "wall": replace(
                    s.WALL,
                    product=product,
                    reviews=(review,),
                    disclosure=replace(s.DISCLOSURE, operator=words),
                )
            },
        ),
        ("review_page.html", {"review": review}),
        ("invitation.html", {"invitation": invitation, "form": form}),
        ("review_preview.html", {"invitation": invitation, "form": form}),
        ("report.html", {"report": report, "form": None, "post_url": None, "back_url": "/"}),
        ("error.html", {"status": 404, "detail": words, "code": words}),
    ]


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: ascii(words)[:40])
def test_words_never_become_markup(words: str, lang: str) -> None:
    """The elements are those of a harmless text; replies alone may gain links, to the web."""
    for (template, context), (_, harmless) in zip(everywhere(words), everywhere("好"), strict=True):
        page = read(RENDERER.render(template, lang, **context))
        plain = read(RENDERER.render(template, lang, **harmless))
        found = [element for element in page.skeleton if element != LINK]
        expected = [element for element in plain.skeleton if element != LINK]
        # A run of blocks is announced by an element of our own.
        redacted = ("span", ("aria-label", "class", "role"))
        assert [e for e in found if e != redacted] == [e for e in expected if e != redacted]
        assert not page.wrong
        for address in page.addresses:
            assert address.startswith(("/", "?", "#", "http://", "https://"))


def test_the_harness_can_see() -> None:
    """Unescaped, the same strings do change the skeleton: the test above is able to fail."""
    changed = [words for words in HOSTILE if read(f"<p>{words}</p>").skeleton != [("p", ())]]
    assert len(changed) >= 15
