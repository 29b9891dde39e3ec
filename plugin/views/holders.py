"""The pages behind an invitation and behind an author key. All work without JavaScript."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request

from ...moderation.commitment import author_of, new_author_key
from ...moderation.errors import ModerationError
from ...widgets.forms import FollowUpForm, LinkForm, ReviewForm, WithdrawalForm, attach_errors
from ...widgets.holder_cards import InvitationCard
from ..aspects import aspects_of
from ..cards.holders import (
    author_card,
    invitation_card,
    masked_name,
    receipt_card,
    span_cards,
)
from ..cards.reviews import aspect_label, product_card
from ..current import get_state
from ..deliver import request_links
from ..errors import (
    InvalidInput,
    InvitationExpired,
    InvitationUnknown,
    InvitationUsed,
    PersonalDataFound,
    ReviewsError,
)
from ..links import Links
from ..problems import field_messages, problem_of
from ..queries.reviews import find_review
from ..receipt_file import format_receipt_file, is_key_of, receipt_file
from ..responses import language
from ..schema import review as review_table
from ..services.authors import withdraw_texts
from ..services.catalogue import find_product
from ..services.invitations import Invitation, find_invitation
from ..services.reviews import ReviewInput, check_review, warn_of_personal_data
from ..state import State
from ..submitting import follow_up, submit
from .pages import in_this_language, reader_links, render, see_other
from .refusals import attach_refusal

#: The server-made author key travels once, from the answer of the post to the receipt page.
KEY_COOKIE = "insurance_reviews_author_key"
KEY_LIFETIME = timedelta(minutes=10)
#: Beside which field a refused author key is shown.
KEY_FIELD = {"author-key-mismatch": "author_key"}


def register(blueprint: Blueprint) -> None:
    """Add the holders' pages."""
    blueprint.add_url_rule("/i/<token>", "invitation", get_invitation)
    blueprint.add_url_rule("/i/<token>", "post_invitation", post_invitation, methods=["POST"])
    blueprint.add_url_rule("/r/<review>/receipt", "receipt", receipt)
    blueprint.add_url_rule("/r/<review>/author", "author", author)
    blueprint.add_url_rule(
        "/r/<review>/author/follow-up", "post_follow_up", post_follow_up, methods=["POST"]
    )
    blueprint.add_url_rule(
        "/r/<review>/author/withdrawal", "post_withdrawal", post_withdrawal, methods=["POST"]
    )
    blueprint.add_url_rule("/link", "link", get_link)
    blueprint.add_url_rule("/link", "post_link", post_link, methods=["POST"])


def get_invitation(token: str) -> Response:
    """The form. Mail scanners follow links, so reading it changes nothing."""
    state = get_state()
    with state.work.reading() as session:
        try:
            invitation = find_invitation(session, state.context, token)
            invitation.check_open(state.clock())
        except (InvitationUnknown, InvitationUsed, InvitationExpired) as error:
            return _closed(state, error, 200)
    form = _review_form(invitation, None, data={"author_key": new_author_key()})
    return _invitation_page(state, invitation, form)


def post_invitation(token: str) -> Response:
    """Preview, edit or publish, by the button that was pressed."""
    state = get_state()
    state.rate_limits.hit(state.settings.rate_limit_submit, "submit", request.remote_addr or "")
    with state.work.reading() as session:
        try:
            invitation = find_invitation(session, state.context, token)
        except InvitationUnknown as error:
            return _closed(state, error)
    form = _review_form(invitation, request.form)
    if form.wants == "edit":
        return _invitation_page(state, invitation, form)
    if not form.validate():
        return _invitation_page(state, invitation, form, 422)
    given = _input(invitation, form)
    try:
        if form.wants == "preview":
            return _preview(state, invitation, form, given)
        submitted = submit(state, given, state.clock())
    except InvitationUsed as error:
        return _repeated(state, error, form)
    except InvitationExpired as error:
        return _closed(state, error)
    except InvalidInput as error:
        attach_errors(form, field_messages(error))
        return _invitation_page(state, invitation, form, 422)
    except PersonalDataFound as error:
        form.text.data = error.text
        return _invitation_page(state, invitation, form, 422, error)
    return _to_receipt(state, submitted.id, submitted.author_key)


