"""The check of a receipt as a test drives it: a window, a file, and what is served on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.note import Signer, sign_note
from insurance_reviews.moderation.tlog.tile import parse_bundle, tree_bundles
from insurance_reviews.plugin.services.reviews import Submitted
from support.host import PREFIX

from .trees import Tree
from .watch import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

Json = dict[str, Any]
#: What is served instead: these bytes, this status, or something made of the real answer.
Served = bytes | int | Callable[[bytes], bytes]
STEPS = (
    "signature",
    "inclusion",
    "words",
    "key",
    "consistency",
    "facts",
    "text",
    "followups",
)
FINE = {**dict.fromkeys(STEPS, "ok"), "followups": "skip"}


@dataclass
class Tall(Site):
    """A site whose log goes on for more than one tile of 256, and its first review."""

    first: Submitted


@dataclass
class Check:
    """A window with the page of one review, and what its check says."""

    page: Page
    site: Site
    #: By the path below the prefix.
    served: dict[str, Served] = field(default_factory=dict)

    def run(self, receipt: Json | str | bytes, name: str = "x.receipt.json") -> Check:
        """Hand over a file, and wait for the verdict."""
        if isinstance(receipt, dict):
            receipt = json.dumps(receipt, ensure_ascii=False)
        data = receipt.encode() if isinstance(receipt, str) else receipt
        self.page.set_input_files(
            "[data-file]", {"name": name, "mimeType": "application/json", "buffer": data}
        )
        return self.wait()

    def wait(self) -> Check:
        self.page.locator("[data-verdict]:focus").wait_for()
        return self

    @property
    def verdict(self) -> str:
        return self.page.locator("[data-verdict]").inner_text()

    @property
    def kind(self) -> str | None:
        return self.page.locator("[data-verdict]").get_attribute("data-kind")

    @property
    def title(self) -> str:
        return self.page.locator("[data-verdict] h2").inner_text()

    @property
    def steps(self) -> dict[str, str | None]:
        rows = self.page.locator("[data-step]").all()
        return {
            row.get_attribute("data-step") or "": row.get_attribute("data-outcome") for row in rows
        }

    @property
    def wrong(self) -> list[str]:
        return [step for step, outcome in self.steps.items() if outcome == "bad"]

    def said(self, step: str) -> str:
        return self.page.locator(f"[data-step={step}] [data-found]").inner_text()

    def _serve(self, route: Route) -> None:
        path = route.request.url.removeprefix(self.site.address + PREFIX)
        match self.served.get(path):
            case None:
                route.continue_()
            case int() as status:
                route.fulfill(status=status)
            case bytes() as body:
                route.fulfill(status=200, body=body)
            case change:
                route.fulfill(status=200, body=change(route.fetch().body()))


@contextmanager
def checking(
    site: Site,
    review: str,
    served: Mapping[str, Served] | None = None,
    **options: Any,
) -> Iterator[Check]:
    """The page of `review`, open, with some answers replaced."""
    with site.window(**options) as window:
        check = Check(window.page, site, dict(served or {}))
        if served is not None:
            window.page.route("**/*", check._serve)
        window.open(f"{PREFIX}/r/{review}/verify")
        window.page.locator("[data-tool]").wait_for()
        yield check


def receipt_of(site: Site, review: Submitted | str, key: bool = False) -> Json:
    """The receipt file, with the author key where that is asked for."""
    path = f"{PREFIX}/r/{review if isinstance(review, str) else review.id}/receipt.json"
    client = site.host.client()
    if key and isinstance(review, Submitted):
        answer = client.post(path, data={"author_key": review.author_key})
    else:
        answer = client.get(path)
    assert answer.status_code == 200
    return json.loads(answer.get_data())  # type: ignore[no-any-return]


def data_of(review: Submitted) -> str:
    return f"/api/v1/reviews/{review.id}"


def shows(change: Callable[[Json], object]) -> Callable[[bytes], bytes]:
    """An answer of the API with something changed."""

    def changed(body: bytes) -> bytes:
        shown = json.loads(body)
        change(shown)
        return json.dumps(shown, ensure_ascii=False).encode()

    return changed


@dataclass
class Rewritten:
    """The log of an insurer with other leaves, signed anew, and as files."""

    site: Site
    insurer: str = "anxin"
    signer: Signer | None = None

    def leaves(self) -> list[bytes]:
        client = self.site.host.client()
        log = f"{PREFIX}/log/{self.insurer}"
        note = client.get(f"{log}/checkpoint").get_data(as_text=True)
        size = Checkpoint.of_own_note(note).size
        found = []
        for _, number, width in tree_bundles(size):
            partial = f".p/{width}" if width < 256 else ""
            bundle = client.get(f"{log}/tile/entries/{number:03}{partial}")
            found += parse_bundle(bundle.get_data())
        return found

    def serve(self, leaves: list[bytes]) -> dict[str, Served]:
        tree = Tree(leaves)
        world = self.site.host.world
        ref = world.ref(self.insurer)
        signer = self.signer or world.context.logs.keys.signer(self.insurer)
        note = sign_note(Checkpoint(ref.origin, tree.size, tree.root()).format(), signer)
        files = {**tree.files(), "checkpoint": note.encode()}
        if self.signer:
            files["key"] = f"{self.signer.verifier_key()}\n".encode()
        log = f"/log/{self.insurer}"
        return {f"{log}/{path}": data for path, data in files.items()}


def changed_leaf(leaf: bytes, **changes: object) -> bytes:
    entry = {**json.loads(leaf), **changes}
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
