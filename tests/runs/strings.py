"""Strings that want to run, through every door by which words come in, shown in Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from insurance_reviews.moderation.plain_text import TextFault, clean
from insurance_reviews.plugin.errors import InvalidInput
from insurance_reviews.plugin.names import ANONYMOUS, mask_name
from insurance_reviews.plugin.services import policy_events, replies, reviews
from support.chromium import find_chromium, launch_arguments
from support.host import API, PREFIX, Host, mounted
from support.hostile import FORMS, PLACES, Hostile, hostile
from support.stand import PRODUCT, Seen, Viewer, opened
from support.world import SHOP, World

from .figures import Figure, counted, none_of
from .machine import lacks_chromium
from .places import Place, temporary_folder
from .scale import Scale, steps

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAME = "strings that want to run, in Chromium"
INSURER = PRODUCT.partition("-")[0]
#: Reviews on a page of the wall.
PAGE = 50
#: Where the words of people stand on our pages.
WORDS = ".ir-text, .ir-name, meta[name=description], input[name=q]"

T = TypeVar("T")


def needs() -> list[str]:
    return lacks_chromium()


def run(scale: Scale) -> list[Figure]:
    strings = list(hostile(scale.pick(500, 7_500)))
    # Each form once is enough to see that nobody is blind; a page for one string takes its time.
    known, every = strings[: scale.pick(len(FORMS), None)], scale.pick(20, 1)
    with temporary_folder() as folder, launched() as browser:
        place = Place(folder / "place")
        place.found(lambda world: fill(world, strings))
        with place.opened() as world, mounted(world) as host:
            shop = Shop.found(host, world.invite(PRODUCT), strings)
            with opened(browser, host, strings, policy=False) as viewer:
                figures = control(viewer, known)
                figures.append(through(viewer, shop, every, "without any policy"))
            with opened(browser, host, strings, policy=True) as viewer:
                figures.append(second_line(viewer, known[:: scale.pick(5, 3)]))
                figures.append(through(viewer, shop, every, "under our policies"))
    return figures


@contextmanager
def launched() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=launch_arguments()
        )
        yield browser
        browser.close()


# --- in -------------------------------------------------------------------------------------------


def fill(world: World, strings: Sequence[Hostile]) -> None:
    """Each string is the text, the name and the answer of a review, as far as it may be."""
    for batch in steps("submitting", portions(strings, PAGE)):

        def write(session: Session, batch: Sequence[Hostile] = batch) -> None:
            for string in batch:
                submit(session, world, string.text)

        world.write(write)


def submit(session: Session, world: World, words: str) -> None:
    """What a door refuses is not let in, and the review has other words there."""
    context, now = world.context, world.now
    invited = policy_events.record_policy_event(session, context, SHOP, world.event(PRODUCT), now)
    given = reviews.ReviewInput(
        invitation=invited.token or "",
        score=1 + len(words) % 5,
        text=words if allowed(lambda: clean(words, longest=reviews.MAX_TEXT, shortest=1)) else "好",
        display_name=words if allowed(lambda: mask_name(words)) else None,
        confirm_personal_data=True,
    )
    submitted = reviews.submit_review(session, context, given, now)
    try:
        replies.publish_reply(session, context, INSURER, submitted.id, words, now)
    except InvalidInput:
        return


def allowed(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except TextFault:
        return False
    return True


# --- out ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Door:
    """Addresses at which strings are shown, how many are opened together, and what must be read
    there."""

    name: str
    addresses: Sequence[str]
    together: int
    shown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shop:
    """What the API lists of the product after all doors were tried."""

    strings: Sequence[Hostile]
    #: Cursors of the wall's pages; the first has none.
    pages: Sequence[str | None]
    listed: Sequence[Mapping[str, Any]]
    #: The path of a form.
    form: str

    @classmethod
    def found(cls, host: Host, token: str, strings: Sequence[Hostile]) -> Shop:
        client, listed = host.client(), list[Mapping[str, Any]]()
        pages: list[str | None] = [None]
        while True:
            query = urlencode({"limit": PAGE, **after(pages[-1])})
            answer = client.get(f"{API}/products/{PRODUCT}/reviews?{query}").get_json()
            listed += answer["items"]
            if answer["next"] is None:
                return cls(strings, pages, listed, f"{PREFIX}/i/{token}")
            pages.append(answer["next"])

    def doors(self, every: int) -> Iterator[Door]:
        """What shows one string at a time does so for every so manieth only."""
        texts = frozenset(one["text"] for one in self.listed)
        answers = frozenset(one["reply"]["text"] for one in self.listed if one["reply"])
        masked = frozenset(one["display_name"] for one in self.listed) - {ANONYMOUS}
        whole = frozenset(string.text for string in self.strings)
        views = [urlencode({"limit": PAGE, **after(page)}) for page in self.pages]
        wall = f"{PREFIX}/products/{PRODUCT}"
        yield Door("the wall", [f"{wall}?{v}" for v in views], 5, texts | answers | masked)
        addresses = [f"/unmasked?{v}&from={PAGE * n}" for n, v in enumerate(views)]
        yield Door("the wall, with whole names", addresses, 5, texts | answers | whole)
        addresses = [f"/shop#reviews?{v}" for v in views]
        yield Door("the element", addresses, 5, texts | answers | masked)
        some = self.listed[::every]
        addresses = [f"{PREFIX}/r/{one['id']}" for one in some]
        yield Door("the page of one", addresses, 25, frozenset(one["text"] for one in some))
        asked = [urlencode({"q": string.text}) for string in self.strings[::every]]
        search = f"{PREFIX}/embed/wall?product={PRODUCT}&limit=1"
        yield Door("search", [f"{search}&{q}" for q in asked], 25)
        yield Door("search in the element", [f"/shop#reviews?{q}" for q in asked[::10]], 5)


def after(page: str | None) -> dict[str, str]:
    return {} if page is None else {"after": page}


def through(viewer: Viewer, shop: Shop, every: int, how: str) -> Figure:
    """All strings through all doors: none may run, and what was let in must be read."""
    bad, tally = list[str](), list[str]()
    for door in shop.doors(every):
        seen = Seen()
        for batch in steps(f"{door.name}, {how}", portions(door.addresses, door.together)):
            seen.add(viewer.look(batch, WORDS))
        bad += problems(door.name, seen, shop.strings)
        bad += [f"{door.name} does not show {words!r}" for words in door.shown - seen.read]
        tally.append(f"{door.name} {len(door.shown) or len(door.addresses):,}")
    seen = viewer.type(shop.form, shop.strings, "textarea")
    bad += problems("the form", seen, shop.strings)
    tally.append(f"the form {len(shop.strings):,}")
    strings = counted(len(shop.strings), "string")
    goal = f"{strings} through name, text, reply and search, {how}: none runs"
    return none_of(bad, goal, f"0 ran; shown by {', '.join(tally)}")


def problems(where: str, seen: Seen, strings: Sequence[Hostile]) -> list[str]:
    ran = [f"{where} runs {strings[number].text!r}" for number in sorted(seen.ran)]
    return [*ran, *(f"{where}: {problem}" for problem in seen.blind)]


# --- the control ----------------------------------------------------------------------------------


def careless(viewer: Viewer, strings: Sequence[Hostile], how: str) -> Seen:
    """Pages that put each string where it can run, as it is."""
    seen = Seen()
    for batch in steps(f"careless pages, {how}", portions(strings, 50)):
        addresses = [f"/raw/{string.number}" for string in batch]
        seen.add(viewer.look(addresses, careless=True))
    return seen


def control(viewer: Viewer, strings: Sequence[Hostile]) -> list[Figure]:
    """A harness that sees nothing run there, or nothing in one of the places, is blind."""
    seen = careless(viewer, strings, "without any policy")
    places = {strings[number].place for number in seen.ran} & PLACES.keys()
    bad = [f"nothing runs in the place {place!r}" for place in PLACES.keys() - places]
    if len(seen.ran) < len(strings) / 2:
        bad.append("most do nothing")
    set_inside = Seen()
    for batch in portions(strings, PAGE):
        set_inside.add(viewer.inner(batch))
    if len(set_inside.ran) < len(strings) / 10:
        bad.append("nearly nothing runs as innerHTML")
    value = (
        f"{len(seen.ran):,} of {len(strings):,} run, in {len(places)} of {len(PLACES)} places; "
        f"{len(set_inside.ran):,} as innerHTML"
    )
    return [none_of([*bad, *seen.blind], "careless pages let most of them run", value)]


def second_line(viewer: Viewer, strings: Sequence[Hostile]) -> Figure:
    """If escaping failed, the policy would still stand."""
    seen = careless(viewer, strings, "under our policy")
    bad = problems("a careless page", seen, strings)
    return none_of(bad, "careless pages under our policy: none runs", f"0 of {len(strings):,} ran")


def portions(things: Sequence[T], size: int) -> list[Sequence[T]]:
    return [things[start : start + size] for start in range(0, len(things), size)]
