"""The sitemap: every wall and review, in files of at most 50,000, sent in pieces."""

from __future__ import annotations

import tracemalloc
from xml.etree import ElementTree

import pytest

from insurance_reviews.plugin.queries import sitemap
from support.answers import check_headers, check_refusal
from support.host import ADDRESS, PREFIX, Host
from support.world import INSURERS, PRODUCTS

NAMESPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
BASE = f"{ADDRESS}{PREFIX}"


def listed(host: Host, name: str) -> dict[str, str | None]:
    """Address → date of a file, in order."""
    answer = host.client().get(f"{PREFIX}/{name}")
    assert answer.status_code == 200
    check_headers(answer)
    assert answer.content_type == "application/xml; charset=utf-8"
    entries = ElementTree.fromstring(answer.data)
    return {
        entry.findtext("s:loc", "", NAMESPACE): entry.findtext("s:lastmod", None, NAMESPACE)
        for entry in entries
    }


def test_the_index_leads_to_every_wall_and_review(host: Host) -> None:
    reviews = [host.world.submit() for _ in range(3)] + [host.world.submit(product="boshan-motor")]
    files = list(listed(host, "sitemap.xml"))
    assert files == [f"{BASE}/sitemap-{name}.xml" for name in ("products", "anxin-0", "boshan-0")]
    found = [url for file in files for url in listed(host, file.removeprefix(f"{BASE}/"))]
    walls = [f"{BASE}/products/{slug}-{short}" for slug in INSURERS for short in PRODUCTS]
    others = [f"{BASE}/products", f"{BASE}/compare?stage=claim"]
    others += [f"{BASE}/log/{slug}/" for slug in INSURERS]
    pages = [f"{BASE}/r/{review.id}" for review in reviews]
    assert sorted(found) == sorted([*others, *walls, *pages])
    # A sitemap may name only what lies below its own folder.
    assert all(
        url.startswith(f"{BASE}/") and file.count("/") == 4 for url in found for file in files
    )
    for url in found:
        answer = host.client().get(url.removeprefix(ADDRESS))
        assert answer.status_code == 200
        assert f'<link rel="canonical" href="{url}">' in answer.text
        assert "noindex" not in answer.text


def test_its_dates_are_of_the_last_change(host: Host) -> None:
    """A new text, an answer or a removal, even of what a redaction left."""
    world = host.world
    quiet, followed, replied, withdrawn, redacted = (world.submit() for _ in range(5))
    world.pass_time(days=3)
    world.follow_up(followed)
    world.reply(replied)
    world.remove(redacted, redacted="██三天后查勘员才来，定损时没有说明自费药不赔。")
    world.pass_time(days=2)
    world.withdraw(withdrawn)
    world.remove(redacted, item=world.item_of(redacted))
    dates = listed(host, "sitemap-anxin-0.xml")
    expected = {
        quiet: "2026-03-02",
        followed: "2026-03-05",
        replied: "2026-03-05",
        withdrawn: "2026-03-07",
        redacted: "2026-03-07",
    }
    assert dates == {f"{BASE}/r/{review.id}": day for review, day in expected.items()}
    walls = listed(host, "sitemap-products.xml")
    assert walls[f"{BASE}/products/anxin-medical"] == "2026-03-02"
    assert walls[f"{BASE}/products/anxin-motor"] is None


def test_runs_follow_the_log(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """A review stays in its file, whatever comes after it."""
    monkeypatch.setattr(sitemap, "CHUNK", 8)
    monkeypatch.setattr(sitemap, "BATCH", 3)
    reviews = [host.world.submit(text=None) for _ in range(10)]
    files = [file.removeprefix(f"{BASE}/") for file in listed(host, "sitemap.xml")][1:]
    assert len(files) > 2
    before = {file: list(listed(host, file)) for file in files}
    assert [url for urls in before.values() for url in urls] == [
        f"{BASE}/r/{review.id}" for review in reviews
    ]
    assert all(len(urls) <= 8 for urls in before.values())
    for _ in range(6):
        host.world.submit(text=None)
    for file in files[:-1]:
        assert list(listed(host, file)) == before[file]


def test_memory_does_not_grow_with_the_number(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many reviews are sent piece by piece, and no piece is kept."""

    def many(session: object, ref: object, start: int, stop: int) -> list[sitemap.Changed]:
        return [sitemap.Changed(f"rv_{number:026}", 1_700_000_000) for number in range(start, stop)]

    host.world.submit()
    monkeypatch.setattr(sitemap, "_read_batch", many)
    answer = host.client().get(f"{PREFIX}/sitemap-anxin-0.xml", buffered=False)
    tracemalloc.start()
    sent = pieces = 0
    for piece in answer.iter_encoded():
        sent += len(piece)
        pieces += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sent > 4_000_000
    assert pieces > 50
    assert peak < 1_000_000


@pytest.mark.parametrize(
    "name", ["anxin-1", "chunhe-0", "nobody-0", "anxin", "anxin--1", "anxin-" + "9" * 30, "-0"]
)
def test_a_file_that_there_is_not(host: Host, name: str) -> None:
    host.world.submit()
    check_refusal(host.client().get(f"{PREFIX}/sitemap-{name}.xml"), 404)
