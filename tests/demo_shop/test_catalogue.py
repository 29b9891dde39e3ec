"""The shelves of the demo shop: three insurers, six products, one for each line."""

from __future__ import annotations

from typing import get_args

import pytest

from insurance_reviews.demo_shop.catalogue import Catalogue, Line, load


def test_six_products_of_three_insurers_cover_every_line() -> None:
    """Each line is sold once and each insurer sells something."""
    shelves = load()
    assert list(get_args(Line)) == [one.line for one in shelves.products]
    assert {one.slug for one in shelves.insurers} == {one.insurer for one in shelves.products}
    assert (len(shelves.insurers), len(shelves.products)) == (3, 6)


def test_only_travel_has_no_renewal() -> None:
    """A trip ends: nobody can be asked how its renewal went."""
    without = [one.line for one in load().products if "renewal" not in one.stages]
    assert without == ["旅行"]


def test_every_page_has_something_to_say() -> None:
    """Benefits with amounts, the decisive terms, exclusions and questions on each page."""
    for one in load().products:
        assert len(one.coverage) >= 6, one.sku
        assert len(one.terms) >= 4, one.sku
        assert len(one.exclusions) >= 4, one.sku
        assert len(one.faq) >= 4, one.sku
        assert all(cover.amount and cover.note for cover in one.coverage), one.sku


def test_unknown_names_are_refused() -> None:
    """Looking up what is not sold is an error, and so is selling for nobody or twice."""
    shelves = load()
    with pytest.raises(LookupError, match="no insurer 'nobody'"):
        shelves.insurer("nobody")
    with pytest.raises(LookupError, match="no product 'nothing'"):
        shelves.product("nothing")
    with pytest.raises(LookupError, match="no insurer"):
        Catalogue((), shelves.products)
    with pytest.raises(ValueError, match="occurs twice"):
        Catalogue(shelves.insurers, shelves.products[:1] * 2)
