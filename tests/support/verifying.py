"""The verifier over an application in this process, and a liar between the two."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insurance_reviews.moderation.verify.fetch import Answer, Fetch
from insurance_reviews.moderation.verify.outcome import Options, Outcome
from insurance_reviews.moderation.verify.run import verify

from . import static_log
from .host import ADDRESS, PREFIX, Host
from .static_log import StaticShop

if TYPE_CHECKING:
    from flask import Flask

#: What the API and the log are mounted below.
SITE = ADDRESS + PREFIX


def app_fetch(app: Flask) -> Fetch:
    """Ask ``app`` instead of a network."""
    client = app.test_client()

    def fetch(url: str) -> Answer:
        assert url.startswith(ADDRESS), url
        response = client.get(url.removeprefix(ADDRESS))
        return Answer.of(response.get_data(), response.status_code)

    return fetch


@dataclass
class Liar:
    """A fetcher that changes what it hands on. ``lies`` take (address below the prefix, body)."""

    fetch: Fetch
    prefix: str = SITE
    lies: list[Callable[[str, bytes], bytes | None]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __call__(self, url: str) -> Answer:
        path = url.removeprefix(self.prefix)
        self.asked.append(path)
        answer = self.fetch(url)
        if answer.status != 200:
            return answer
        body: bytes | None = answer.body.read()
        for lie in self.lies:
            if body is not None:
                body = lie(path, body)
        return Answer.of(b"", 404) if body is None else Answer.of(body)

    def about(self, part: str, change: Callable[[bytes], bytes | None]) -> Liar:
        """Change every answer whose address contains ``part``; ``None`` hides it."""
        self.lies.append(lambda path, body: change(body) if part in path else body)
        return self

    def about_json(self, part: str, change: Callable[[Any], Any]) -> Liar:
        """Change every JSON answer (each line of JSON lines) whose address contains ``part``.

        ``change`` changes its argument in place, or gives another; ``False`` drops a line.
        """

        def one(line: bytes) -> bytes:
            value = json.loads(line)
            changed = change(value)
            if changed is False:
                return b""
            changed = value if changed is None else changed
            return json.dumps(changed).encode() + b"\n"

        def all_lines(body: bytes) -> bytes:
            return b"".join(map(one, body.splitlines()))

        return self.about(part, all_lines)


def key_of(host: Host, insurer: str = "anxin") -> str:
    """The verifier key that the log publishes."""
    return host.client().get(f"{PREFIX}/log/{insurer}/key").get_data(as_text=True).split("\n")[0]


def check(
    host: Host, fetch: Fetch | None = None, *, insurer: str = "anxin", **options: Any
) -> Outcome:
    """Verify the log of ``insurer`` and what ``host`` shows."""
    given = {"key": key_of(host, insurer), "url": SITE, **_beside(options), **options}
    return verify(Options(**given), fetch or app_fetch(host.app))


@cache
def _evidence() -> Path:
    """Where the evidence goes of which a test says nothing; gone with this process."""
    folder = tempfile.mkdtemp(prefix="evidence-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _beside(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Never into the folder from which the tests were started."""
    return {} if "state" in options else {"evidence": _evidence()}


def keep(host: Host, path: Path, insurer: str = "anxin") -> Path:
    """Save the log's newest checkpoint as somebody outside would."""
    note = host.client().get(f"{PREFIX}/log/{insurer}/checkpoint").get_data()
    path.write_bytes(note)
    return path


def check_static(
    shop: StaticShop, fetch: Fetch | None = None, *, address: bool = True, **options: Any
) -> Outcome:
    """Verify a shop that is made of files."""
    url = static_log.PREFIX if address else None
    given = {"key": shop.key, "url": url, **_beside(options), **options}
    return verify(Options(**given), fetch or shop.fetch)


def liar(shop: StaticShop) -> Liar:
    """A liar between the verifier and a shop that is made of files."""
    return Liar(shop.fetch, static_log.PREFIX)
