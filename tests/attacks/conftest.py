"""One world for all attacks on an engine: nothing that they do is ever committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache

import pytest
from sqlalchemy import Engine

from support.attacks.attacker import Profile, prompt_engine
from support.attacks.scene import Scene, build_scene
from support.attacks.siege import Besieged, besieged
from support.databases import DatabaseFactory
from support.world import World, built_world


@dataclass(frozen=True)
class Battlefield:
    """A world and the way into it. ``engine`` is that of an attacker's connection."""

    world: World
    scene: Scene
    engine: Callable[[Profile], Engine]


@pytest.fixture(scope="session")
def battlefield(
    database_factory: DatabaseFactory, pg_admin_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Battlefield]]:
    """An engine's name to its battlefield, which is seen to be unchanged at the end.

    The server is asked for at once, because what is made first is torn down last.
    """
    with ExitStack() as stack:

        @cache
        def prepare(engine_name: str) -> Battlefield:
            url = stack.enter_context(database_factory.fresh(engine_name))
            state = tmp_path_factory.mktemp("state")
            world = stack.enter_context(built_world(url, state))
            scene = build_scene(world)
            before = world.snapshot()
            stack.callback(lambda: _compare(before, world))

            @cache
            def engine(profile: Profile) -> Engine:
                made = prompt_engine(url, profile)
                stack.callback(made.dispose)
                return made

            return Battlefield(world, scene, engine)

        yield prepare


@pytest.fixture(scope="session")
def siege(
    database_factory: DatabaseFactory, pg_admin_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Besieged]]:
    """An engine's name to its hardened database with everything in it."""
    with ExitStack() as stack:

        @cache
        def prepare(engine_name: str) -> Besieged:
            folder = tmp_path_factory.mktemp("state")
            return stack.enter_context(besieged(database_factory, engine_name, folder))

        yield prepare


def _compare(before: object, world: World) -> None:
    assert before == world.snapshot(), "an attack was committed"
