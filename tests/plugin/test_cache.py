"""Kept answers: never stale, never other than rendered ones, never more than their bytes."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from insurance_reviews.moderation.cosignatures import Witnessed, newest_sizes
from insurance_reviews.moderation.errors import LogBehind
from insurance_reviews.plugin.app import create_app
from insurance_reviews.plugin.cache.asked import Asked
from insurance_reviews.plugin.cache.entry import Entry
from insurance_reviews.plugin.cache.store import Store
from insurance_reviews.plugin.current import get_state
from insurance_reviews.plugin.services.catalogue import add_storefront
from insurance_reviews.plugin.services.witnesses import record_cosignature
from insurance_reviews.plugin.start_guard import StartGuard
from support.answers import check_headers
from support.host import API, PREFIX, Host, make_host, settings_of
from support.world import TEXT, World

SKU, OTHER = "anxin-medical", "anxin-motor"
WALL = f"{PREFIX}/embed/wall?product={SKU}"
#: Every public read of products, in one form at least.
READS = (
    WALL,
    f"{WALL}&styles=none&lang=zh-TW",
    f"{PREFIX}/embed/summary?product={SKU}",
    f"{PREFIX}/embed/summary?product={OTHER}&product={SKU}&product=unknown&lang=en",
    f"{PREFIX}/frame/wall?product={SKU}&theme=dark",
    f"{PREFIX}/products/{SKU}?stage=claim&lang=en",
    f"{PREFIX}/badge/{SKU}.svg",
    f"{API}/products/{SKU}/reviews?limit=50",
    f"{API}/products/{SKU}/summary",
)


@contextmanager
def closing(app: Flask) -> Iterator[Flask]:
    try:
        yield app
    finally:
        get_state(app).work.engine.dispose()


@pytest.fixture
def alone(world: World) -> Iterator[Flask]:
    """The stand-alone service, which answers before Flask."""
    with closing(create_app(settings_of(world))) as app:
        yield app


@pytest.fixture
def mounted(world: World) -> Iterator[Flask]:
    """A shop that has mounted us: another process, as far as the cache can tell."""
    with closing(make_host(world)) as app:
        yield app


@pytest.fixture
def bare(world: World) -> Iterator[Flask]:
    """The stand-alone service that renders every answer."""
    with closing(create_app(settings_of(world, cache_bytes=0))) as app:
        yield app


def seen(client: FlaskClient, path: str, **options: Any) -> tuple[object, ...]:
    """All of an answer: status, headers in their order, body."""
    answer = client.open(path, **options)
    return answer.status, list(answer.headers), answer.data


def kept_in(app: Flask) -> int:
    return len(get_state(app).cache.store)


def changes(world: World) -> Iterator[Callable[[], object]]:
    """Whatever may change a public page, one after the other."""
    yield lambda: world.invite()
    reviews = [world.submit(score=2)]
    yield lambda: reviews.append(world.submit(score=5, text=None))
    yield lambda: world.follow_up(reviews[0])
    yield lambda: world.reply(reviews[0])
    yield lambda: world.reply(reviews[0], "补充：差额已于五月三日补发。")
    reports = [world.report(reviews[0]).id]
    yield lambda: world.remove(reviews[0], reports[0], redacted=TEXT.replace("查勘员", "███"))
    yield lambda: world.acknowledge(reports[0], "disputed")
    yield lambda: world.remove(reviews[0])
    reviews.append(world.submit(stage="renewal"))
    yield lambda: world.withdraw(reviews[-1])
    for name, at in (("w.example/a", 1), ("w.example/b", 2), ("w.example/c", 90_000)):
        yield lambda: cosign(world, name, at)  # noqa: B023
    yield lambda: open_shop(world)


def cosign(world: World, name: str, later: int) -> None:
    ref = world.ref()
    size = {log.id: size for log, size in world.read(newest_sizes)}[ref.id]
    found = Witnessed(name, size, int(world.now.timestamp()) + later)
    line = f"— {name} x\n"
    world.write(lambda session: record_cosignature(session, world.context, ref, found, line))


def open_shop(world: World) -> None:
    origins = ["https://new.example"]
    world.write(
        lambda session: add_storefront(
            session, "new", "新店", world.now, insurers=["anxin"], origins=origins
        )
    )


def test_no_process_shows_what_another_has_changed(
    world: World, alone: Flask, mounted: Flask, bare: Flask
) -> None:
    """Each change is made elsewhere, while both have every answer in their caches."""
    world.submit()
    clients = alone.test_client(), mounted.test_client()
    truth = bare.test_client()
    shown = {path: seen(truth, path) for path in READS}
    for change in changes(world):
        for client in clients:
            for path in READS:
                client.get(path)
        assert kept_in(alone) == kept_in(mounted) == len(READS)
        change()
        now = {path: seen(truth, path) for path in READS}
        assert now != shown
        shown = now
        for path, expected in now.items():
            for client in clients:
                assert seen(client, path) == expected, path
    assert kept_in(bare) == 0


@pytest.mark.parametrize("path", READS)
def test_a_kept_answer_is_the_rendered_one(
    lasting_host: Host, lasting_alone: Flask, path: str
) -> None:
    """In every form, header for header, by Flask and before it."""
    if path == WALL:
        lasting_host.world.submit(text="长" * 600)
    clients = lasting_host.client(), lasting_alone.test_client()
    tags = set()
    for encoding in ("gzip, br", ""):
        headers = {"Accept-Encoding": encoding}
        first, *again = [
            seen(client, path, headers=headers) for client in clients for _ in range(3)
        ]
        assert again == [first] * 5
        answer = clients[0].get(path, headers=headers)
        check_headers(answer)
        tags.add(answer.headers["ETag"])
        known = headers | {"If-None-Match": f'"x", W/{answer.headers["ETag"]}'}
        confirmed = [seen(client, path, headers=known) for client in clients]
        assert confirmed[0] == confirmed[1]
        check_confirmed(clients[1].get(path, headers=known), answer)
        head = [seen(client, path, method="HEAD", headers=headers) for client in clients]
        assert head == [(*first[:2], b"")] * 2
    packed = clients[1].get(path, headers={"Accept-Encoding": "gzip"})
    plain = clients[1].get(path)
    assert unpacked(packed) == plain.data
    assert len(tags) == (2 if "Content-Encoding" in packed.headers else 1)
    assert "Accept-Encoding" in plain.headers["Vary"]


@pytest.fixture
def lasting_alone(lasting_host: Host) -> Iterator[Flask]:
    with closing(create_app(settings_of(lasting_host.world))) as app:
        yield app


def check_confirmed(answer: TestResponse, of: TestResponse) -> None:
    assert (answer.status_code, answer.data) == (304, b"")
    left_out = {"Content-Type", "Content-Length", "Content-Encoding", "Content-Language"}
    assert list(answer.headers) == [h for h in of.headers if h[0] not in left_out]


def unpacked(answer: TestResponse) -> bytes:
    assert answer.headers["Content-Length"] == str(len(answer.data))
    if answer.headers.get("Content-Encoding") != "gzip":
        return bytes(answer.data)
    return gzip.decompress(answer.data)


NAMES = (
    "product",
    "stage",
    "score",
    "sort",
    "limit",
    "after",
    "lang",
    "styles",
    "theme",
    "utm",
    "",
)
VALUES = (
    *(SKU, OTHER, "claim", "renewal", "5", "2", "0", "highest", "oldest", "n-3", "o-1", "h5-7"),
    *("en", "zh-TW", "fr", "none", "dark", "light", "", "%", "保险", "<b>"),
)
PATHS = ("/embed/wall", "/embed/summary", "/frame/wall", f"/products/{SKU}", f"/badge/{SKU}.svg")
queries = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=4)
languages = st.sampled_from(["", "en", "zh-HK,en;q=0.5", "fr", "q;q"])


def test_what_is_asked_for_in_odd_ways(lasting_host: Host) -> None:
    """Whatever the parameters: what a cache says that was filled by others' requests is what
    rendering says to this one."""
    world = lasting_host.world
    for score in (5, 2, 5):
        world.submit(score=score)
    with (
        closing(create_app(settings_of(world))) as alone,
        closing(create_app(settings_of(world, cache_bytes=0))) as bare,
    ):
        ours, truth = alone.test_client(), bare.test_client()

        @settings(max_examples=150, deadline=None)
        @given(
            path=st.sampled_from([*PATHS, *(f"/api/v1/products/{SKU}/{x}" for x in API_READS)]),
            query=queries,
            language=languages,
        )
        def ask(path: str, query: list[tuple[str, str]], language: str) -> None:
            if path.endswith("/wall") or path.endswith("/embed/summary"):
                query = [*query, ("product", SKU)]
            address = f"{PREFIX}{path}?{urlencode(query)}"
            headers = {"Accept-Language": language}
            expected = seen(truth, address, headers=headers)
            assert [seen(ours, address, headers=headers) for _ in range(2)] == [expected] * 2

        ask()
        assert kept_in(alone) > 5


API_READS = ("reviews", "summary")


def test_unknown_parameters_make_no_entries(world: World, alone: Flask) -> None:
    """Tracking marks of a newsletter, words after the products' names: one wall all the same."""
    client = alone.test_client()
    pages = {client.get(f"{WALL}&utm_source={n}&lang=en&lang=zh").data for n in range(20)}
    assert (len(pages), kept_in(alone)) == (1, 1)
    pages = {client.get(f"{PREFIX}/products/{SKU}?x{n}=1").data for n in range(20)}
    assert (len(pages), kept_in(alone)) == (1, 2)