def receipt(review: str) -> Response:
    """The page after sending, whose address holds no secret."""
    state = get_state()
    with state.work.reading() as session:
        found = find_review(session, review)
        product = find_product(session, found.product)
        invitation = session.scalar(
            review_table.select()
            .with_only_columns(review_table.c.invitation)
            .where(review_table.c.id == review)
        )
        file = format_receipt_file(receipt_file(session, state.settings, found))
    key = request.cookies.get(KEY_COOKIE)
    # Another page of the host's name could set this cookie: only the review's own key is shown.
    shown = key if is_key_of(key, found.author) else None
    card = receipt_card(state, found, product, invitation or "", file, shown, language())
    response = render(state, "receipt.html", private=True, receipt=card)
    if key is not None:
        response.delete_cookie(KEY_COOKIE, path=Links.paths(state.settings).receipt_page(review))
    return response


def author(review: str) -> Response:
    """What an author can still do."""
    state = get_state()
    return _author_page(state, review, FollowUpForm(), WithdrawalForm())


def post_follow_up(review: str) -> Response:
    """Publish a follow-up."""
    state = get_state()
    state.rate_limits.hit(state.settings.rate_limit_submit, "submit", request.remote_addr or "")
    form = FollowUpForm(request.form)
    if not form.validate():
        return _author_page(state, review, form, WithdrawalForm(), 422)
    try:
        follow_up(
            state,
            review,
            form.author_key.data or "",
            form.text.data or "",
            state.clock(),
            confirm_personal_data=form.confirm_personal_data.data,
        )
    except PersonalDataFound as error:
        form.text.data = error.text
        return _author_page(state, review, form, WithdrawalForm(), 422, error)
    except (ReviewsError, ModerationError) as error:
        status = attach_refusal(form, error, KEY_FIELD)
        return _author_page(state, review, form, WithdrawalForm(), status)
    return see_other(reader_links(state).review(review))


def post_withdrawal(review: str) -> Response:
    """Take the words back."""
    state = get_state()
    state.rate_limits.hit(state.settings.rate_limit_submit, "submit", request.remote_addr or "")
    form = WithdrawalForm(request.form)
    if not form.validate():
        return _author_page(state, review, FollowUpForm(), form, 422)
    try:
        state.work.write(
            lambda session: withdraw_texts(
                session, state.context, review, form.author_key.data or "", state.clock()
            )
        )
    except (ReviewsError, ModerationError) as error:
        status = attach_refusal(form, error, KEY_FIELD)
        return _author_page(state, review, FollowUpForm(), form, status)
    return see_other(reader_links(state).review(review))


def get_link() -> Response:
    """ "Send me my link again"."""
    state = get_state()
    if request.args.get("sent") == "1":
        return render(state, "link_sent.html", private=True)
    return _link_page(state, LinkForm())


def post_link() -> Response:
    """The same answer for everybody; whether there is such a policy is found out after it."""
    state = get_state()
    state.rate_limits.hit(state.settings.rate_limit_link, "link", request.remote_addr or "")
    form = LinkForm(request.form)
    if not form.validate():
        return _link_page(state, form, 422)
    policy_no, email = form.policy_no.data or "", form.email.data or ""
    state.work.write(
        lambda session: request_links(session, state.context, policy_no, email, state.clock())
    )
    return see_other(reader_links(state).link_request(sent=True))


def _invitation_card(state: State, invitation: Invitation) -> InvitationCard:
    card = invitation_card(state, invitation, language())
    return replace(card, post_url=in_this_language(card.post_url))


def _review_form(
    invitation: Invitation, posted: object, data: dict[str, str] | None = None
) -> ReviewForm:
    lang = language()
    aspects = aspects_of(invitation.product.aspects, invitation.stage)
    return ReviewForm(
        posted,
        aspects=[(aspect.key, aspect_label(aspect, lang)) for aspect in aspects],
        masked_name=masked_name(invitation),
        data=data,
    )


