"""Mounting touches nothing of the host's, and nothing of the host's touches us."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, got_request_exception

from insurance_reviews.plugin import InsuranceReviews
from insurance_reviews.plugin.current import get_state
from insurance_reviews.plugin.settings import SettingError
from insurance_reviews.widgets.render import Renderer
from support.answers import check_headers, check_refusal
from support.host import PREFIX, Host, make_host, mounted, settings_of
from support.world import World


@pytest.fixture
def engine_name() -> str:
    """What is told here has nothing to do with the engine."""
    return "sqlite"


@pytest.fixture
def bare(world: World) -> Flask:
    """A host before it mounts anything."""
    app = Flask("bare", root_path=str(world.settings.state_dir))
    app.config.update(settings_of(world))
    return app


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/nothing", 404),
        ("GET", "/products/nothing", 404),
        ("GET", "/products/nothing/at/all", 404),
        ("GET", "//products", 404),
        ("GET", "/../fails", 404),
        ("GET", "/static/nothing.css", 404),
        ("GET", "/static/../../plugin/app.py", 404),
        ("DELETE", "/products", 405),
        ("TRACE", "/products", 405),
        ("PROPFIND", "", 405),
        ("POST", "/", 405),
        ("BREW", "/api/v1/reviews", 405),
        ("BREW", "/nothing", 404),
        ("OPTIONS", "/nothing", 404),
        ("GET", "/desk/", 403),
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_refusals_are_ours(host: Host, method: str, path: str, status: int, accept: str) -> None:
    """The host has handlers for every error, and none is asked."""
    response = host.client().open(PREFIX + path, method=method, headers={"Accept": accept})
    check_refusal(response, status)
    if status == 405:
        assert response.headers["Allow"].endswith("OPTIONS")


def test_the_hosts_own_errors_stay_its_own(host: Host) -> None:
    client = host.client()
    answers = [
        client.get("/nothing"),
        client.delete("/product/anxin-medical"),
        client.get("/fails"),
        client.post("/upload", data=b"x" * 101),
        client.post("/upload", data=b"x" * 100),
        # Begins as our prefix does, and is none of ours.
        client.get("/reviewsome"),
    ]
    texts = [answer.get_data(as_text=True) for answer in answers]
    assert texts == [
        "host: 404",
        "host: 405",
        "host: 500",
        "host: 413",
        "100 bytes",
        "host: 404",
    ]
    assert not [name for answer in answers for name in answer.headers if "Security" in name]


def test_the_hosts_limit_is_not_ours(host: Host) -> None:
    """The host takes 100 bytes; a review may be longer than that, and 64 kB is enough for it."""
    token = host.world.invite()
    client = host.client()
    fields = {"score": "5", "text": "好" * 5_000, "display_name": "anonymous", "consent": "y"}
    assert (
        client.post(f"{PREFIX}/i/{token}", data={**fields, "action": "preview"}).status_code == 200
    )
    check_refusal(client.post(f"{PREFIX}/i/{token}", data={"text": "x" * 65_536}), 413)


def test_our_failures_are_ours_and_reported(
    host: Host, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host's handlers of 500 and of Exception are not asked; its log hears of it.

    And whoever listens for exceptions, such as an error tracker; but nobody hears the token.
    """

    def broken(token: str) -> str:
        raise LookupError("a bug of ours")

    heard: list[Exception] = []

    def listener(_: Flask, exception: Exception, **__: object) -> None:
        heard.append(exception)

    token = host.world.invite()
    monkeypatch.setitem(host.app.view_functions, "insurance_reviews.invitation", broken)
    with got_request_exception.connected_to(listener, host.app), caplog.at_level(logging.ERROR):
        answer = host.client().get(f"{PREFIX}/i/{token}")
    check_headers(answer)
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal")
    assert [str(exception) for exception in heard] == ["a bug of ours"]
    assert "a bug of ours" in caplog.text
    assert "/i/<token>" in caplog.text
    assert token not in caplog.text
    assert "a bug of ours" not in answer.get_data(as_text=True)
    # In tests and in the debugger it comes through as it is.
    monkeypatch.setitem(host.app.config, "TESTING", True)
    with pytest.raises(LookupError, match="a bug of ours"):
        host.client().get(f"{PREFIX}/i/{token}")


def test_mounting_leaves_the_configuration_alone(bare: Flask) -> None:
    before = dict(bare.config)
    InsuranceReviews().init_app(bare)
    assert dict(bare.config) == before
    get_state(bare).work.engine.dispose()


