"""A page of frames in Chromium, in which many pages of the application are looked at at once, with
the application's policy or without it; and whatever in them runs is counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from insurance_reviews.plugin.links import Links, WallLinks
from insurance_reviews.plugin.responses import content_security_policy
from insurance_reviews.plugin.structured_data import wall_data
from insurance_reviews.plugin.views.public import build_wall
from insurance_reviews.widgets.cards import PageCard

from .host import PREFIX, Host
from .hostile import MARK, NOWHERE, Hostile, raw
from .live import serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from playwright.sync_api import Browser, Page

#: Of whom all the reviews are.
PRODUCT = "anxin-medical"
POLICY = "Content-Security-Policy"
LANGUAGE = "zh-CN"
#: What ``docs/embedding.md`` asks of a host with a policy of its own.
STRICT_HOST = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types insurance-reviews"
)


@dataclass
class Stand:
    """What is served at one address: the application, and careless pages beside it."""

    host: Host
    strings: Sequence[Hostile]
    #: Whether pages keep the policy that they are sent with.
    policy: bool

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        name, _, rest = request.path.strip("/").partition("/")
        if name == PREFIX.strip("/") or name == "static":
            response = self._application(request)
        elif name == "unmasked":
            response = self._ours(self._unmasked(request.args))
        elif name == "raw" and rest.isdigit():
            response = self._ours(raw(self.strings[int(rest)]))
        elif name == "shop":
            response = _page(_SHOP, {POLICY: STRICT_HOST} if self.policy else {})
        elif name == "canary" and rest.isdigit():
            response = _page(f"<!doctype html><img src=x onerror=\"{MARK}('canary {rest}')\">")
        elif name == "stand":
            response = _page(_STAND)
        else:
            response = Response(status=404)
        return response(environ, start_response)

    def _application(self, request: Request) -> Response:
        response = Response.from_app(self.host.app, request.environ)
        sent = response.headers.pop(POLICY, "")
        if self.policy:
            response.headers[POLICY] = _frameable(sent)
        return response

    def _ours(self, html: str) -> Response:
        return _page(html, {POLICY: _frameable(content_security_policy())} if self.policy else {})

    def _unmasked(self, asked: Mapping[str, str]) -> str:
        """The wall as if names were stored as they were given: strings in their place."""
        state = self.host.state
        parameters = {name: asked[name] for name in ("limit", "after") if name in asked}
        with self.host.app.app_context(), state.work.reading() as session:
            links = Links.paths(state.settings)
            where = WallLinks("/unmasked")
            card = build_wall(state, session, PRODUCT, parameters, where, links, LANGUAGE)
        names = self.strings[int(asked["from"]) :]
        reviews = tuple(
            replace(review, display_name=string.text)
            for review, string in zip(card.reviews, names, strict=False)
        )
        card = replace(card, reviews=reviews)
        return state.renderer.render(
            "wall_page.html",
            LANGUAGE,
            page=PageCard(),
            wall=card,
            structured_data=wall_data(
                card, Links.absolute(state.settings), state.renderer.catalogue(LANGUAGE)
            ),
        )


def _frameable(policy: str) -> str:
    """``policy`` without its word on frames: the stand looks at pages in frames."""
    return re.sub(r"frame-ancestors [^;]*;? *", "", policy)


def _page(html: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(html, content_type="text/html; charset=utf-8", headers=dict(headers or {}))


_SHOP = f"""<!doctype html><html lang="{LANGUAGE}"><meta charset="utf-8"><title>x</title>
<script type="module" src="{PREFIX}/static/define.js"></script>
<insurance-reviews product="{PRODUCT}" page-size="50"><a href="/">x</a></insurance-reviews>"""

#: In every window: a string that runs says its number to the page around.
_MARKER = f"globalThis.{MARK} = (what) => {{ try {{ top.ran.push(String(what)) }} catch {{}} }};"

_STAND = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Stand</title>
<style>iframe { width: 20rem; height: 10rem }</style><body><script>
globalThis.ran = [];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const documents = () => Array.from(document.querySelectorAll("iframe"), (frame) => {
  try { return frame.contentDocument } catch { return null }
}).filter(Boolean);
const rooms = () => documents().flatMap((page) => [page, ...Array.from(
  page.querySelectorAll("insurance-reviews"), (element) => element.shadowRoot).filter(Boolean)]);

/** Shows pages, in a frame each; gives how many have loaded in time, and what is read in them. */
async function show(addresses, canary, selector, patience) {
  const frames = [...addresses, canary].map((src) =>
    Object.assign(document.createElement("iframe"), { src }));
  let loaded = 0;
  const all = Promise.all(frames.map((frame) => new Promise((done) => {
    frame.onload = () => { loaded += 1; frame.onload = null; done() };
  })));
  document.body.replaceChildren(...frames);
  await Promise.race([all, pause(patience)]);
  for (let n = 0; n < patience / 20 && !elementsAreThere(); n++) await pause(20);
  // A string that is known to run, later than those beside it.
  const name = canary.replace(/\\D+/, "canary ");
  for (let n = 0; n < patience / 60 && !ran.includes(name); n++) await pause(20);
  const read = selector ? rooms().flatMap((room) => Array.from(room.querySelectorAll(selector),
    (one) => one.value ?? (one.content || one.textContent))) : [];
  await poke();
  const sang = ran.includes(name);
  return { loaded: loaded - 1, sang, read, ran: ran.splice(0) };
}

const elementsAreThere = () => documents().every((page) =>
  Array.from(page.querySelectorAll("insurance-reviews")).every((element) => element.complete));

/** Puts texts into the page as markup, the way of careless scripts. */
async function inner(texts) {
  const frame = document.createElement("iframe");
  document.body.replaceChildren(frame);
  for (const text of [...texts, `<img src=x onerror="hit('canary')">`]) {
    const place = frame.contentDocument.createElement("div");
    frame.contentDocument.body.append(place);
    place.innerHTML = text;
  }
  while (!ran.includes("canary")) await pause(20);
  await poke();
  return ran.splice(0);
}

/** What readers do: each handler hears what it waits for, each script behind a link is followed. */
async function poke() {
  let poked = 0;
  for (const room of rooms()) for (const one of room.querySelectorAll("*")) {
    try {
      for (const name of Element.prototype.getAttributeNames.call(one)) {
        if (!/^on/i.test(name)) continue;
        poked += 1;
        one.dispatchEvent(new Event(name.slice(2)));
      }
      const leads = [one.protocol, one.href?.baseVal, one.formAction].some((address) =>
        /^[\\x00-\\x20]*j\\s*a\\s*v\\s*a\\s*s\\s*c\\s*r\\s*i\\s*p\\s*t\\s*:/i.test(address ?? ""));
      if (leads) {
        poked += 1;
        one.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
      }
      if (one.localName === "form" && /^javascript:/i.test(one.action)) {
        poked += 1;
        one.requestSubmit();
      }
    } catch { }
  }
  for (let before = -1; poked && before !== ran.length;) {
    before = ran.length;
    await pause(100);
  }
}

/** Types texts into the only frame's form, one after the other. */
async function type(texts, selector) {
  const field = documents()[0].querySelector(selector);
  for (const text of texts) {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  await poke();
  return ran.splice(0);
}
</script>"""


