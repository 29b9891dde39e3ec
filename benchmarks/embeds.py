"""What an embed weighs, and when a shopper on a slow phone sees the first review, in Chromium."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import TYPE_CHECKING, Any

from places import PRODUCTS, Places, invite
from playwright.sync_api import Browser, Page, sync_playwright
from report import Figure
from werkzeug.wrappers import Request, Response

from support.chromium import find_chromium, launch_arguments
from support.host import PREFIX, Host, mounted
from support.live import serve
from support.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SKU = PRODUCTS["anxin"]
REVIEWS = 30
#: Slow 4G, and a phone whose processor has a quarter of this one's speed.
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,
    "uploadThroughput": 93_750,
}
SLOWER = 4
GOALS = {"script": 6, "style sheet": 4, "fragment of 10 reviews": 12}
LATER = 1.5
TEXT = "五月十二日报案，第三天有人联系，材料补了两次，到账一共用了十九天，每一步都有短信。"

_HEAD = '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>商品</title>'
#: Tells when the first review has been painted, in milliseconds since the navigation began.
_WATCH = """
globalThis.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) globalThis.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
const look = () => {
  const root = document.querySelector("insurance-reviews")?.shadowRoot ?? document;
  const review = root.querySelector(".ir-review");
  if (review && review.getBoundingClientRect().height) {
    requestAnimationFrame(() => (globalThis.seen = performance.now()));
  } else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """Weights, requests, cookies, layout shift, and the time beside a page that needs no script."""
    with places.world("sqlite") as world, ExitStack() as stack:
        _fill(world)
        host, address = stack.enter_context(_served(world))
        yield from _weights(host)
        browser = stack.enter_context(_browser())
        yield from _first_view(stack, browser, host, address, turns=3 if quick else 9)


def _fill(world: World) -> None:
    for number, token in enumerate(invite(world, [SKU], REVIEWS)):
        world.submit(token, score=1 + number % 5, text=f"{TEXT}第{number}次。")


@contextmanager
def _served(world: World) -> Iterator[tuple[Host, str]]:
    hosts: list[Host] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return hosts[0].app(environ, start_response)

    with serve(app) as address, mounted(world, public_url=address) as host:
        hosts.append(host)
        yield host, address


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = find_chromium()
        browser = playwright.chromium.launch(
            executable_path=None if found is None else str(found), args=launch_arguments()
        )
        yield browser
        browser.close()


def _fragment(host: Host) -> str:
    return str(host.client().get(f"{PREFIX}/embed/wall?product={SKU}&limit=10").text)


def _weights(host: Host) -> Iterator[Figure]:
    client = host.client()
    parts = {
        "script": client.get(f"{PREFIX}/static/define.js").data,
        "style sheet": client.get(f"{PREFIX}/static/reviews.css").data,
        "fragment of 10 reviews": _fragment(host).encode(),
    }
    for name, data in parts.items():
        weight = len(gzip.compress(data, 9)) / 1000
        goal = GOALS[name]
        yield Figure(f"{name}, gzipped", weight, "kB", goal=f"≤ {goal} kB", passed=weight <= goal)


def _first_view(
    stack: ExitStack, browser: Browser, host: Host, address: str, *, turns: int
) -> Iterator[Figure]:
    """A shop at another origin with the element, and one whose page has the same HTML in it."""
    script = f"{address}{PREFIX}/static/define.js"
    pages = {
        "element": f'{_HEAD}<script type="module" src="{script}"></script>'
        f'<h1>商品</h1><insurance-reviews product="{SKU}" page-size="10"><a href="#">评价</a>'
        "</insurance-reviews>",
        "bare": f"{_HEAD}<h1>商品</h1>{_fragment(host)}",
    }

    @Request.application
    def shop(request: Request) -> Response:
        return Response(pages.get(request.path[1:], ""), content_type="text/html")

    shop_address = stack.enter_context(serve(shop))
    seen: dict[str, list[float]] = {name: [] for name in pages}
    looks: list[dict[str, Any]] = []
    for _ in range(turns):
        for name, times in seen.items():
            look = _look(browser, f"{shop_address}/{name}")
            times.append(look["seen"])
            if name == "element":
                looks.append(look)
    ratios = [ours / bare for ours, bare in zip(seen["element"], seen["bare"], strict=True)]
    yield Figure(
        "first review on slow 4G, 4 × slower processor",
        median(seen["element"]),
        "ms",
        median(ratios),
        min(ratios),
        max(ratios),
        goal=f"≤ {LATER} ×",
        passed=median(ratios) <= LATER,
        note=f"a page with the same HTML in it {median(seen['bare']):.0f} ms",
    )
    shift = max(look["shifted"] for look in looks)
    yield Figure("layout shift", shift, "", goal="0", passed=shift == 0)
    cookies = max(look["cookies"] for look in looks)
    yield Figure("cookies", cookies, "", goal="0", passed=cookies == 0)
    requests = max(look["requests"] for look in looks)
    yield Figure(
        "requests of the first view",
        requests,
        "",
        goal="3",
        passed=requests <= 3,
        note="script, style sheet, fragment",
    )


def _look(browser: Browser, url: str) -> dict[str, Any]:
    """Open ``url`` as a new visitor does, on a slow phone."""
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        page: Page = context.new_page()
        ours: list[str] = []
        page.on("request", lambda asked: ours.append(asked.url) if PREFIX in asked.url else None)
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", NETWORK)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.add_init_script(_WATCH)
        page.goto(url)
        page.wait_for_function("globalThis.seen", timeout=30_000)
        page.wait_for_timeout(500)
        return {
            "seen": page.evaluate("globalThis.seen"),
            "shifted": page.evaluate("globalThis.shifted"),
            "cookies": len(context.cookies()),
            "requests": len(ours),
        }
