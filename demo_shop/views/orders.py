"""Buying, and what happens to a policy afterwards."""

from __future__ import annotations

import secrets

from flask import Flask, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from insurance_reviews.demo_shop.catalogue import Stage, load
from insurance_reviews.demo_shop.forms import HAPPENINGS, OLDEST_START, BuyForm, HappeningForm
from insurance_reviews.demo_shop.policies import Policy
from insurance_reviews.demo_shop.shop import get_shop, prefix_of, tell_plugin_here
from insurance_reviews.demo_shop.views.shelves import find_product
from insurance_reviews.demo_shop.visitors import known_visitor, suggested_contact, visitor


def register(app: Flask) -> None:
    """Add the pages."""
    app.add_url_rule("/products/<sku>/buy", "buy", buy, methods=["GET", "POST"])
    app.add_url_rule("/policies", "policies", policies)
    app.add_url_rule("/policies/<policy>", "policy", policy)
    app.add_url_rule("/policies/<policy>/happenings", "happen", happen, methods=["POST"])


def buy(sku: str) -> str | Response | tuple[str, int]:
    """The form, and the purchase."""
    product = find_product(sku)
    shop, buyer = get_shop(), visitor()
    name, email = suggested_contact(buyer)
    form = BuyForm(
        request.form if request.method == "POST" else None,
        first=shop.today - OLDEST_START,
        last=shop.today,
        data={
            "name": name,
            "email": email,
            "started_on": shop.today,
            "request": secrets.token_urlsafe(16),
        },
    )
    if request.method == "POST" and form.validate():
        order = form.order(buyer, sku)
        if not shop.policies.is_taken(order.email, buyer):
            bought = shop.policies.buy(order, prefix_of(sku))
            tell_plugin_here()
            return redirect(url_for("policy", policy=bought.id, new=1), 303)
        form.email.errors = ["这个邮箱已经有另一位演示访客在用，请换一个。"]
    page = render_template(
        "shop/buy.html", product=product, insurer=load().insurer(product.insurer), form=form
    )
    return (page, 422) if request.method == "POST" else page


def policies() -> str:
    """All policies of the visitor."""
    shop, buyer = get_shop(), known_visitor()
    found = shop.policies.of_visitor(buyer) if buyer else []
    return render_template(
        "shop/policies.html", policies=[(one, load().product(one.sku)) for one in found]
    )


def policy(policy: str) -> str:
    """One policy: what happened to it, and what could happen next."""
    found = _find(policy)
    return _policy_page(found, _form(found))


def happen(policy: str) -> Response | tuple[str, int]:
    """Let a renewal or a claim happen."""
    found = _find(policy)
    form = _form(found)
    if not form.validate():
        return _policy_page(found, form), 422
    get_shop().policies.happen(found, form.happening())
    tell_plugin_here()
    return redirect(url_for("policy", policy=found.id, happened=1), 303)


def _find(policy: str) -> Policy:
    buyer = known_visitor()
    found = get_shop().policies.find(buyer, policy) if buyer else None
    return found or abort(404)


def _form(policy: Policy) -> HappeningForm:
    today = get_shop().today
    offered: list[Stage] = [one for one in load().product(policy.sku).stages if one in HAPPENINGS]
    return HappeningForm(
        request.form if request.method == "POST" else None,
        stages=offered,
        first=policy.started_on,
        last=today,
        data={"occurred_on": today, "request": secrets.token_urlsafe(16)},
    )


def _policy_page(policy: Policy, form: HappeningForm) -> str:
    product = load().product(policy.sku)
    return render_template(
        "shop/policy.html",
        policy=policy,
        product=product,
        insurer=load().insurer(product.insurer),
        form=form,
        is_new="new" in request.args,
        happened="happened" in request.args,
    )
