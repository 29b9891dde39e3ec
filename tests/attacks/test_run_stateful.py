"""Some lives that hypothesis makes up; ``make attack`` makes hundreds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runs.stateful import LIVES, installations, live
from support.copies import Copies


@pytest.fixture(scope="module")
def copies() -> Iterator[Copies]:
    with installations() as made:
        yield made


@pytest.mark.parametrize("engine_name", LIVES)
def test_whatever_people_do_everything_stands_as_it_should(
    copies: Copies, engine_name: str
) -> None:
    sample, _ = LIVES[engine_name]
    figure = live(copies, engine_name, sample)
    assert figure.passed, figure.value
