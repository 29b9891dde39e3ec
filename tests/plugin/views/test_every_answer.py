"""Every route there is, asked in every way: our headers, our form of errors, never a 500."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from support.answers import CSP, check_headers, check_refusal
from support.host import PREFIX, Host
from support.world import TEXT

if TYPE_CHECKING:
    from werkzeug.routing import Rule
    from werkzeug.test import TestResponse

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
STAFF = (None, "service-anxin", "compliance-anxin", "compliance-boshan", "regulator")
JUNK = (
    "x",
    "%00",
    "%0A",
    "%FF",
    "%25",
    "%E4%BF%9D",
    "%2e%2e",
    "%3Cb%3E",
    "-1",
    "9" * 30,
    "x" * 3_000,
)


@pytest.fixture(scope="module")
def real(lasting_host: Host) -> dict[str, str]:
    """Values for the routes' parameters that exist."""
    world = lasting_host.world
    review = world.submit(text=TEXT)
    return {
        "sku": "anxin-medical",
        "review": review.id,
        "report": world.report(review).id,
        "token": world.invite(),
        "insurer": "anxin",
        "slug": "anxin",
        "name": "reviews.css",
        "chunk": "0",
        "path": "0/000.p/5",
        "rest": "nothing/at/all",
    }


def rules(host: Host) -> list[Rule]:
    found = [rule for rule in host.app.url_map.iter_rules() if str(rule).startswith(PREFIX)]
    assert all(rule.endpoint.startswith("insurance_reviews.") for rule in found)
    return found


def paths(host: Host, values: dict[str, str]) -> list[str]:
    """One address for each route."""
    return sorted({filled(str(rule), values) for rule in rules(host)})


def filled(rule: str, values: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], rule)


def check(answer: TestResponse) -> None:
    """Headers always; below 400 whatever the route answers, above it a refusal in our form."""
    check_headers(answer)
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        check_refusal(answer)


@pytest.mark.parametrize("staff", STAFF)
def test_error_shape(lasting_host: Host, real: dict[str, str], staff: str | None) -> None:
    """Walks all routes by all methods, for programs and for people, signed in or not."""
    client = lasting_host.client(staff)
    before = lasting_host.world.snapshot()
    for path in paths(lasting_host, real):
        for method in METHODS:
            for accept in ("text/html", "application/json"):
                answer = client.open(path, method=method, headers={"Accept": accept})
                check(answer)
                if answer.status_code == 405:
                    assert method not in answer.headers["Allow"].split(", "), (method, path)
    assert lasting_host.world.snapshot() == before


def test_no_route_stumbles_over_its_parameters(lasting_host: Host, real: dict[str, str]) -> None:
    client = lasting_host.client("compliance-anxin")
    officer = lasting_host.client("regulator")
    before = lasting_host.world.snapshot()
    tried = 0
    for rule in rules(lasting_host):
        for parameter in rule.arguments - {"rest"}:
            for junk in JUNK:
                path = filled(str(rule), {**real, parameter: junk})
                for who in (client, officer) if "/regulator/" in path else (client,):
                    check(who.get(path))
                    check(who.post(path, data={"x": "y"}))
                    tried += 2
    assert tried > 200
    assert lasting_host.world.snapshot() == before


def queries() -> Iterator[str]:
    names = ("product", "stage", "score", "sort", "after", "before", "reply", "status", "sent")
    values = ("", "x", "%00", "%FF", "-1", "9" * 40, "%D9%A3", "0x1", "1e3", "claim", "n-5", "<b>")
    for name in names:
        yield from (f"{name}={value}&product=anxin-medical" for value in values)
    yield from ("lang=xx", "lang=%00", "lang=en&lang=zh", "a[]=1", "%", "&", "x" * 5_000)


@pytest.mark.parametrize(
    "path",
    [
        "/products",
        "/products/anxin-medical",
        "/embed/wall",
        "/embed/summary",
        "/frame/wall",
        "/desk/",
        "/desk/compliance",
        "/regulator/",
        "/link",
        "/log/anxin/",
    ],
)
def test_no_page_stumbles_over_its_query(lasting_host: Host, path: str) -> None:
    client = lasting_host.client("regulator" if "regulator" in path else "compliance-anxin")
    for query in queries():
        answer = client.get(f"{PREFIX}{path}?{query}", headers={"Accept": "text/html"})
        check(answer)
        assert answer.status_code in {200, 404, 422}, query


def test_forms_that_are_none(lasting_host: Host, real: dict[str, str]) -> None:
    """Whatever is posted to a page's form: JSON, broken multipart, a flood of fields."""
    client = lasting_host.client("compliance-anxin")
    posted: list[tuple[str | None, bytes]] = [
        (None, b""),
        ("application/json", b'{"score": 5}'),
        ("text/plain", b"score=5"),
        ("application/x-www-form-urlencoded", b"\xff\xfe=\xff&score=%FF&text=%ED%A0%80"),
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(8_000))),
        ("application/x-www-form-urlencoded", b"score=5&" * 8_000),
        ("application/x-www-form-urlencoded; charset=utf-16", b"score=5"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: x\r\n\r\ny\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", _multipart(1_100)),
        ("multipart/form-data; boundary=x", _file()),
        ("multipart/form-data; boundary=" + "x" * 500, b"--x\r\n" * 500),
        ("application/x-www-form-urlencoded", b"text=" + b"x" * 65_536),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"x" * 65_536),
    ]
    before = lasting_host.world.snapshot()
    for path in paths(lasting_host, real):
        if "/api/" in path or path.endswith("/link"):
            continue
        for content_type, data in posted:
            answer = client.post(path, data=data, content_type=content_type)
            check(answer)
            assert answer.status_code >= 400, (path, content_type)
            if len(data) > 65_536:
                assert answer.status_code == 413
    assert lasting_host.world.snapshot() == before


