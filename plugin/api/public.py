"""What anybody may read."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...moderation.log import LogRef
from ...moderation.receipts import make_receipt
from ..errors import ScoreLocked
from ..projections import review_json, summary_json
from ..queries.export import export_reviews
from ..queries.reviews import find_review
from ..queries.summary import read_summary
from ..queries.wall import check_names, read_wall
from ..services.catalogue import find_product, list_products, log_of
from ..state import State
from . import shapes
from .endpoint import Answer, Call, Endpoint
from .models import ExportParameters, WallParameters

#: Everybody may read this from any page; nothing of the reader is sent along.
OPEN = {"Access-Control-Allow-Origin": "*"}
FRESH = {**OPEN, "Cache-Control": "no-cache"}


def get_products(call: Call) -> Answer:
    with call.state.work.reading() as session:
        products = list_products(session)
    items = [
        {
            "sku": product.sku,
            "name": product.name,
            "insurer": product.insurer,
            "insurer_name": product.insurer_name,
            "stages": list(product.stages),
        }
        for product in products
    ]
    return Answer({"items": items}, headers=FRESH)


def get_reviews(call: Call) -> Answer:
    asked: WallParameters = call.parameters
    with call.state.work.reading() as session:
        product = find_product(session, call.path["sku"])
        query = asked.query(product.sku)
        check_names(query, product.aspects)
        page = read_wall(session, query)
    body = {
        "product": product.sku,
        "items": [review_json(review, call.state.settings.timezone) for review in page.reviews],
        "next": page.next,
        "total": page.total,
        "total_is_exact": page.total_is_exact,
    }
    return Answer(body, headers=FRESH)


def get_summary(call: Call) -> Answer:
    with call.state.work.reading() as session:
        product = find_product(session, call.path["sku"])
        summary = read_summary(session, product.sku, product.stages)
    return Answer(summary_json(summary), headers=FRESH)


def get_export(call: Call) -> Answer:
    """All reviews of an insurer, streamed."""
    with call.state.work.reading() as session:
        ref = log_of(session, call.path["slug"])
    lines = _lines(call.state, ref, call.parameters.start)
    return Answer(None, media_type="application/jsonl; charset=utf-8", headers=FRESH, stream=lines)


def _lines(state: State, ref: LogRef, start: int) -> Iterator[bytes]:
    for review in export_reviews(state.work, ref, start):
        line = json.dumps(
            review_json(review, state.settings.timezone), ensure_ascii=False, separators=(",", ":")
        )
        yield line.encode() + b"\n"


def get_review(call: Call) -> Answer:
    with call.state.work.reading() as session:
        review = find_review(session, call.path["review"])
    return Answer(review_json(review, call.state.settings.timezone), headers=FRESH)


def get_receipt(call: Call) -> Answer:
    with call.state.work.reading() as session:
        review = find_review(session, call.path["review"])
        receipt = make_receipt(session, log_of(session, review.insurer), review.index)
    return Answer(
        receipt.format(),
        media_type="text/plain; charset=utf-8",
        headers={**FRESH, "Content-Disposition": f'inline; filename="{review.id}.tlog-proof"'},
    )


def refuse_change(call: Call) -> Answer:
    raise ScoreLocked


ENDPOINTS = (
    Endpoint(
        "GET", "/products", "listProducts", "All products", get_products, answer=shapes.PRODUCTS
    ),
    Endpoint(
        "GET",
        "/products/<sku>/reviews",
        "listReviews",
        "A page of a product's reviews",
        get_reviews,
        parameters=WallParameters,
        answer=shapes.REVIEWS,
        errors=("not-found", "invalid"),
        kept=True,
    ),
    Endpoint(
        "GET",
        "/products/<sku>/summary",
        "getSummary",
        "A product's figures",
        get_summary,
        answer=shapes.SUMMARY,
        errors=("not-found",),
        kept=True,
    ),
    Endpoint(
        "GET",
        "/insurers/<slug>/reviews.jsonl",
        "exportReviews",
        "All reviews of an insurer in the order of its log, one JSON object per line",
        get_export,
        parameters=ExportParameters,
        answer=shapes.TEXT,
        media_type="application/jsonl",
        errors=("not-found", "invalid"),
    ),
    Endpoint(
        "GET",
        "/reviews/<review>",
        "getReview",
        "One review",
        get_review,
        answer=shapes.REVIEW,
        errors=("not-found",),
    ),
    Endpoint(
        "GET",
        "/reviews/<review>/receipt",
        "getReceipt",
        "The proof that a review stands in the log (c2sp.org/tlog-proof@v1)",
        get_receipt,
        answer=shapes.TEXT,
        media_type="text/plain",
        errors=("not-found",),
    ),
    *(
        Endpoint(
            method,
            "/reviews/<review>",
            f"{method.lower()}Review",
            "Refused, always: a score is for ever",
            refuse_change,
            status=403,
            errors=("score-locked",),
        )
        for method in ("PUT", "PATCH", "DELETE")
    ),
)
