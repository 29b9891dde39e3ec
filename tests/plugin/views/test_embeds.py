"""What embeds are made of: fragments with and without their style sheet, scripts, their weight."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re

import pytest

from insurance_reviews.plugin.services.catalogue import add_storefront
from support.answers import check_headers, check_refusal
from support.host import ADDRESS, PREFIX, Host
from support.world import TEXT

WALL = f"{PREFIX}/embed/wall"
SUMMARY = f"{PREFIX}/embed/summary"
FRAME = f"{PREFIX}/frame/wall?product=anxin-medical"


def get(host: Host, path: str) -> str:
    answer = host.client().get(path)
    assert answer.status_code == 200
    check_headers(answer)
    return answer.get_data(as_text=True)


def weight(text: str | bytes) -> int:
    return len(gzip.compress(text if isinstance(text, bytes) else text.encode(), 9))


def marks(html: str) -> list[tuple[str, str]]:
    """The products that a fragment answers for, each with the element that it is in."""
    return re.findall(r'<(\w+)[^>]* data-product="([^"]*)"', html)


@pytest.mark.parametrize("path", [WALL, SUMMARY])
def test_a_fragment_leaves_its_style_sheet_out(host: Host, path: str) -> None:
    """For elements, which adopt it; whatever else is asked for brings it along."""
    host.world.submit()
    full = get(host, f"{path}?product=anxin-medical")
    bare = get(host, f"{path}?product=anxin-medical&styles=none")
    assert full.count("<link") == 1
    assert bare.count("<link") == 0
    assert get(host, f"{path}?product=anxin-medical&styles=all").count("<link") == 1
    assert " ".join(full.partition("\n")[2].split()) == " ".join(bare.split())


def test_a_wall_says_which_address_its_links_share(host: Host) -> None:
    """By it the element knows them; what leads elsewhere is left to the browser."""
    html = get(host, f"{WALL}?product=anxin-medical&lang=en&styles=none")
    address = f"{ADDRESS}{PREFIX}/products/anxin-medical"
    assert f'data-wall="{address}"' in html
    host.world.submit()
    html = get(host, f"{WALL}?product=anxin-medical&lang=en&limit=1&styles=none")
    keyed = re.findall(r'<a [^>]*data-key="([^"]+)"[^>]* href="([^"]+)"', html)
    assert {key for key, _ in keyed} == {
        *(f"score-{score}" for score in range(1, 6)),
        *(f"stage-{stage}" for stage in ("all", "underwriting", "renewal", "claim")),
        *(f"sort-{sort}" for sort in ("newest", "oldest", "highest", "lowest")),
        *(f"topic-{topic}" for topic in ("exclusions", "payout", "refusal", "service")),
    }
    for _, href in keyed:
        assert href.partition("?")[0] == address
        assert "lang=en" in href
        assert "styles" not in href


def test_one_request_answers_for_many_products(host: Host) -> None:
    """In the order asked for, each once; an empty mark stands for what nobody sells."""
    host.world.submit(score=4)
    asked = ["boshan-motor", "anxin-medical", "nothing", "%00", "x%22%3E%3Cb%3E", "anxin-medical"]
    html = get(host, f"{SUMMARY}?{'&'.join(f'product={name}' for name in asked)}")
    assert marks(html) == [
        ("a", "boshan-motor"),
        ("a", "anxin-medical"),
        ("span", "nothing"),
        ("span", "\x00"),
        ("span", "x&#34;&gt;&lt;b&gt;"),
    ]
    assert "4.00" in html
    assert html.count("<link") == 1
    addresses = re.findall(r'href="([^"]*)"', html)
    assert all(address.startswith(f"{ADDRESS}{PREFIX}/") for address in addresses)


def test_a_list_is_as_long_as_fifty(host: Host) -> None:
    query = "&".join(f"product=p-{number}" for number in range(50))
    assert len(marks(get(host, f"{SUMMARY}?{query}"))) == 50
    problem = check_refusal(host.client().get(f"{SUMMARY}?{query}&product=p-50"), 422)
    assert problem["errors"][0]["field"] == "product"  # type: ignore[index]


def test_a_list_costs_as_many_statements_as_one(host: Host) -> None:
    from sqlalchemy import event

    client = host.client()
    engine = host.state.work.engine
    counts = []
    for names in (["anxin-medical"], ["anxin-medical", "anxin-motor", "boshan-motor"]):
        ran: list[str] = []

        def count(*given: object, ran: list[str] = ran) -> None:
            ran.append(str(given[2]))

        query = "&".join(f"product={name}" for name in names)
        client.get(f"{SUMMARY}?{query}")
        event.listen(engine, "before_cursor_execute", count)
        client.get(f"{SUMMARY}?{query}")
        event.remove(engine, "before_cursor_execute", count)
        counts.append(len(ran))
    assert counts[0] == counts[1]


def test_a_frame_names_whom_it_tells_its_height(host: Host) -> None:
    """The origins that may frame it, no other."""
    origins = ["https://a.example", "http://b.example:8080"]
    world = host.world
    world.write(
        lambda session: add_storefront(
            session, "framing", "框架商城", world.now, insurers=["anxin"], origins=origins
        )
    )
    html = get(host, f"{PREFIX}/frame/wall?product=anxin-medical")
    found = re.search(r'<script type="module" src="([^"]+)" data-origins="([^"]*)">', html)
    assert found
    assert set(origins) <= set(found[2].split())
    assert "*" not in found[2]
    assert get(host, found[1]).startswith("// On a wall that stands in a frame")
    assert "data-origins" not in get(host, f"{PREFIX}/products/anxin-medical")


def test_a_frames_colours_can_be_chosen(host: Host) -> None:
    """By the page around it, once for the wall and all its views."""
    host.world.submit()
    for theme, scheme in (("light", "light"), ("dark", "dark"), ("auto", "light dark")):
        html = get(host, f"{FRAME}&theme={theme}")
        assert f'<meta name="color-scheme" content="{scheme}">' in html
        [tab] = re.findall(r'data-key="stage-claim" href="([^"]+)"', html)
        assert f"theme={theme}" in tab
    assert '<meta name="color-scheme" content="light dark">' in get(host, FRAME)
    assert "theme=" not in get(host, FRAME)
    problem = check_refusal(host.client().get(f"{FRAME}&theme=pink"), 422)
    assert problem["errors"][0]["field"] == "theme"  # type: ignore[index]


def test_to_search_engines_a_frame_is_its_walls_page(host: Host) -> None:
    html = get(host, f"{FRAME}&theme=dark&stage=claim")
    assert '<meta name="robots" content="noindex">' in html
    wall = f"{ADDRESS}{PREFIX}/products/anxin-medical"
    assert f'<link rel="canonical" href="{wall}">' in html
    assert "noindex" not in get(host, f"{PREFIX}/products/anxin-medical")


def test_another_releases_file_leads_to_todays(host: Host) -> None:
    """A page that was opened before an upgrade goes on."""
    client = host.client()
    for name, found in (
        ("reviews.0123456789ab.css", "reviews.css"),
        ("define.ffffffffffff.js", "define.js"),
    ):
        answer = client.get(f"{PREFIX}/static/{name}")
        assert answer.status_code == 302
        assert answer.headers["Location"] == host.state.assets.url(found)
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for name in ("nothing.0123456789ab.js", "define.0123456789AB.js", "define.0123.js", "x.js"):
        check_refusal(client.get(f"{PREFIX}/static/{name}"), 404)


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_what_a_first_view_weighs(host: Host, lang: str) -> None:
    """In bytes, gzipped: the budget of an embed. Ten reviews, some answered, as people write."""
    for number in range(12):
        review = host.world.submit(
            score=1 + number % 5, text=f"{TEXT}{number}", display_name="王明"
        )
        if number % 3 == 0:
            host.world.reply(review, f"{TEXT}感谢您的反馈。")
    html = get(host, f"{WALL}?product=anxin-medical&styles=none&lang={lang}")
    assert html.count("<article") == 10
    assert weight(html) <= 12_000
    assert weight(get(host, f"{PREFIX}/static/define.js")) <= 6_000
    assert weight(get(host, f"{PREFIX}/static/reviews.css")) <= 4_000


def test_the_script_is_one_file_of_this_version(host: Host) -> None:
    """The definition and its registration in one request, and the style sheet of that version."""
    assets = host.state.assets
    script = get(host, f"{PREFIX}/static/define.js")
    assert len(script.splitlines()) <= 300
    assert not re.search(r"^import ", script, re.MULTILINE)
    assert script.count("customElements.define(") == 1
    element = get(host, f"{PREFIX}/static/element.js")
    assert script.startswith(element)
    assert "customElements" not in element
    sheet = assets.url("reviews.css").rpartition("/")[2]
    assert script.count(f'get("{sheet}", "text/css")') == 1


def test_an_asset_can_be_pinned(host: Host) -> None:
    """The address that never changes, with the hash that browsers compare (W3C SRI)."""
    assets = host.state.assets
    answer = host.client().get(assets.url("define.js"))
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    digest = base64.b64encode(hashlib.sha384(answer.data).digest()).decode()
    assert assets.integrity("define.js") == f"sha384-{digest}"


def test_an_asset_is_sent_compressed_to_those_who_take_it(host: Host) -> None:
    """Each form with a tag of its own, so that no cache gives one for the other."""
    client = host.client()
    path = host.state.assets.url("reviews.css")
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "br, gzip"})
    refused = client.get(path, headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in plain.headers
    assert refused.data == plain.data
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert {answer.headers["Vary"] for answer in (plain, packed)} == {"Accept-Encoding"}
    assert plain.headers["ETag"] != packed.headers["ETag"]
    again = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    assert client.get(path, headers=again).status_code == 304
