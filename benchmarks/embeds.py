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

_HEAD = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>商品</title>'
    '<meta name="viewport" content="width=device-width">'
)
#: What would move, if anything did.
_FOOT = "<footer><p>关于本店</p></footer>"
#: What docs/embedding.md asks a shop to put into its style sheet.
_RESERVED = "<style>insurance-reviews:not(:defined) { display: block; min-height: 100vh; }</style>"
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
#: As the browser tells: it paints nothing before they are there.
_BLOCKING = (
    "performance.getEntriesByType('resource')"
    ".filter((entry) => entry.renderBlockingStatus === 'blocking').length"
)


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


def _preloads(host: Host, address: str) -> str:
    """The lines by which the browser asks for all at once (docs/embedding.md, "Sooner")."""
    wall = f"{address}{PREFIX}/embed/wall?product={SKU}&amp;lang=zh-CN&amp;styles=none"
    sheet = address + host.state.assets.url("reviews.css")
    return "".join(
        f'<link rel="preload" as="fetch" crossorigin="anonymous" href="{one}">'
        for one in (sheet, wall)
    )


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
    element = (
        f'{_RESERVED}<script type="module" src="{script}"></script>'
        f'<h1>商品</h1><insurance-reviews product="{SKU}"><a href="#">评价</a>'
        f"</insurance-reviews>{_FOOT}"
    )
    pages = {
        "element": f"{_HEAD}{_preloads(host, address)}{element}",
        "script": f"{_HEAD}{element}",
        "bare": f"{_HEAD}<h1>商品</h1>{_fragment(host)}{_FOOT}",
    }
    # As our own answers are: what is compared must not differ by that.
    sent = {name: gzip.compress(html.encode(), 9) for name, html in pages.items()}

    @Request.application
    def shop(request: Request) -> Response:
        if request.path[1:] not in sent:
            return Response(status=204)  # The browser looks for an icon.
        headers = {"Content-Encoding": "gzip"}
        return Response(sent[request.path[1:]], content_type="text/html", headers=headers)

    shop_address = stack.enter_context(serve(shop))
    looks: dict[str, list[dict[str, Any]]] = {name: [] for name in pages}
    for _ in range(turns):
        for name, found in looks.items():
            found.append(_look(browser, f"{shop_address}/{name}"))
    yield _time("with the lines that load all at once", looks["element"], looks["bare"])
    yield _time("with the script alone", looks["script"], looks["bare"])
    ours = looks["element"] + looks["script"]
    shift = max(look["shifted"] for look in ours)
    yield Figure("layout shift", shift, "", goal="0", passed=shift == 0)
    blocking = max(look["blocking"] for look in ours)
    bare = min(look["blocking"] for look in looks["bare"])
    yield Figure(
        "requests that hold up the page's first paint",
        blocking,
        "",
        goal="0",
        passed=blocking == 0 < bare,
        note=f"a page with the same HTML in it {bare}: the style sheet",
    )
    cookies = max(look["cookies"] for look in ours)
    yield Figure("cookies", cookies, "", goal="0", passed=cookies == 0)
    requests = max(look["requests"] for look in ours)
    yield Figure(
        "requests of the first view",
        requests,
        "",
        goal="3",
        passed=requests <= 3,
        note="script, style sheet, fragment",
    )


def _time(how: str, ours: list[dict[str, Any]], bare: list[dict[str, Any]]) -> Figure:
    """When the first review is seen, beside the page of the same turn that needs no script."""
    ratios = [one["seen"] / other["seen"] for one, other in zip(ours, bare, strict=True)]
    base = median(look["seen"] for look in bare)
    return Figure(
        f"first review on slow 4G, 4 × slower processor, {how}",
        median(look["seen"] for look in ours),
        "ms",
        median(ratios),
        min(ratios),
        max(ratios),
        goal=f"≤ {LATER} ×",
        passed=median(ratios) <= LATER,
        note=f"a page with the same HTML in it {base:.0f} ms",
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
            "blocking": page.evaluate(_BLOCKING),
            "cookies": len(context.cookies()),
            "requests": len(ours),
        }