def test_every_name_of_ours_is_in_our_namespace(bare: Flask) -> None:
    """Endpoints, template globals, converters, extensions: all that a host could stumble over."""
    names: dict[str, Callable[[], set[Any]]] = {
        "extensions": lambda: set(bare.extensions),
        "globals": lambda: set(bare.jinja_env.globals),
        "filters": lambda: set(bare.jinja_env.filters),
        "converters": lambda: set(bare.url_map.converters),
        "endpoints": lambda: set(bare.view_functions),
        "commands": lambda: set(bare.cli.commands),
        "handlers": lambda: set(bare.error_handler_spec[None]),
        "before": lambda: set(bare.before_request_funcs.get(None, [])),
        "after": lambda: set(bare.after_request_funcs.get(None, [])),
    }
    before = {kind: names[kind]() for kind in names}
    InsuranceReviews().init_app(bare)
    added = {kind: names[kind]() - before[kind] for kind in names}
    get_state(bare).work.engine.dispose()
    assert {kind for kind, found in added.items() if found} == {
        "extensions",
        "globals",
        "converters",
        "endpoints",
    }
    for found in added.values():
        assert all(str(name).startswith("insurance_reviews") for name in found)
    assert all(
        str(rule).startswith(PREFIX)
        for rule in bare.url_map.iter_rules()
        if rule.endpoint.startswith("insurance_reviews")
    )


def test_mounting_twice_is_refused(bare: Flask) -> None:
    reviews = InsuranceReviews()
    reviews.init_app(bare)
    with pytest.raises(RuntimeError, match="already mounted"):
        reviews.init_app(bare)
    with pytest.raises(RuntimeError, match="already mounted"):
        InsuranceReviews().init_app(bare)
    get_state(bare).work.engine.dispose()


def test_a_bad_setting_stops_the_mounting(bare: Flask) -> None:
    bare.config["INSURANCE_REVIEWS_POLICY_KEY"] = "secret"
    with pytest.raises(SettingError, match="INSURANCE_REVIEWS_POLICY_KEY must be at least 64"):
        InsuranceReviews().init_app(bare)
    assert "insurance_reviews" not in bare.extensions


def test_two_applications_in_one_process(world: World) -> None:
    """Each has its prefix, its limits and its address; one extension may serve both."""
    with (
        mounted(world, url_prefix="/meinungen", public_url="https://one.example") as one,
        mounted(world, url_prefix="/api/stimmen", public_url="https://two.example") as two,
    ):
        first, second = one.client(), two.client()
        assert first.get("/meinungen/products").status_code == 200
        assert second.get("/api/stimmen/products").status_code == 200
        assert second.get("/meinungen/products").get_data(as_text=True) == "host: 404"
        servers = [
            first.get("/meinungen/openapi.json").get_json()["servers"],
            second.get("/api/stimmen/openapi.json").get_json()["servers"],
        ]
        assert servers == [
            [{"url": "https://one.example/meinungen/api/v1"}],
            [{"url": "https://two.example/api/stimmen/api/v1"}],
        ]
        # An /api/ in the prefix does not make a program of every reader.
        page = second.get("/api/stimmen/nothing", headers={"Accept": "text/html"})
        assert page.mimetype == "text/html"
        for page in (first.get("/meinungen/products"), second.get("/api/stimmen/products")):
            check_headers(page)


def test_without_a_secret_key_all_but_the_desks_works(world: World) -> None:
    """Holders need no session; a host without sessions has nobody at its desks."""
    token = world.invite()
    with mounted(world, secret_key=None) as host:
        client = host.client()
        assert client.get(f"{PREFIX}/products/anxin-medical").status_code == 200
        form = {"score": "5", "display_name": "anonymous", "consent": "y", "author_key": "0f" * 32}
        assert client.post(f"{PREFIX}/i/{token}", data=form).status_code == 303
        check_refusal(client.get(f"{PREFIX}/desk/"), 403)
        check_refusal(client.get(f"{PREFIX}/regulator/"), 403)


