"""Every role that a database knows: what it is refused, what it may do, and what nobody stops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from support.attacks.cases import ROLES, Case, Role
from support.attacks.siege import CASES, FORGED, Besieged, stands
from support.databases import ENGINES

Siege = Callable[[str], Besieged]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_role_gets_as_far_as_it_may(siege: Siege, case: Case) -> None:
    """Refused with its code; or let through, because the service does it, or nothing can stop
    it."""
    found = siege(case.role.engine).outcome(case)
    assert stands(case, found), found


@pytest.mark.parametrize("role", sorted({case.role for case in FORGED}, key=str), ids=str)
def test_forged_rows_are_refused_to_those_with_few_rights(siege: Siege, role: Role) -> None:
    """The attacks of the catalogue, which a superuser is refused by the locks alone."""
    field = siege(role.engine)
    wrong = [
        (case.name, found)
        for case in FORGED
        if case.role == role and not stands(case, found := field.outcome(case))
    ]
    assert wrong == []


@pytest.mark.parametrize("case", [case for case in CASES if case.end == "bypass"], ids=str)
def test_what_nobody_stops_is_seen(siege: Siege, case: Case) -> None:
    """By doctor, or by the check of the logs: that, and which row, not who."""
    assert siege(case.role.engine).seen(case) != []


@pytest.mark.parametrize("engine_name", ENGINES)
def test_nothing_is_seen_where_nothing_happened(siege: Siege, engine_name: str) -> None:
    field = siege(engine_name)
    for case in CASES:
        if case.role.engine == engine_name and case.name == "all read":
            assert field.seen(case) == []


def test_cases_have_names_of_their_own() -> None:
    names = Counter(str(case) for case in CASES)
    assert [name for name, times in names.items() if times > 1] == []


def test_each_role_is_tried_and_each_bypass_has_its_reason() -> None:
    assert {case.role for case in CASES} == set(ROLES)
    assert [str(case) for case in CASES if case.end == "bypass" and not case.why] == []