def test_refusals_are_not_kept(world: World, alone: Flask) -> None:
    client = alone.test_client()
    for path, status in (
        (f"{PREFIX}/embed/wall?product=nothing", 404),
        (f"{PREFIX}/embed/wall", 422),
        (f"{WALL}&score=9", 422),
        (f"{API}/products/{SKU}/reviews?utm=1", 422),
        (f"{API}/products/{SKU}/reviews?limit=1&limit=1", 422),
    ):
        for _ in range(2):
            answer = client.get(path)
            assert answer.status_code == status, path
            assert answer.headers["Cache-Control"] == "no-store"
    assert kept_in(alone) == 0
    client.get(f"{API}/products/{SKU}/reviews?limit=1")
    assert client.get(f"{API}/products/{SKU}/reviews?limit=1&utm=1").status_code == 422
    assert client.post(WALL).status_code == 405


def test_who_may_keep_what(world: World, alone: Flask) -> None:
    """Browsers ask again; shared caches may keep a page that they cannot mix up with another
    language's; what programs check is kept by nobody."""
    client = alone.test_client()

    def keeping(path: str) -> tuple[str, str | None, str]:
        headers = client.get(path).headers
        return headers["Cache-Control"], headers.get("CDN-Cache-Control"), headers["Vary"]

    shared = "max-age=2, stale-while-revalidate=30"
    assert keeping(f"{WALL}&lang=en") == ("no-cache", shared, "Accept-Encoding")
    assert keeping(WALL) == ("no-cache", None, "Accept-Encoding, Accept-Language")
    assert keeping(f"{WALL}&lang=xx")[1:] == (None, "Accept-Encoding, Accept-Language")
    for path in READS[-2:]:
        assert keeping(path) == ("no-cache", None, "Accept-Encoding")