def _input(invitation: Invitation, form: ReviewForm) -> ReviewInput:
    return ReviewInput(
        invitation=invitation.token,
        score=form.score.data,
        aspects=form.aspect_scores,
        text=form.text.data,
        # The service masks it: a name masked twice loses half of a compound surname.
        display_name=invitation.holder_name if form.shown_name is not None else None,
        author=form.author.data or None,
        author_key=None if form.author.data else form.author_key.data or None,
        confirm_personal_data=form.confirm_personal_data.data,
    )


def _invitation_page(
    state: State,
    invitation: Invitation,
    form: ReviewForm,
    status: int = 200,
    personal: PersonalDataFound | None = None,
) -> Response:
    card = _invitation_card(state, invitation)
    extra: dict[str, Any] = {"personal_data": span_cards(personal)} if personal else {}
    return render(
        state, "invitation.html", status, private=True, invitation=card, form=form, **extra
    )


def _preview(
    state: State, invitation: Invitation, form: ReviewForm, given: ReviewInput
) -> Response:
    """The card as it will be published. Raises what publishing would raise."""
    invitation.check_open(state.clock())
    text = check_review(invitation, given)
    form.text.data = text
    if text and not given.confirm_personal_data:
        own = invitation.policy_hash
        warn_of_personal_data(state.context, invitation.product.insurer, own, text)
    card = _invitation_card(state, invitation)
    return render(state, "review_preview.html", private=True, invitation=card, form=form)


def _repeated(state: State, error: InvitationUsed, form: ReviewForm) -> Response:
    """The same form sent twice leads to the same receipt; another one is told that it came late."""
    key = None if form.author.data else form.author_key.data
    sender = author_of(key) if key else form.author.data
    if sender == error.author:
        return _to_receipt(state, error.review, key)
    return _closed(state, error)


def _to_receipt(state: State, review: str, author_key: str | None) -> Response:
    response = see_other(reader_links(state).receipt_page(review))
    if author_key is not None:
        response.set_cookie(
            KEY_COOKIE,
            author_key,
            max_age=KEY_LIFETIME,
            path=Links.paths(state.settings).receipt_page(review),
            secure=state.settings.public_url.startswith("https:"),
            httponly=True,
            samesite="Lax",
        )
    return response


def _closed(
    state: State,
    error: InvitationUnknown | InvitationUsed | InvitationExpired,
    status: int | None = None,
) -> Response:
    """The page for an invitation that cannot be answered (any more)."""
    links = reader_links(state)
    code = problem_of(error).status
    if isinstance(error, InvitationUnknown):
        return render(
            state, "invitation_unknown.html", code, private=True, link_url=links.link_request()
        )
    with state.work.reading() as session:
        product = find_product(session, error.product)
    card = product_card(product, links, language())
    if isinstance(error, InvitationUsed):
        return render(
            state,
            "already_submitted.html",
            status or code,
            private=True,
            product=card,
            review_url=links.review(error.review),
            author_url=links.author(error.review),
        )
    return render(
        state,
        "invitation_expired.html",
        code,
        private=True,
        product=card,
        expired_at=error.expired_at,
        wall_url=card.url,
    )


def _author_page(
    state: State,
    review: str,
    follow_up: FollowUpForm,
    withdrawal: WithdrawalForm,
    status: int = 200,
    personal: PersonalDataFound | None = None,
) -> Response:
    with state.work.reading() as session:
        found = find_review(session, review)
        product = find_product(session, found.product)
    card = author_card(state, found, product, language())
    extra: dict[str, Any] = {"personal_data": span_cards(personal)} if personal else {}
    return render(
        state,
        "author.html",
        status,
        private=True,
        author=card,
        follow_up=follow_up,
        withdrawal=withdrawal,
        **extra,
    )


def _link_page(state: State, form: LinkForm, status: int = 200) -> Response:
    post_url = in_this_language(Links.paths(state.settings).link_request())
    return render(state, "link.html", status, private=True, form=form, post_url=post_url)
