"""Addresses. Pages link to each other by path, mails and APIs by absolute URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote_plus

from .settings import Settings

#: A wall has twenty-five links that all carry the same few names and values. Longer ones are not
#: remembered (characters).
_SHORT = 100
_remembered = lru_cache(1_024)(quote_plus)


def _quoted(text: str) -> str:
    return _remembered(text) if len(text) <= _SHORT else quote_plus(text)


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of our pages, below ``root``: the prefix, or the absolute base URL.

    ``lang`` is the language that a reader asked for in the address; the pages that readers are led
    to go on in it.
    """

    root: str
    lang: str | None = None

    @classmethod
    def paths(cls, settings: Settings) -> Links:
        return cls(settings.url_prefix)

    @classmethod
    def absolute(cls, settings: Settings) -> Links:
        return cls(settings.base_url)

    def products(self) -> str:
        return self._page("/products")

    def wall(self, sku: str) -> str:
        return self._page(f"/products/{sku}")

    def compare(self, stage: str | None = None) -> str:
        """Insurers side by side, at ``stage``."""
        return self._page("/compare", "" if stage is None else f"stage={stage}")

    def compare_data(self) -> str:
        return f"{self.root}/api/v1/compare"

    def badge(self, sku: str) -> str:
        return f"{self.root}/badge/{sku}.svg"

    def frame(self, sku: str) -> str:
        return f"{self.root}/frame/wall?product={sku}"

    def review(self, review: str) -> str:
        return self._page(f"/r/{review}")

    def receipt_page(self, review: str) -> str:
        return self._page(f"/r/{review}/receipt")

    def receipt_file(self, review: str) -> str:
        return f"{self.root}/r/{review}/receipt.json"

    def verify(self, review: str) -> str:
        return self._page(f"/r/{review}/verify")

    def author(self, review: str) -> str:
        return self._page(f"/r/{review}/author")

    def review_data(self, review: str) -> str:
        return f"{self.root}/api/v1/reviews/{review}"

    def summary_data(self, sku: str) -> str:
        return f"{self.root}/api/v1/products/{sku}/summary"

    def reviews_data(self, sku: str) -> str:
        return f"{self.root}/api/v1/products/{sku}/reviews"

    def receipt(self, review: str) -> str:
        return f"{self.root}/api/v1/reviews/{review}/receipt"

    def invitation(self, token: str) -> str:
        return f"{self.root}/i/{token}"

    def link_request(self, *, sent: bool = False) -> str:
        return self._page("/link", "sent=1" if sent else "")

    def log(self, insurer: str) -> str:
        return self._page(f"/log/{insurer}/")

    def export(self, insurer: str) -> str:
        return f"{self.root}/api/v1/insurers/{insurer}/reviews.jsonl"

    def _page(self, path: str, query: str = "") -> str:
        asked = "&".join(filter(None, (query, self.lang and f"lang={self.lang}")))
        return f"{self.root}{path}?{asked}" if asked else self.root + path

    def desk(self, *parts: str) -> str:
        return "/".join((f"{self.root}/desk", *parts)) + ("" if parts else "/")

    def regulator(self, *parts: str) -> str:
        return "/".join((f"{self.root}/regulator", *parts)) + ("" if parts else "/")


@dataclass(frozen=True, slots=True)
class WallLinks:
    """The addresses of one wall: the page it stands on, with the wall's own parameters.

    Inside a host's page the parameters are prefixed and the page's own ones are kept, so that
    filters work there without a script.
    """

    path: str
    prefix: str = ""
    kept: tuple[tuple[str, str], ...] = ()
    anchor: str = ""

    def to(self, parameters: Mapping[str, object]) -> str:
        """The address with these of the wall's parameters; ``None`` leaves one out."""
        ours = [
            (self.prefix + name, str(value))
            for name, value in parameters.items()
            if value is not None
        ]
        query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in (*self.kept, *ours))
        return self.path + (f"?{query}" if query else "") + self.anchor
