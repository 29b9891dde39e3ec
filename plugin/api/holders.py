"""What policyholders do: read their invitation, review, follow up, withdraw. The body carries the
authority."""

from __future__ import annotations

from typing import Any

from ...widgets.i18n import translate
from ...widgets.words import ASPECTS
from ..aspects import aspects_of
from ..projections import log_json, time_json
from ..responses import language
from ..services.authors import withdraw_texts
from ..services.invitations import find_invitation
from ..services.reviews import ReviewInput
from ..submitting import follow_up, submit
from . import shapes
from .endpoint import Answer, Call, Endpoint
from .models import FollowUpBody, ReviewBody, WithdrawalBody

PRIVATE = {"Cache-Control": "no-store"}


def get_invitation(call: Call) -> Answer:
    with call.state.work.reading() as session:
        invitation = find_invitation(session, call.state.context, call.path["token"])
    product = invitation.product
    lang = language()
    translations = call.state.renderer.catalogue(lang)
    aspects = [
        {
            "key": aspect.key,
            "label": (aspect.label_en if lang == "en" else None)
            or aspect.label
            or translate(translations, ASPECTS[invitation.stage, aspect.key]),
        }
        for aspect in aspects_of(product.aspects, invitation.stage)
    ]
    body = {
        "product": product.sku,
        "product_name": product.name,
        "insurer": product.insurer,
        "insurer_name": product.insurer_name,
        "stage": invitation.stage,
        "occurred_on": invitation.occurred_on.isoformat(),
        "expires_at": time_json(int(invitation.expires_at.timestamp())),
        "used": invitation.review is not None,
        "aspects": aspects,
    }
    return Answer(body, headers=PRIVATE)


def post_review(call: Call) -> Answer:
    body: ReviewBody = call.body
    given = ReviewInput(
        invitation=body.invitation,
        score=body.score,
        aspects=body.aspects or {},
        text=body.text,
        display_name=body.display_name,
        author=body.author,
        confirm_personal_data=body.confirm_personal_data,
    )
    submitted = submit(call.state, given, call.now)
    base = call.state.settings.base_url
    url = f"{base}/r/{submitted.id}"
    answer: dict[str, Any] = {
        "id": submitted.id,
        "url": url,
        "receipt_url": f"{base}/api/v1/reviews/{submitted.id}/receipt",
        "log": log_json(submitted.entry.log.origin, submitted.entry.index),
    }
    if submitted.author_key is not None:
        answer["author_key"] = submitted.author_key
    return Answer(answer, 201, headers={**PRIVATE, "Location": url})


def post_follow_up(call: Call) -> Answer:
    body: FollowUpBody = call.body
    entry = follow_up(
        call.state,
        call.path["review"],
        body.author_key,
        body.text,
        call.now,
        confirm_personal_data=body.confirm_personal_data,
    )
    return Answer(
        {"review": call.path["review"], "log": log_json(entry.log.origin, entry.index)},
        201,
        headers=PRIVATE,
    )


def post_withdrawal(call: Call) -> Answer:
    body: WithdrawalBody = call.body
    entries = call.write(
        lambda session: withdraw_texts(
            session, call.state.context, call.path["review"], body.author_key, call.now
        )
    )
    log = [log_json(entry.log.origin, entry.index) for entry in entries]
    return Answer({"review": call.path["review"], "removed": log}, 201, headers=PRIVATE)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/invitations/<token>",
        "getInvitation",
        "What an invitation is about",
        get_invitation,
        answer=shapes.INVITATION,
        errors=("invitation-unknown",),
        secret=True,
    ),
    Endpoint(
        "POST",
        "/reviews",
        "submitReview",
        "Submit the review of an invitation",
        post_review,
        status=201,
        body=ReviewBody,
        answer=shapes.SUBMITTED,
        errors=(
            "invitation-unknown",
            "invitation-used",
            "invitation-expired",
            "invalid",
            "personal-data",
        ),
        limited=True,
    ),
    Endpoint(
        "POST",
        "/reviews/<review>/follow-ups",
        "addFollowUp",
        "Add words to one's own review",
        post_follow_up,
        status=201,
        body=FollowUpBody,
        answer=shapes.LOGGED,
        errors=("not-found", "author-key-mismatch", "withdrawn", "invalid", "personal-data"),
        limited=True,
    ),
    Endpoint(
        "POST",
        "/reviews/<review>/withdrawal",
        "withdraw",
        "Take back all one's words under a review; the score stays",
        post_withdrawal,
        status=201,
        body=WithdrawalBody,
        answer=shapes.REMOVED,
        errors=("not-found", "author-key-mismatch", "no-text", "text-removed", "invalid"),
        limited=True,
    ),
)
