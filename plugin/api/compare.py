"""Insurers and products side by side."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..projections import Json, aspects_json, number_json, scores_json
from ..queries.compare import MOST_NAMED, PAGE_SIZE, CompareQuery, Side, compare
from . import shapes
from .endpoint import Answer, Call, Endpoint
from .models import Parameters, Sku, Stage
from .public import FRESH

Insurer = Annotated[str, Field(pattern=r"^[a-z0-9-]{2,32}$")]


class CompareParameters(Parameters):
    """Of ``insurer`` and ``product`` there may be several. ``by`` is what is compared: products
    when some are named, else insurers."""

    stage: Stage = "claim"
    by: Literal["insurer", "product"] | None = None
    insurer: list[Insurer] = Field([], max_length=MOST_NAMED)
    product: list[Sku] = Field([], max_length=MOST_NAMED)
    sort: Literal["name", "average", "count", "coverage"] = "name"
    limit: int = Field(PAGE_SIZE, ge=1, le=PAGE_SIZE)
    after: str | None = Field(None, max_length=64)

    def query(self) -> CompareQuery:
        """What they ask for."""
        return CompareQuery(
            stage=self.stage,
            kind=self.by or ("product" if self.product else "insurer"),
            insurers=tuple(self.insurer),
            products=tuple(self.product),
            order=self.sort,
            limit=self.limit,
            after=self.after,
        )


def get_comparison(call: Call) -> Answer:
    asked: CompareParameters = call.parameters
    query = asked.query()
    with call.state.work.reading() as session:
        found = compare(session, query)
    body = {
        "stage": query.stage,
        "by": query.kind,
        "items": [_side_json(side) for side in found.sides],
        "next": found.next,
        "total": found.total,
    }
    return Answer(body, headers=FRESH)


def _side_json(side: Side) -> Json:
    product = side.product
    return {
        "insurer": side.insurer,
        "insurer_name": side.insurer_name,
        "product": None if product is None else product.sku,
        "product_name": None if product is None else product.name,
        **scores_json(side.scores),
        "overlaps": side.overlaps,
        "aspects": aspects_json(side.aspects),
        "eligible": side.eligible,
        "coverage": number_json(side.coverage),
        "all_stages": {
            "count": side.written,
            "replies": {
                "rate": number_json(side.reply_rate),
                "median_hours": side.median_hours,
            },
            "removals": side.removals,
        },
    }


COMPARISON = shapes.obj(
    {
        "stage": shapes.STAGE,
        "by": {"enum": ["insurer", "product"]},
        "items": shapes.arr(
            shapes.obj(
                {
                    "insurer": shapes.STRING,
                    "insurer_name": shapes.STRING,
                    "product": shapes.null_or(shapes.STRING),
                    "product_name": shapes.null_or(shapes.STRING),
                    **shapes.SCORES,
                    "overlaps": shapes.COUNT,
                    "aspects": shapes.ASPECTS,
                    "eligible": shapes.COUNT,
                    "coverage": shapes.SHARE,
                    "all_stages": shapes.obj(
                        {
                            "count": shapes.COUNT,
                            "replies": shapes.REPLIES,
                            "removals": shapes.COUNT,
                        }
                    ),
                }
            )
        ),
        "next": shapes.null_or(shapes.STRING),
        "total": shapes.COUNT,
    }
)

ENDPOINTS = (
    Endpoint(
        "GET",
        "/compare",
        "compare",
        "Insurers, or products, side by side at one stage",
        get_comparison,
        parameters=CompareParameters,
        answer=COMPARISON,
        errors=("not-found", "invalid"),
    ),
)
