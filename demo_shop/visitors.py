"""Who is looking at the shop: a visitor by cookie, who may have stepped into a role."""

from __future__ import annotations

import secrets
from random import Random

from flask import session

from insurance_reviews.demo_shop import identities
from insurance_reviews.demo_shop.identities import Identity
from insurance_reviews.plugin import Staff

#: Names to buy under, for visitors who do not want to give one of theirs.
NAMES = ("林晚舟", "欧阳知夏", "陈一帆", "沈小满", "周子衿", "许青禾", "程望舒", "何见山")


def visitor() -> str:
    """The current visitor's name for our records; from the first purchase on it is kept."""
    if "visitor" not in session:
        session["visitor"] = secrets.token_urlsafe(12)
        session.permanent = True
    name: str = session["visitor"]
    return name


def known_visitor() -> str | None:
    """The same, or ``None`` for who has not bought anything: looking sets no cookie."""
    name: str | None = session.get("visitor")
    return name


def suggested_contact(visitor: str) -> tuple[str, str]:
    """A name and an e-mail address to fill the form with, always the same for one visitor."""
    random = Random(visitor)
    return random.choice(NAMES), f"me-{random.randrange(16**6):06x}@mail.example"


def current_identity() -> Identity | None:
    """The role that the visitor stepped into."""
    return identities.find(session.get("identity"))


def current_staff() -> Staff | None:
    """The plugin's ``identity`` callable."""
    identity = current_identity()
    return None if identity is None else identity.staff