def _multipart(parts: int) -> bytes:
    part = b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n'
    return part * parts + b"--x--\r\n"


def _file() -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="text"; filename="a.txt"\r\n\r\n'
    return head + b"score\r\n--x--\r\n"


def test_the_host_header_leads_nowhere(lasting_host: Host, real: dict[str, str]) -> None:
    """Links are made from the settings, redirects are paths: a forged Host changes no answer."""
    hosts = ["evil.example", "evil.example:99999", "evil.example/x", "a b", "'", "[::1", "保险", ""]
    client = lasting_host.client()
    for path in paths(lasting_host, real):
        for host in hosts:
            answer = client.get(path, headers={"Host": host})
            check(answer)
            assert b"evil" not in answer.get_data() + str(answer.headers).encode(), path


def test_odd_headers_disturb_nobody(lasting_host: Host) -> None:
    client = lasting_host.client()
    odd = ["", "*/*", "text/*;q=abc", ",;q=", "x" * 4_000, "text/html;q=0, */*;q=0", "\xff\xfe"]
    for name in (
        "Accept",
        "Accept-Language",
        "Accept-Encoding",
        "Cookie",
        "Range",
        "If-None-Match",
    ):
        for value in odd:
            for path in (
                "/products/anxin-medical",
                "/nothing",
                "/api/v1/products",
                "/static/form.js",
            ):
                check(client.get(PREFIX + path, headers={name: value}))


def test_a_browser_is_answered_in_html_and_a_program_in_json(lasting_host: Host) -> None:
    client = lasting_host.client()
    html = ["text/html", "text/html,application/xhtml+xml,*/*;q=0.8", "*/*"]
    for accept in html:
        assert client.get(f"{PREFIX}/nothing", headers={"Accept": accept}).mimetype == "text/html"
        api = client.get(f"{PREFIX}/api/v1/nothing", headers={"Accept": accept})
        assert api.mimetype == "application/problem+json"
    for accept in (
        "application/json",
        "application/problem+json",
        "application/json, text/html;q=0.5",
    ):
        page = client.get(f"{PREFIX}/nothing", headers={"Accept": accept})
        assert page.mimetype == "application/problem+json"


def test_only_granted_shops_may_frame_a_wall(lasting_host: Host) -> None:
    from insurance_reviews.plugin.services.catalogue import add_storefront

    world = lasting_host.world
    world.write(
        lambda session: add_storefront(
            session,
            "framed",
            "框架店",
            world.now,
            insurers=["chunhe"],
            origins=["https://b.example", "https://a.example:8443"],
        )
    )
    client = lasting_host.client()
    framed = client.get(f"{PREFIX}/frame/wall?product=chunhe-motor").headers[CSP]
    assert "frame-ancestors 'self' https://a.example:8443 https://b.example;" in framed
    other = client.get(f"{PREFIX}/frame/wall?product=anxin-motor").headers[CSP]
    assert "frame-ancestors 'self';" in other
    for path in ("/products/chunhe-motor", "/link", "/nothing", "/desk/"):
        assert "frame-ancestors 'none'" in client.get(PREFIX + path).headers[CSP]


def test_versioned_files_may_be_kept_for_ever(lasting_host: Host) -> None:
    """Under a name with the hash of what is in it; others are asked for again, by their tag."""
    client = lasting_host.client()
    page = client.get(f"{PREFIX}/products").get_data(as_text=True)
    for path in re.findall(r'(?:href|src)="([^"]+\.(?:css|js|svg))"', page):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable", path
    answer = client.get(f"{PREFIX}/static/form.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    again = client.get(
        f"{PREFIX}/static/form.js", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.get_data()) == (304, b"")
    check_headers(again)


def test_what_a_reader_has_already_is_not_sent_again(host: Host) -> None:
    """Every public page has a tag, which changes with what the page shows."""
    review, client = host.world.submit(), host.client()
    paths = (
        "/products",
        "/products/anxin-medical",
        f"/r/{review.id}",
        "/compare?stage=claim",
        "/embed/wall?product=anxin-medical",
    )
    tags = {}
    for path in paths:
        tags[path] = client.get(PREFIX + path).headers["ETag"]
        again = client.get(PREFIX + path, headers={"If-None-Match": tags[path]})
        assert (again.status_code, again.data) == (304, b""), path
        check_headers(again)
    host.world.reply(review)
    host.world.submit(score=1)
    for path in paths:
        anew = client.get(PREFIX + path, headers={"If-None-Match": tags[path]})
        assert anew.status_code == 200, path
