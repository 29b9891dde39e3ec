"""Cards are values."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from types import ModuleType

import pytest

from insurance_reviews.widgets import cards, desk_cards, holder_cards

from . import samples


def all_cards() -> list[type]:
    """Every dataclass that the card modules define."""
    return [
        value
        for module in (cards, holder_cards, desk_cards)
        for value in vars(module).values()
        if isinstance(value, type) and is_dataclass(value) and value.__module__ == module.__name__
    ]


@pytest.mark.parametrize("card", all_cards(), ids=lambda card: card.__name__)
def test_cards_are_frozen_and_slotted(card: type) -> None:
    """A card that reached a template cannot change under it, nor grow a mistyped field."""
    assert card.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(card)
    assert card.__doc__
    assert not card.__doc__.startswith(f"{card.__name__}(")


def test_changing_a_card_raises() -> None:
    """Also for its own fields."""
    with pytest.raises(FrozenInstanceError):
        samples.FULL.score = 1  # type: ignore[misc]


def test_cards_hold_plain_values_only() -> None:
    """Collections are tuples, so a frozen card is frozen all the way down."""
    for card in all_cards():
        for entry in fields(card):
            assert not str(entry.type).startswith(("list", "dict", "set")), (card, entry.name)


def test_widgets_import_nothing_of_ours() -> None:
    """They are handed everything."""
    modules: list[ModuleType] = [cards, holder_cards, desk_cards]
    for module in modules:
        assert module.__name__.startswith("insurance_reviews.widgets.")
