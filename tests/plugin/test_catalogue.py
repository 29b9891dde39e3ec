"""Insurers, products, storefronts and tokens: registered once, each by its own form of name."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from insurance_reviews.plugin import schema
from insurance_reviews.plugin.aspects import Aspect, aspects_of
from insurance_reviews.plugin.capabilities import token_hash
from insurance_reviews.plugin.errors import InvalidInput, NotFound
from insurance_reviews.plugin.services import catalogue
from support.world import INSURERS, World


def refused(world: World, call: Any, **expected: str) -> None:
    """The call fails for the expected faults and leaves everything as it was."""
    before = world.snapshot()
    with pytest.raises(InvalidInput) as refusal:
        world.write(call)
    assert {name: fault.code for name, fault in refusal.value.faults.items()} == expected
    assert world.snapshot() == before


def add_insurer(world: World, slug: str, name: str = "新来保险") -> Any:
    return lambda session: catalogue.add_insurer(session, world.context, slug, name, world.now)


def add_product(world: World, sku: str, name: str = "旅行险", **options: Any) -> Any:
    insurer = options.pop("insurer", "anxin")
    return lambda session: catalogue.add_product(session, sku, insurer, name, world.now, **options)


def add_shop(world: World, slug: str, **options: Any) -> Any:
    options = {"insurers": ["anxin"], **options}
    return lambda session: catalogue.add_storefront(session, slug, "商城", world.now, **options)


@pytest.mark.parametrize(
    "slug", ["", "a", "A1", "an xin", "an_xin", "安心", "a" * 33, "../x", "a\n"]
)
def test_a_slug_is_small_letters_digits_and_dashes(world: World, slug: str) -> None:
    """It is part of addresses and file names."""
    refused(world, add_insurer(world, slug), slug="form")
    refused(world, add_shop(world, slug), slug="form")
    keys = {path.stem for path in (world.settings.state_dir / "keys").iterdir()}
    assert keys == set(INSURERS)


@pytest.mark.parametrize("sku", ["", "a b", "a/b", "险", "a" * 65, "a?b", "a%2f", "a\n"])
def test_a_sku_needs_no_escaping_in_an_address(world: World, sku: str) -> None:
    refused(world, add_product(world, sku), sku="form")


@pytest.mark.parametrize(
    ("name", "code"),
    [("", "required"), (" 名", "required"), ("名\n字", "one-line"), ("名" * 121, "too-long")],
)
def test_a_name_is_one_line_of_text(world: World, name: str, code: str) -> None:
    refused(world, add_insurer(world, "newcomer", name), name=code)
    refused(world, add_product(world, "new", name), name=code)


def test_names_are_taken_once(world: World) -> None:
    refused(world, add_insurer(world, "anxin"), slug="taken")
    refused(world, add_product(world, "anxin-medical", insurer="boshan"), sku="taken")
    refused(world, add_shop(world, "shop"), slug="taken")


def test_a_product_is_of_a_registered_insurer(world: World) -> None:
    with pytest.raises(NotFound):
        world.write(add_product(world, "new", insurer="nobody"))
    with pytest.raises(NotFound):
        world.write(add_shop(world, "new", insurers=["anxin", "nobody"]))


@pytest.mark.parametrize(
    "options",
    [
        {"stages": []},
        {"stages": ["claim", "complaint"]},
        {"stages": ["claim"], "aspects": {"renewal": [Aspect("speed")]}},
        {"aspects": {"complaint": [Aspect("speed")]}},
    ],
)
def test_stages_are_those_of_a_policys_life(world: World, options: dict[str, Any]) -> None:
    refused(world, add_product(world, "new", **options), stages="choice")


@pytest.mark.parametrize("key", ["", "Speed", "1st", "快", "a-b", "a" * 33, 'a"b'])
def test_the_key_of_an_aspect_stands_in_leaves(world: World, key: str) -> None:
    refused(world, add_product(world, "new", aspects={"claim": [Aspect(key)]}), aspects="form")


def test_a_product_is_found_with_its_insurer_stages_and_aspects(world: World) -> None:
    aspects = {"claim": (Aspect("vet", "医院", "Vet"), Aspect("speed"))}
    world.write(
        add_product(world, "pet.1~x", "宠物险", stages=["claim", "underwriting"], aspects=aspects)
    )
    found = world.read(lambda session: catalogue.find_product(session, "pet.1~x"))
    assert (found.insurer_name, found.stages) == ("安心保险", ("underwriting", "claim"))
    assert aspects_of(found.aspects, "claim") == aspects["claim"]
    assert [aspect.key for aspect in aspects_of(found.aspects, "underwriting")] == [
        "clarity",
        "ease",
        "attitude",
    ]


def test_products_are_listed_by_insurer(world: World) -> None:
    every = world.read(catalogue.list_products)
    ours = world.read(lambda session: catalogue.list_products(session, insurer="boshan"))
    assert [product.sku for product in ours] == ["boshan-medical", "boshan-motor"]
    assert len(every) == 2 * len(INSURERS)


def test_unknown_names_are_not_found(world: World) -> None:
    calls: list[Any] = [
        lambda session: catalogue.find_product(session, "nothing"),
        lambda session: catalogue.log_of(session, "nobody"),
        lambda session: catalogue.insurer_name(session, "nobody"),
        lambda session: catalogue.revoke_token(session, "ir_none", world.now),
        lambda session: catalogue.issue_token(session, "insurer", "nobody", world.now),
        lambda session: catalogue.issue_token(session, "compliance", "nobody", world.now),
        lambda session: catalogue.issue_token(session, "storefront", "nobody", world.now),
    ]
    before = world.snapshot()
    for call in calls:
        with pytest.raises(NotFound):
            world.write(call)
    assert world.snapshot() == before


@pytest.mark.parametrize(
    "origin",
    [
        "shop.example",
        "ftp://shop.example",
        "https://",
        "https://shop.example/",
        "https://shop.example/path",
        "https://user@shop.example",
        "https://shop.example?x",
        "null",
        "*",
        "https://shop.example https://other.example",
    ],
)
def test_an_origin_is_scheme_and_host_only(world: World, origin: str) -> None:
    refused(world, add_shop(world, "new", origins=[origin]), origins="origin")


def test_who_may_frame_a_wall_are_the_shops_that_sell_it(world: World) -> None:
    world.write(add_shop(world, "one", origins=["https://one.example", "https://b.example:8443"]))
    world.write(add_shop(world, "two", insurers=["boshan"], origins=["https://two.example"]))
    world.write(add_shop(world, "all", insurers=list(INSURERS), origins=["https://one.example"]))
    origins = world.read(lambda session: catalogue.embedding_origins(session, "anxin"))
    assert origins == ["https://b.example:8443", "https://one.example"]


def test_a_shop_sells_what_it_was_granted(world: World) -> None:
    def may(shop: str, insurer: str) -> bool:
        return world.read(lambda session: catalogue.may_sell(session, shop, insurer))

    assert [may("corner", insurer) for insurer in INSURERS] == [True, False, False]
    assert not may("nobody", "anxin")


def test_a_token_is_shown_once_and_kept_as_a_hash(world: World) -> None:
    token = world.write(
        lambda session: catalogue.issue_token(session, "storefront", "shop", world.now)
    )
    assert token not in repr(world.snapshot())
    hashes = world.read(lambda session: session.scalars(select(schema.token.c.hash)).all())
    assert list(hashes) == [token_hash(token)]


def test_a_token_is_revoked_by_the_beginning_of_its_hash(world: World) -> None:
    """The token itself is with its holder only; the others stay as they are."""
    for authority in ("某局", "别局"):
        world.write(
            partial(catalogue.issue_token, role="regulator", subject=authority, now=world.now)
        )
    first, second = world.read(catalogue.list_tokens)
    world.write(lambda session: catalogue.revoke_token(session, first.prefix, world.now))
    revoked = {token.prefix: token.revoked for token in world.read(catalogue.list_tokens)}
    assert revoked == {first.prefix: True, second.prefix: False}


@pytest.mark.parametrize("length", [0, 1, 5])
def test_a_short_beginning_revokes_nothing(world: World, length: int) -> None:
    world.write(partial(catalogue.issue_token, role="regulator", subject="某局", now=world.now))
    (token,) = world.read(catalogue.list_tokens)
    before = world.snapshot()
    with pytest.raises(NotFound):
        world.write(
            lambda session: catalogue.revoke_token(session, token.prefix[:length], world.now)
        )
    assert world.snapshot() == before


def test_an_unknown_role_is_refused(world: World) -> None:
    refused(
        world,
        lambda session: catalogue.issue_token(session, "owner", "shop", world.now),
        role="choice",
    )
