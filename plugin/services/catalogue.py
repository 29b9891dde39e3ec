"""Insurers with their logs, products, storefronts with their grants, and API tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from ...moderation.log import LogRef, find_log
from ...moderation.plain_text import TextFault, clean
from ...moderation.prepared import query
from .. import schema
from ..aspects import Aspect
from ..capabilities import new_api_token, token_hash
from ..errors import Fault, InvalidInput, NotFound
from .context import Context

_SLUG = re.compile(r"[a-z0-9-]{2,32}")
_SKU = re.compile(r"[A-Za-z0-9._~-]{1,64}")
#: Scheme, host and port. It stands in a header later, so nothing else may pass.
_ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
_ASPECT = re.compile(r"[a-z][a-z0-9_]{0,31}")
#: So many digits of a hash name a token.
TOKEN_PREFIX = 12
ROLES = ("storefront", "insurer", "compliance", "regulator")


@dataclass(frozen=True, slots=True)
class Product:
    """A product with its insurer. ``stages`` keeps the order of a policy's life."""

    sku: str
    name: str
    name_en: str | None
    insurer: str
    insurer_name: str
    stages: tuple[str, ...]
    aspects: Mapping[str, Sequence[Aspect]] | None


def add_insurer(
    session: Session,
    context: Context,
    slug: str,
    name: str,
    now: datetime,
    *,
    name_en: str | None = None,
) -> LogRef:
    """Register an insurer and open its log. Raises :class:`InvalidInput`."""
    _check_form({"slug": (slug, _SLUG)}, {"name": name})
    if session.scalar(select(schema.insurer.c.slug).where(schema.insurer.c.slug == slug)):
        raise InvalidInput({"slug": Fault("taken")})
    session.execute(
        insert(schema.insurer),
        {"slug": slug, "name": name, "name_en": name_en, "created_at": int(now.timestamp())},
    )
    return context.logs.open(session, slug, context.settings.origin_of(slug), now)


def add_product(
    session: Session,
    sku: str,
    insurer: str,
    name: str,
    now: datetime,
    *,
    name_en: str | None = None,
    stages: Sequence[str] = schema.STAGES,
    aspects: Mapping[str, Sequence[Aspect]] | None = None,
) -> None:
    """Register a product of an insurer. Raises :class:`InvalidInput` or :class:`NotFound`."""
    _check_form({"sku": (sku, _SKU)}, {"name": name})
    unknown = set(stages) - set(schema.STAGES) or not stages
    if unknown or set(aspects or {}) - set(stages):
        raise InvalidInput({"stages": Fault("choice", {"choices": ", ".join(schema.STAGES)})})
    for aspect in (aspect for listed in (aspects or {}).values() for aspect in listed):
        _check_form({"aspects": (aspect.key, _ASPECT)}, {})
    if session.scalar(select(schema.product.c.sku).where(schema.product.c.sku == sku)):
        raise InvalidInput({"sku": Fault("taken")})
    if (
        session.scalar(select(schema.insurer.c.slug).where(schema.insurer.c.slug == insurer))
        is None
    ):
        raise NotFound("no such insurer")
    session.execute(
        insert(schema.product),
        {
            "sku": sku,
            "insurer": insurer,
            "name": name,
            "name_en": name_en,
            "stages": json.dumps([stage for stage in schema.STAGES if stage in stages]),
            "aspects": None if aspects is None else _dump_aspects(aspects),
            "created_at": int(now.timestamp()),
        },
    )
    session.execute(
        insert(schema.product_state),
        {"product": sku, "revision": 0, "removals": 0, "withdrawals": 0},
    )


#: What :func:`product_of_row` reads.
PRODUCT_COLUMNS = (
    schema.product.c.sku,
    schema.product.c.name.label("product_name"),
    schema.product.c.name_en,
    schema.product.c.insurer,
    schema.insurer.c.name.label("insurer_name"),
    schema.product.c.stages,
    schema.product.c.aspects,
)


