"""The desk's page about embedding: what is copied from it works, for the insurer's own products."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from html.parser import HTMLParser

import pytest

from insurance_reviews.plugin.services.catalogue import add_product, add_storefront
from support.answers import CSP, check_refusal
from support.checkout import ROOT
from support.host import ADDRESS, PREFIX, Host

EMBED = f"{PREFIX}/desk/embed"


class Tags(HTMLParser):
    """The elements of a snippet."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str) -> dict[str, str | None]:
        [attributes] = [attributes for name, attributes in self.found if name == tag]
        return attributes


def page(host: Host, url: str = EMBED, staff: str = "service-anxin") -> str:
    answer = host.client(staff).get(url)
    assert answer.status_code == 200
    return answer.text


def snippets(text: str) -> dict[str, str]:
    """What stands in the boxes, as a browser copies it."""
    found = re.findall(r'<code id="code-(\w+)">(.*?)</code>', text, re.S)
    return {name: unescape(code) for name, code in found}


def path(url: str | None) -> str:
    assert url is not None
    assert url.startswith(ADDRESS)
    return url.removeprefix(ADDRESS)


def test_every_way_is_there_and_leads_somewhere(host: Host) -> None:
    codes = snippets(page(host))
    assert set(codes) == {"element", "policy", "summary", "jinja", "frame", "badge", "link", "rest"}
    client = host.client()
    for name in ("element", "frame", "badge", "link"):
        for _, attributes in Tags(codes[name]).found:
            for attribute in ("src", "href"):
                if url := attributes.get(attribute):
                    assert client.get(path(url)).status_code == 200
    for url in re.findall(r'"([^"]+)"', codes["rest"]):
        assert client.get(path(url)).is_json
    assert Tags(codes["element"]).of("insurance-reviews") == {"product": "anxin-medical"}
    assert Tags(codes["summary"]).of("insurance-reviews-summary") == {"product": "anxin-medical"}
    with host.app.test_request_context("/"):
        rendered = host.app.jinja_env.from_string(codes["jinja"]).render()
    assert 'class="insurance-reviews' in rendered


@pytest.mark.parametrize("name", ["element", "frame"])
def test_the_hash_is_the_scripts(host: Host, name: str) -> None:
    script = Tags(snippets(page(host))[name]).of("script")
    sent = host.client().get(path(script["src"]))
    assert "immutable" in sent.headers["Cache-Control"]
    assert sent.headers["Access-Control-Allow-Origin"] == "*"
    digest = base64.b64encode(hashlib.sha384(sent.data).digest()).decode()
    assert script["integrity"] == f"sha384-{digest}"
    assert script["crossorigin"] == "anonymous"


def test_what_is_copied_is_what_is_documented(host: Host) -> None:
    """The lines that keep the place free, and those that a policy needs."""
    documented = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
    codes = snippets(page(host))
    found = re.search(r"<style>\n(.*)</style>", codes["element"], re.S)
    assert found is not None
    assert f"```css\n{found[1]}```" in documented
    assert f"```\n{codes['policy'].replace(ADDRESS, 'https://reviews.example')}\n```" in documented


def test_a_name_stays_text_when_it_is_copied(host: Host) -> None:
    world, name = host.world, '"><script>alert(1)</script>'
    world.write(lambda session: add_product(session, "odd", "anxin", name, world.now))
    text = page(host, f"{EMBED}?product=odd")
    assert "<script>alert" not in text
    for code in snippets(text).values():
        tags = [tag for tag, _ in Tags(code).found]
        assert tags.count("script") <= 1
        assert "alert" not in str(
            [attributes for tag, attributes in Tags(code).found if tag == "script"]
        )
    assert name in (Tags(snippets(text)["frame"]).of("iframe")["title"] or "")


def test_it_shows_where_frames_open(host: Host) -> None:
    world = host.world
    assert "目前不能在其他网站上打开" in page(host)
    world.write(
        lambda session: add_storefront(
            session, "other", "别家", world.now, insurers=["anxin"], origins=["https://a.example"]
        )
    )
    assert "<code>https://a.example</code>" in page(host)
    assert "https://a.example" not in page(host, staff="service-boshan")


def test_its_policy_lets_our_own_frame_in_and_no_other_page_has_any(host: Host) -> None:
    client = host.client("service-anxin")
    policy = client.get(EMBED).headers[CSP]
    assert policy.endswith("; frame-src 'self'")
    assert "script-src 'self'" in policy
    assert "frame-src" not in client.get(f"{PREFIX}/desk/").headers[CSP]
    preview = re.findall(r'<iframe class="ir-embed-frame" src="([^"]+)"', page(host))
    framed = client.get(unescape(preview[0]))
    assert framed.status_code == 200
    assert "frame-ancestors 'self'" in framed.headers[CSP]


def test_each_insurer_sees_its_own_products(host: Host) -> None:
    text = page(host)
    assert re.findall(r'/desk/embed\?product=([\w-]+)"', text) == ["anxin-medical", "anxin-motor"]
    assert "anxin-motor" in snippets(page(host, f"{EMBED}?product=anxin-motor"))["link"]
    client = host.client("service-anxin")
    for sku in ("boshan-motor", "nothing", "%00", ""):
        check_refusal(client.get(f"{EMBED}?product={sku}"), 404)


@pytest.mark.parametrize("staff", [None, "regulator"])
def test_nobody_else_sees_it(host: Host, staff: str | None) -> None:
    check_refusal(host.client(staff).get(EMBED), 403)


def test_the_desk_leads_to_it(host: Host) -> None:
    assert f'href="{EMBED}"' in page(host, f"{PREFIX}/desk/")
    assert f'href="{EMBED}" aria-current="page"' in page(host)
