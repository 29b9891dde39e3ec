"""What the demo shop sells: three fictional insurers and their six products.

The words stand in `catalogue.toml` beside this module, because a page of product text is
easier to write and to review there than in Python literals. This module only says what form
they must have, and refuses anything else when it loads them. It knows neither Flask nor a
database: the shop's pages and its seeding read the same frozen objects.
"""

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, with_config

Stage = Literal["underwriting", "renewal", "claim"]
Line = Literal["医疗", "重疾", "车险", "意外", "旅行", "家财"]

STRICT = ConfigDict(extra="forbid", strict=True)
"""Unknown keys are refused and no value is converted: `score = "5"` is an error, not a 5."""

_SLUG = re.compile(r"[a-z0-9-]{2,32}")
_SKU = re.compile(r"[A-Za-z0-9._~-]{1,64}")


def _unique(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{what} {name!r} occurs twice")
        seen.add(name)


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Insurer:
    """One fictional insurer. `character` is what its customers would say of it in a sentence."""

    slug: str
    name: str
    company: str
    english_name: str
    character: str
    hotline_hours: str

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.slug):
            raise ValueError(f"slug {self.slug!r} must match {_SLUG.pattern}")


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Cover:
    """One line of the table of benefits: what, up to how much, and how it is counted."""

    title: str
    amount: str
    note: str


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Term:
    """A word of the contract that decides money later (免赔额, 等待期, 犹豫期 …) in plain words."""

    name: str
    text: str


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Question:
    """A question buyers ask, with the shop's answer."""

    question: str
    answer: str


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Product:
    """One product page. `stages` are those at which the shop invites its holder to review."""

    sku: str
    insurer: str
    line: Line
    name: str
    english_name: str
    tagline: str
    english_tagline: str
    price: str
    price_basis: str
    eligible: str
    stages: tuple[Stage, ...]
    coverage: tuple[Cover, ...]
    terms: tuple[Term, ...]
    exclusions: tuple[str, ...]
    faq: tuple[Question, ...]

    def __post_init__(self) -> None:
        if not _SKU.fullmatch(self.sku):
            raise ValueError(f"sku {self.sku!r} must match {_SKU.pattern}")
        if not self.stages:
            raise ValueError(f"{self.sku}: at least one stage")
        _unique(self.stages, f"{self.sku}: stage")


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything on the shelves, in the order in which the shop shows it."""

    insurers: tuple[Insurer, ...]
    products: tuple[Product, ...]

    def __post_init__(self) -> None:
        _unique((one.slug for one in self.insurers), "insurer")
        _unique((one.sku for one in self.products), "product")
        for one in self.products:
            self.insurer(one.insurer)

    def insurer(self, slug: str) -> Insurer:
        """The insurer with this slug. `LookupError` when the shop works with no such insurer."""
        for one in self.insurers:
            if one.slug == slug:
                return one
        raise LookupError(f"no insurer {slug!r} in the catalogue")

    def product(self, sku: str) -> Product:
        """The product with this sku. `LookupError` when the shop does not sell it."""
        for one in self.products:
            if one.sku == sku:
                return one
        raise LookupError(f"no product {sku!r} in the catalogue")


@cache
def load() -> Catalogue:
    """Read and check `catalogue.toml`. `ValueError` (pydantic's) names the place of a mistake."""
    source = resources.files(__package__).joinpath("catalogue.toml").read_text("utf-8")
    # By way of JSON, where pydantic's strict mode accepts an array for a tuple.
    return TypeAdapter(Catalogue).validate_json(json.dumps(tomllib.loads(source)))
