"""All attacks."""

from __future__ import annotations

from support.attacks import (
    entries,
    items,
    locked,
    removals,
    replaced,
    reports,
    reviews,
    rows,
    words,
)
from support.attacks.attacker import PROFILES, Attack, Profile

MODULES = (locked, replaced, entries, rows, items, reviews, reports, removals, words)
ATTACKS: tuple[Attack, ...] = tuple(attack for module in MODULES for attack in module.ATTACKS)


def cases() -> list[tuple[Profile, Attack]]:
    """Every attack through every connection that its engine knows."""
    return [
        (profile, attack)
        for profile in PROFILES
        for attack in ATTACKS
        if profile.engine in attack.engines
    ]
