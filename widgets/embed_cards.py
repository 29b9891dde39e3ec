"""What the badge shows, and the desk's page about putting the reviews on other pages."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .cards import LinkCard, ProductCard

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
#: What a framed wall may be asked for, as the ``color-scheme`` of CSS.
SCHEMES = {"light": "light", "dark": "dark", "auto": "light dark"}


@dataclass(frozen=True, slots=True)
class BadgeCard:
    """A picture of stars, average and count. ``title`` is its text for who does not see it,
    ``width`` is in pixels."""

    theme: Theme
    title: str
    label: str
    average: Decimal | None
    width: int
    height: int = 36


@dataclass(frozen=True, slots=True)
class ScriptCard:
    """A script of ours for other people's pages, and the hash that pins it."""

    url: str
    integrity: str


@dataclass(frozen=True, slots=True)
class ProductEmbedCard:
    """The absolute addresses of one product's reviews; ``preview_url`` is the frame's path, and
    ``badge_path`` the badge's."""

    product: ProductCard
    frame_url: str
    preview_url: str
    badge_url: str
    badge_path: str
    badge: BadgeCard
    summary_url: str
    reviews_url: str


@dataclass(frozen=True, slots=True)
class EmbedCard:
    """The page: its products, the one that is shown (``None`` without products), the origins on
    which frames open, and what the operator has the element say in its own words, by the keys of
    ``words.ELEMENT``."""

    insurer_name: str
    products: tuple[LinkCard, ...]
    shown: ProductEmbedCard | None
    define: ScriptCard
    frames: ScriptCard
    origins: tuple[str, ...]
    reworded: tuple[tuple[str, str], ...] = ()
