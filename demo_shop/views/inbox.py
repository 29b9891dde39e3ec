"""The visitor's mails."""

from __future__ import annotations

from time import monotonic, sleep

from flask import Flask, abort, render_template, request

from insurance_reviews.demo_shop.inbox import Mail, read_inbox
from insurance_reviews.demo_shop.shop import get_shop
from insurance_reviews.demo_shop.visitors import known_visitor

#: A page that expects a mail waits for it so long (seconds); it is usually there in one tenth.
PATIENCE = 2.0
LOOK_EVERY = 0.1


def register(app: Flask) -> None:
    """Add the pages."""
    app.add_url_rule("/inbox", "inbox", inbox)
    app.add_url_rule("/inbox/<name>", "mail", mail)


def inbox() -> str:
    """All mails to the addresses that the visitor bought with."""
    expected = _events() if "expect" in request.args else 0
    until = monotonic() + PATIENCE
    mails = _mails()
    while _invitations(mails) < expected and monotonic() < until:
        sleep(LOOK_EVERY)
        mails = _mails()
    waiting = _invitations(mails) < _events()
    return render_template("shop/inbox.html", mails=mails, waiting=waiting)


def mail(name: str) -> str:
    """One mail."""
    found = next((one for one in _mails() if one.name == name), None)
    return render_template("shop/mail.html", mail=found or abort(404))


def _mails() -> list[Mail]:
    shop, visitor = get_shop(), known_visitor()
    bought = shop.policies.of_visitor(visitor) if visitor else []
    return read_inbox(shop.mail, {policy.email for policy in bought})


def _events() -> int:
    shop, visitor = get_shop(), known_visitor()
    bought = shop.policies.of_visitor(visitor) if visitor else []
    return sum(len(policy.events) for policy in bought)


def _invitations(mails: list[Mail]) -> int:
    return sum(mail.invitation is not None for mail in mails)