_product = query(
    select(*PRODUCT_COLUMNS).join(schema.insurer).where(schema.product.c.sku == bindparam("sku"))
)


def product_of_row(row: Any) -> Product:
    """The product in a row that selected :data:`PRODUCT_COLUMNS`."""
    return Product(
        sku=row.sku,
        name=row.product_name,
        name_en=row.name_en,
        insurer=row.insurer,
        insurer_name=row.insurer_name,
        stages=_load_stages(row.stages),
        aspects=None if row.aspects is None else _load_aspects(row.aspects),
    )


def find_product(session: Session, sku: str) -> Product:
    """The product ``sku``. Raises :class:`NotFound`."""
    # PostgreSQL cannot be asked for what is no SKU: a NUL in a parameter is the driver's error.
    found = _product.fetch(session, {"sku": sku}) if _SKU.fullmatch(sku) else []
    if not found:
        raise NotFound("no such product")
    return product_of_row(found[0])


def list_products(
    session: Session, *, skus: Sequence[str] | None = None, insurer: str | None = None
) -> list[Product]:
    """All products, or these, or those of one insurer, by name of the insurer and SKU."""
    statement = select(*PRODUCT_COLUMNS).join(schema.insurer)
    if skus is not None:
        possible = [sku for sku in skus if _SKU.fullmatch(sku)]
        statement = statement.where(schema.product.c.sku.in_(possible))
    if insurer is not None:
        statement = statement.where(schema.product.c.insurer == insurer)
    rows = session.execute(statement.order_by(schema.product.c.insurer, schema.product.c.sku))
    return [product_of_row(row) for row in rows]


def log_of(session: Session, insurer: str) -> LogRef:
    """The log of a registered insurer. Raises :class:`NotFound`."""
    ref = find_log(session, insurer)
    if ref is None:
        raise NotFound("no such insurer")
    return ref


def insurer_name(session: Session, slug: str) -> str:
    """The insurer's name. Raises :class:`NotFound`."""
    name: str | None = session.scalar(
        select(schema.insurer.c.name).where(schema.insurer.c.slug == slug)
    )
    if name is None:
        raise NotFound("no such insurer")
    return name


def add_storefront(
    session: Session,
    slug: str,
    name: str,
    now: datetime,
    *,
    insurers: Sequence[str],
    origins: Sequence[str] = (),
) -> None:
    """Register a shop, the insurers it may send events for, and the origins it embeds on."""
    _check_form({"slug": (slug, _SLUG)}, {"name": name})
    if session.scalar(select(schema.storefront.c.slug).where(schema.storefront.c.slug == slug)):
        raise InvalidInput({"slug": Fault("taken")})
    if any(not _is_origin(origin) for origin in origins):
        raise InvalidInput({"origins": Fault("origin")})
    session.execute(
        insert(schema.storefront),
        {
            "slug": slug,
            "name": name,
            "origins": json.dumps(list(origins)),
            "created_at": int(now.timestamp()),
        },
    )
    for insurer in insurers:
        log_of(session, insurer)
        session.execute(insert(schema.storefront_grant), {"storefront": slug, "insurer": insurer})
        # Framed walls say who may frame them.
        touch_products(session, insurer)


def may_sell(session: Session, storefront: str, insurer: str) -> bool:
    """Whether the storefront was granted this insurer."""
    grant = schema.storefront_grant
    return (
        session.scalar(
            select(grant.c.insurer).where(
                grant.c.storefront == storefront, grant.c.insurer == insurer
            )
        )
        is not None
    )


def touch_products(session: Session, insurer: str) -> None:
    """Something changed that all walls of an insurer show."""
    state, product = schema.product_state, schema.product
    own = select(product.c.sku).where(product.c.insurer == insurer)
    session.execute(
        update(state).where(state.c.product.in_(own)).values(revision=state.c.revision + 1)
    )


