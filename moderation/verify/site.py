"""Where everything stands below a shop's prefix, and how much of it is read at most."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

from ..tlog.merkle import HASH_SIZE
from ..tlog.note import MAX_NOTE
from ..tlog.tile import MAX_LEAF, TILE_WIDTH, tile_path
from .bounded import Oversize, items, loads
from .fetch import Fetch, read, read_lines
from .findings import CannotCheck

MAX_TILE: Final = TILE_WIDTH * HASH_SIZE
MAX_BUNDLE: Final = TILE_WIDTH * (2 + MAX_LEAF)
#: One review with all that stands below it: a hundred and fifty of the longest texts in Chinese. A
#: page of reviews may have no more, and is asked for again with fewer of them where it has.
MAX_REVIEW: Final = 2_500_000
#: The values and names in it: those of more than a thousand texts.
REVIEW_MARKS: Final = 50_000
#: A product's figures, with a thousand topics.
MAX_SUMMARY: Final = 500_000
SUMMARY_MARKS: Final = 20_000
#: The list of products, and one of them.
MAX_PRODUCTS: Final = 16_000_000
MAX_PRODUCT: Final = 20_000
PRODUCT_MARKS: Final = 200

_LOG: Final = "/log/"


class Unreadable(ValueError):
    """A 200 whose body is not the JSON it should be."""


class TooLong(Unreadable):
    """One that is longer than it may be."""


@dataclass(frozen=True, slots=True)
class Site:
    """The addresses of one log and of what its shop shows, below ``prefix``."""

    fetch: Fetch
    prefix: str
    insurer: str

    @classmethod
    def of(cls, fetch: Fetch, url: str, origin: str) -> Site:
        """Read ``url``: the log's address, or the prefix, where the origin names the insurer.

        Raises :class:`CannotCheck` for what is no address.
        """
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise CannotCheck(f"{url!r} is no address: {error}", "address") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CannotCheck(f"{url!r} is not an http or https address", "address")
        if parts.query or parts.fragment:
            raise CannotCheck(f"{url!r}: leave out what follows ? or #", "address")
        plain = url.removesuffix("/").removesuffix("/checkpoint")
        before, found, insurer = plain.rpartition(_LOG)
        if found and insurer and "/" not in insurer:
            return cls(fetch, before, insurer)
        return cls(fetch, plain, origin.rsplit("/", 1)[-1])

    @property
    def log(self) -> str:
        """The log's address, with its final slash."""
        return f"{self.prefix}{_LOG}{quote(self.insurer)}/"

    def note(self, name: str) -> bytes | None:
        """``checkpoint``, ``witnessed`` or ``key`` of the log; ``None`` when it is not served."""
        return self._read(self.log + name, MAX_NOTE)

    def tile(
        self, level: int | None, number: int, width: int, wait: Callable[[], None] = lambda: None
    ) -> bytes | None:
        """A tile or a bundle; ``None`` when it is not served. A large one is read to its end after
        ``wait``."""
        url = self.log + tile_path(level, number, width)
        return read(self.fetch(url), url, MAX_BUNDLE if level is None else MAX_TILE, wait)

    def export(self) -> Iterator[bytes]:
        """The lines of ``reviews.jsonl``."""
        url = f"{self.prefix}/api/v1/insurers/{quote(self.insurer)}/reviews.jsonl"
        return read_lines(self.fetch(url), url, MAX_REVIEW)

    def products(self) -> Iterator[Any]:
        """The items of ``GET /products``, one after the other. Raises :class:`Unreadable` where
        they end, and :class:`CannotCheck` without an answer."""
        url = f"{self.prefix}/api/v1/products"
        data = self._read(url, MAX_PRODUCTS)
        if data is None:
            raise CannotCheck(f"there is no API at {self.prefix}/api/v1", "http-status")
        _check_length(data, url, MAX_PRODUCTS)
        try:
            yield from items(data, MAX_PRODUCT, PRODUCT_MARKS)
        except (ValueError, AttributeError) as error:
            raise Unreadable(f"{url} is not JSON as it should be: {error}") from error

    def summary(self, sku: str) -> Any:
        """A product's figures; ``None`` when there is no such product."""
        return self._json(f"/products/{quote(sku, safe='')}/summary", MAX_SUMMARY, SUMMARY_MARKS)

    def wall(self, sku: str, limit: int, after: str | None) -> Any:
        """A page of a product's reviews in the order that everybody sees first."""
        cursor = f"&after={quote(after, safe='')}" if after is not None else ""
        return self._json(f"/products/{quote(sku, safe='')}/reviews?limit={limit}{cursor}")

    def review(self, name: str) -> Any:
        """One review; ``None`` when there is none of this id."""
        return self._json(f"/reviews/{quote(name, safe='')}")

    def _json(self, path: str, limit: int = MAX_REVIEW, marks: int = REVIEW_MARKS) -> Any:
        url = f"{self.prefix}/api/v1{path}"
        data = self._read(url, limit)
        if data is None:
            return None
        _check_length(data, url, limit)
        return parse_json(data, url, marks)

    def _read(self, url: str, limit: int) -> bytes | None:
        return read(self.fetch(url), url, limit)


def parse_json(data: bytes, url: str, marks: int = REVIEW_MARKS) -> Any:
    """The value of ``data``, its numbers exact. Raises :class:`Unreadable`."""
    try:
        return loads(data, marks)
    except Oversize as error:
        raise TooLong(f"{url} is refused: {error}") from error
    except ValueError as error:
        raise Unreadable(f"{url} is not JSON: {error}") from error


def _check_length(data: bytes, url: str, limit: int) -> None:
    if len(data) > limit:
        raise TooLong(f"{url} is refused: it is longer than {limit:,} bytes")