#: So often a batch of pages is opened, at most.
LOOKS = 3


@dataclass
class Seen:
    """What happened to some pages."""

    #: The numbers of the strings that ran.
    ran: set[int] = field(default_factory=set)
    #: What was read in the pages.
    read: set[str] = field(default_factory=set)
    #: What makes the looking worthless.
    blind: list[str] = field(default_factory=list)

    def hear(self, said: Iterable[str]) -> None:
        """Add what was said by what ran."""
        self.ran |= {int(number) for number in said if number.isdigit()}

    def add(self, other: Seen) -> None:
        """Add what was seen on other pages."""
        self.ran |= other.ran
        self.read |= other.read
        self.blind += other.blind


@dataclass
class Viewer:
    """The stand, opened."""

    page: Page
    batches: int = 0

    def look(self, addresses: Sequence[str], selector: str = "", *, careless: bool = False) -> Seen:
        """Open all ``addresses`` at once, look, do what readers do. Of ``careless`` pages, not all
        load: their strings lead elsewhere.

        Who was blind looks again: now and then a browser is late with the canary of many frames,
        and such a look proves nothing.
        """
        seen = Seen()
        for _ in range(LOOKS):
            seen.blind.clear()
            seen.add(self._look_once(addresses, selector, careless=careless))
            if not seen.blind:
                break
        return seen

    def _look_once(self, addresses: Sequence[str], selector: str, *, careless: bool) -> Seen:
        self.batches += 1
        canary = f"/canary/{self.batches}"
        found = self.page.evaluate(
            "([addresses, canary, selector, patience]) =>"
            " show(addresses, canary, selector, patience)",
            [list(addresses), canary, selector, 15_000 if careless else 30_000],
        )
        seen = Seen(read=set(found["read"]))
        seen.hear(found["ran"])
        if not found["sang"]:
            seen.blind.append(f"nothing was heard from the canary of {addresses[0]}")
        if not careless and found["loaded"] != len(addresses):
            seen.blind.append(f"{found['loaded']} of {len(addresses)} loaded, with {addresses[0]}")
        return seen

    def inner(self, strings: Sequence[Hostile]) -> Seen:
        """Set ``strings`` as ``innerHTML``."""
        seen = Seen()
        texts = [string.text for string in strings if string.place != NOWHERE]
        seen.hear(self.page.evaluate("texts => inner(texts)", texts))
        return seen

    def type(self, address: str, strings: Sequence[Hostile], selector: str) -> Seen:
        """Type ``strings`` into a form."""
        seen = self.look([address])
        texts = [string.text for string in strings]
        seen.hear(self.page.evaluate("([texts, what]) => type(texts, what)", [texts, selector]))
        return seen


@contextmanager
def opened(
    browser: Browser, host: Host, strings: Sequence[Hostile], *, policy: bool
) -> Iterator[Viewer]:
    """The stand in a window of its own."""
    with serve(Stand(host, strings, policy)) as address, browser.new_context() as context:
        context.add_init_script(_MARKER)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{address}/stand")
        yield Viewer(page)