def embedding_origins(session: Session, insurer: str) -> list[str]:
    """The origins of the storefronts that were granted ``insurer``: who may frame its walls."""
    rows = session.scalars(
        select(schema.storefront.c.origins)
        .join(schema.storefront_grant)
        .where(schema.storefront_grant.c.insurer == insurer)
    )
    return sorted({origin for row in rows for origin in json.loads(row)})


def storefront_origins(session: Session) -> frozenset[str]:
    """The origins of all storefronts: whose pages may make calls that are no public reads."""
    rows = session.scalars(select(schema.storefront.c.origins))
    return frozenset(origin for row in rows for origin in json.loads(row))


def issue_token(
    session: Session,
    role: str,
    subject: str,
    now: datetime,
    *,
    label: str = "",
    token: str | None = None,
) -> str:
    """A new API token; it is returned once and only its hash is kept.

    ``subject`` is the storefront, the insurer or the authority. ``token`` is for demonstrations,
    whose tokens are fixed.
    """
    if role not in ROLES:
        raise InvalidInput({"role": Fault("choice", {"choices": ", ".join(ROLES)})})
    if role in {"insurer", "compliance"}:
        log_of(session, subject)
    if role == "storefront" and not session.scalar(
        select(schema.storefront.c.slug).where(schema.storefront.c.slug == subject)
    ):
        raise NotFound("no such storefront")
    token = token or new_api_token()
    session.execute(
        insert(schema.token),
        {
            "hash": token_hash(token),
            "role": role,
            "subject": subject,
            "label": label,
            "created_at": int(now.timestamp()),
        },
    )
    return token


@dataclass(frozen=True, slots=True)
class Token:
    """An API token as its operator may see it: never the token, only its hash's beginning."""

    prefix: str
    role: str
    subject: str
    label: str
    created_at: datetime
    revoked: bool


def list_tokens(session: Session) -> list[Token]:
    """All tokens, oldest first."""
    table = schema.token
    rows = session.execute(select(table).order_by(table.c.created_at, table.c.hash))
    return [
        Token(
            row.hash[:TOKEN_PREFIX],
            row.role,
            row.subject,
            row.label,
            datetime.fromtimestamp(row.created_at, UTC),
            row.revoked_at is not None,
        )
        for row in rows
    ]


def revoke_token(session: Session, prefix: str, now: datetime) -> None:
    """Make the token whose hash begins with ``prefix`` worthless from now on.

    Raises :class:`NotFound` unless exactly one token does.
    """
    table = schema.token
    found = [
        digest
        for digest in session.scalars(select(table.c.hash))
        if len(prefix) >= TOKEN_PREFIX and digest.startswith(prefix)
    ]
    if len(found) != 1:
        raise NotFound("no such token: see flask reviews token list")
    session.execute(
        update(table).where(table.c.hash == found[0]).values(revoked_at=int(now.timestamp()))
    )


def _check_form(
    patterns: Mapping[str, tuple[str, re.Pattern[str]]], names: Mapping[str, str]
) -> None:
    faults = {
        name: Fault("form", {"pattern": pattern.pattern})
        for name, (value, pattern) in patterns.items()
        if not pattern.fullmatch(value)
    }
    for name, value in names.items():
        try:
            if clean(value, longest=120, shortest=1, lines=False) != value:
                faults[name] = Fault("required")
        except TextFault as error:
            faults[name] = error.fault
    if faults:
        raise InvalidInput(faults)


def _is_origin(origin: str) -> bool:
    return _ORIGIN.fullmatch(origin) is not None


def _dump_aspects(aspects: Mapping[str, Sequence[Aspect]]) -> str:
    return json.dumps(
        {
            stage: [[a.key, a.label, a.label_en] for a in listed]
            for stage, listed in aspects.items()
        },
        ensure_ascii=False,
    )


# Every review and every page reads its product, and the texts are few.
@lru_cache
def _load_stages(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


@lru_cache
def _load_aspects(text: str) -> Mapping[str, tuple[Aspect, ...]]:
    return {
        stage: tuple(Aspect(*members) for members in listed)
        for stage, listed in json.loads(text).items()
    }