def test_public_answers_set_no_cookie(host: Host) -> None:
    """Not even for staff who have a session at the host."""
    client = host.client("service-anxin")
    for path in ("/products", "/products/anxin-medical", "/embed/wall?product=anxin-medical"):
        answer = client.get(PREFIX + path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_the_hosts_static_files_and_session_stay_its_own(host: Host) -> None:
    """Ours lie under our prefix; at the desk we keep one value in its session, by our name."""
    folder = Path(host.app.root_path, "static")
    folder.mkdir()
    (folder / "reviews.css").write_text("the host's")
    client = host.client("service-anxin")
    with client.get("/static/reviews.css") as answer:
        assert answer.get_data(as_text=True) == "the host's"
        assert "Content-Security-Policy" not in answer.headers
    assert client.get(f"{PREFIX}/static/reviews.css").get_data(as_text=True) != "the host's"
    review = host.world.submit()
    assert client.get(f"{PREFIX}/desk/reviews/{review.id}").status_code == 200
    with client.session_transaction() as session:
        assert set(session) == {"staff", "insurance_reviews_csrf"}


def test_the_author_keys_cookie_is_for_one_page(world: World) -> None:
    """And for no script, no other site, and no connection without encryption."""
    token = world.invite()
    with mounted(world, public_url="https://shop.example") as host:
        form = {"score": "5", "display_name": "anonymous", "consent": "y", "author_key": "0f" * 32}
        answer = host.client().post(f"{PREFIX}/i/{token}", data=form)
        cookie = answer.headers["Set-Cookie"]
        name, _, attributes = cookie.partition("; ")
        assert name == f"insurance_reviews_author_key={'0f' * 32}"
        kept = {
            part.split("=")[0].lower(): part.partition("=")[2] for part in attributes.split("; ")
        }
        assert kept["path"] == answer.headers["Location"]
        assert {"secure", "httponly"} <= set(kept)
        assert (kept["samesite"], kept["max-age"]) == ("Lax", "600")


def test_a_host_may_override_templates(world: World) -> None:
    """A template of the host's may stand before ours, and extend it."""
    app = make_host(world)
    folder = Path(app.root_path, "templates", "insurance_reviews")
    folder.mkdir(parents=True)
    (folder / "link.html").write_text(
        '{% extends "original/insurance_reviews/link.html" %}'
        "{% block footer %}<p>请找商城客服</p>{% endblock %}",
        encoding="utf-8",
    )
    page = app.test_client().get(f"{PREFIX}/link").get_data(as_text=True)
    get_state(app).work.engine.dispose()
    assert "<p>请找商城客服</p>" in page
    assert 'name="policy_no"' in page


def test_our_templates_see_nothing_of_the_hosts(host: Host) -> None:
    """A global of the host's templates is none of ours."""
    assert "shop_name" in host.app.jinja_env.globals
    renderer = host.state.renderer
    renderer.render("link_sent.html", "zh-CN")
    assert "shop_name" not in renderer._environments["zh-CN"].globals


def test_the_wall_in_a_page_of_the_host(host: Host) -> None:
    """Filters are links to the same page; the page's own parameters stay, ours are prefixed."""
    host.world.submit(score=5)
    host.world.submit(score=2, text=None)
    client = host.client()
    page = client.get("/product/anxin-medical?colour=red&reviews-score=2").get_data(as_text=True)
    assert page.count('<article class="ir-review"') == 1
    links = re.findall(r'href="(/product/anxin-medical[^"]*)"', page)
    assert "/product/anxin-medical?colour=red&amp;reviews-score=5#insurance-reviews" in links
    assert all("colour=red" in link for link in links)
    # A mistyped address of the host's page does not take its page down.
    page = client.get("/product/anxin-medical?reviews-score=nine").get_data(as_text=True)
    assert page.count('<article class="ir-review"') == 2


def test_the_page_keeps_all_that_is_its_own(host: Host) -> None:
    """Also a parameter that stands twice, and the place where the host itself is mounted."""
    host.world.submit(score=5)
    query = "/product/anxin-medical?tag=a&tag=b&reviews-sort=oldest"
    page = host.client().get(query, environ_overrides={"SCRIPT_NAME": "/mall"}).text
    links = re.findall(r'href="([^"]*reviews-score=5[^"]*)"', page)
    assert links
    for link in links:
        assert link.startswith("/mall/product/anxin-medical?tag=a&amp;tag=b&amp;")


def test_a_wall_in_the_hosts_page_is_made_once_for_each_change(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And anew at once when there is something to show, for whoever asks for something else, and
    in another language."""
    host.world.submit(text="头一条")
    made = []
    render = Renderer.render

    def rendering(self: Renderer, template: str, *args: Any, **context: Any) -> str:
        made.append(template)
        return render(self, template, *args, **context)

    monkeypatch.setattr(Renderer, "render", rendering)
    client, path = host.client(), "/product/anxin-medical"
    first = client.get(path).text
    assert client.get(path).text == first
    assert sorted(made) == ["summary.html", "wall.html"]
    client.get(f"{path}?colour=red")
    assert made.count("wall.html") == 2
    assert "Write a review" in client.get(path, headers={"Accept-Language": "en"}).text
    host.world.submit(text="第二条")
    assert "第二条" in client.get(path).text
    long = "x" * 3_000
    for _ in range(2):
        made.clear()
        client.get(f"{path}?q={long}")
        assert made == ["wall.html"]


def test_a_product_that_nobody_registered_takes_no_page_down(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    """The shop may sell it before the reviews know of it; the log says what to do."""
    answer = host.client().get("/product/brand-new")
    assert answer.status_code == 200
    assert "<h1>brand-new</h1>" in answer.get_data(as_text=True)
    assert "register it with flask reviews product add" in caplog.text