def test_a_log_that_is_behind_hides_what_is_kept(
    world: World, alone: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = alone.test_client()
    assert client.get(WALL).status_code == 200

    def refuse(_: StartGuard) -> None:
        raise LogBehind("behind", origin="a", kept_size=2, size=1)

    monkeypatch.setattr(StartGuard, "check", refuse)
    # Bound when the application was made.
    monkeypatch.setattr(alone.wsgi_app, "_guard", get_state(alone).start_guard.check)
    assert client.get(WALL).status_code == 503


def test_a_lost_connection_costs_one_rendering(world: World, alone: Flask) -> None:
    client = alone.test_client()
    first = client.get(WALL).data
    lookup = get_state(alone).cache._lookup
    [connection] = lookup._free
    connection.close()
    assert lookup.revisions((SKU,)) is None
    assert client.get(WALL).data == first
    assert lookup.revisions((SKU, "nothing")) == (lookup.revisions((SKU,)) or ()) + (None,)


def test_a_forked_process_opens_connections_of_its_own(
    world: World, alone: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookup = get_state(alone).cache._lookup
    before = lookup.revisions((SKU,))
    inherited = list(lookup._free)
    monkeypatch.setattr("os.getpid", lambda: -1)
    assert lookup.revisions((SKU,)) == before
    assert not set(inherited) & set(lookup._free)
    for connection in inherited:
        connection.close()


def asked(name: str) -> Asked:
    return Asked("/embed/wall", (name,), (), "zh-CN", named=False)


@given(
    asks=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 60_000), st.booleans())),
    limit=st.integers(0, 1_000_000),
)
def test_the_store_keeps_within_its_bytes(asks: list[tuple[int, int, bool]], limit: int) -> None:
    """Whatever is put, found, replaced or compressed, in whatever order."""
    store = Store(limit)
    for number, size, packed in asks:
        entry = Entry(bytes(size), [])
        if store.get(asked(str(number)), (size,)) is None:
            store.put(asked(str(number)), (size,), entry)
        if packed:
            assert entry.packed.headers
            store.weigh(asked(str(number)), entry)
        held = [*store._new.values(), *store._proven.values()]
        assert store.size == sum(kept.size for kept in held) <= limit
        assert len(store) == len(held)


def test_what_is_asked_for_once_pushes_out_nothing_that_is_asked_for_again() -> None:
    store = Store(1_000_000)
    hot = [asked(f"hot-{number}") for number in range(20)]
    for one in hot:
        store.put(one, (1,), Entry(bytes(10_000), []))
        assert store.get(one, (1,)) is not None
    for number in range(5_000):
        store.put(asked(str(number)), (1,), Entry(bytes(10_000), []))
    assert all(store.get(one, (1,)) is not None for one in hot)
    assert store.size <= 1_000_000


def test_a_large_answer_is_not_kept() -> None:
    store = Store(320_000)
    store.put(asked("a"), (1,), Entry(bytes(10_000), []))
    assert len(store) == 0


def test_another_revision_is_another_answer() -> None:
    store = Store(1_000_000)
    store.put(asked("a"), (1,), Entry(b"old", []))
    assert store.get(asked("a"), (2,)) is None
    store.put(asked("a"), (2,), Entry(b"new", []))
    found = store.get(asked("a"), (2,))
    assert found is not None
    assert found.plain.body == b"new"
    assert len(store) == 1
