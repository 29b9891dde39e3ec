"""A hardened database of each engine with everything in it, and each role's way into it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from insurance_reviews.moderation.check import check_log
from insurance_reviews.plugin.core_session import CoreSession
from insurance_reviews.plugin.database import make_engine, writing
from insurance_reviews.plugin.facts import FACT_TABLES
from insurance_reviews.plugin.hardening.inspect import inspect_database
from insurance_reviews.plugin.hardening.roles import OWNER_ROLE
from support.attacks import application, lawful, owners
from support.attacks.attacker import (
    PROFILES,
    SQLITE,
    Attacker,
    code_of,
    prompt,
    prompt_engine,
)
from support.attacks.cases import (
    APPLICATION,
    BEFORE,
    COMMAND_LINE,
    CONNECTION,
    FILE_OWNER,
    OWNER,
    STRANGER,
    Case,
    Role,
    of_catalogue,
)
from support.attacks.scene import Scene, build_scene
from support.databases import DatabaseFactory
from support.hardened import APP_ROLE, HardenedDatabase, administer, hardened_database
from support.hardened import STRANGER as STRANGER_ROLE
from support.world import World, built_world

CASES: tuple[Case, ...] = (*application.CASES, *owners.CASES, *lawful.CASES)
#: The attacks by forged rows, through the connections that are hardened.
FORGED: tuple[Case, ...] = tuple(
    case for role in (APPLICATION, OWNER, CONNECTION) for case in of_catalogue(role)
)

#: As whom a superuser's session goes on, where it stands for another role.
SESSION_OF = {APPLICATION: APP_ROLE, OWNER: OWNER_ROLE, STRANGER: STRANGER_ROLE}


class Besieged:
    """One engine's database. Nothing that is tried in it is ever committed."""

    def __init__(self, world: World, scene: Scene, stack: ExitStack) -> None:
        self.world = world
        self.scene = scene
        # Asked now: under attack the table may be locked.
        self._ref = world.ref()
        self._stack = stack
        self.hardened: HardenedDatabase | None = None
        self.engine = cache(self._engine)

    def _engine(self, role: Role) -> Engine:
        made = self._make(role)
        self._stack.callback(made.dispose)
        return made

    def _make(self, role: Role) -> Engine:
        url = self.world.settings.database_url.render_as_string(hide_password=False)
        if role is CONNECTION:
            return writing(make_engine(url))
        if self.hardened is None:
            # As SQLite itself leaves a connection, and as its owner may.
            keys = {COMMAND_LINE: "ON", FILE_OWNER: "OFF"}[role]
            names = {profile.name: profile for profile in PROFILES}
            return prompt_engine(url, names[f"fk={keys},recursive=OFF"])
        address = {APPLICATION: self.hardened.app, STRANGER: self.hardened.of(STRANGER_ROLE)}
        # What a session sets is undone with its transaction, so connections can be used again.
        return create_engine(address.get(role, self.hardened.admin))

    @contextmanager
    def at_the_prompt(self, role: Role) -> Iterator[Attacker]:
        """Somebody in ``role``; what he does is undone."""
        with prompt(self.engine(role), self.scene) as attacker:
            if role is OWNER:
                become(attacker.connection, role)
            yield attacker

    @contextmanager
    def connection_with(self, authorize: Callable[..., int] | None) -> Iterator[Attacker]:
        """At a connection of the application's own kind with another authorizer, closed at the
        end: what a pragma set there stays there."""
        engine = make_engine(self.world.settings.database_url, poolclass=NullPool)
        with prompt(writing(engine), self.scene) as attacker:
            driver = attacker.connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.set_authorizer(authorize)
            yield attacker

    def outcome(self, case: Case) -> str | None:
        """The code with which the strike of ``case`` is refused, or ``None``."""
        with self.at_the_prompt(case.role) as attacker:
            return outcome(attacker, case)

    def seen(self, case: Case) -> list[str]:
        """What doctor and the check of the logs find after a bypass."""
        with self.at_the_prompt(case.role) as attacker:
            case.run(attacker)
            connection = attacker.connection
            if self.hardened is not None:
                connection.execute(text("SET LOCAL search_path = insurance_reviews"))
                become(connection, APPLICATION)
                findings = [str(finding) for finding in inspect_database(connection)]
            else:
                findings = [
                    str(finding)
                    for finding in inspect_database(connection)
                    # The prompt's own connection is not set as ours are.
                    if not finding.problem.startswith("SQLite's")
                ]
            return findings + self._found_in_the_logs(connection)

    def _found_in_the_logs(self, connection: Connection) -> list[str]:
        session = CoreSession(connection)
        try:
            return list(check_log(session, self._ref, FACT_TABLES).findings)
        except DBAPIError as error:
            return [f"the check cannot be made: {error.orig}"]


def become(connection: Connection, role: Role) -> None:
    """Go on as ``role``, as PostgreSQL lets a superuser."""
    connection.execute(text(f"SET SESSION AUTHORIZATION {SESSION_OF[role]}"))


def outcome(attacker: Attacker, case: Case) -> str | None:
    """Let ``case`` happen; the code of the refusal, which must meet the strike."""
    try:
        case.run(attacker)
    except DBAPIError as error:
        early = "" if attacker.striking else BEFORE
        return early + code_of(error)
    return None


def stands(case: Case, found: str | None) -> bool:
    """Whether ``found`` is how ``case`` must end."""
    if case.end == "refused":
        return found is not None and found.startswith(tuple(case.codes))
    return found is None


@contextmanager
def besieged(factory: DatabaseFactory, engine_name: str, folder: Path) -> Iterator[Besieged]:
    """The database of ``engine_name``; its logs are checked at the end."""
    with ExitStack() as stack:
        if engine_name == SQLITE:
            url = stack.enter_context(factory.fresh(SQLITE))
            world = stack.enter_context(built_world(url, folder))
            administer(url, "CREATE TABLE host_orders (id INTEGER)")
            yield Besieged(world, build_scene(world), stack)
            return
        hardened = stack.enter_context(hardened_database(factory))
        administer(hardened.admin, f"CREATE SCHEMA host AUTHORIZATION {APP_ROLE}")
        world = stack.enter_context(built_world(hardened.app, folder))
        siege = Besieged(world, build_scene(world), stack)
        siege.hardened = hardened
        yield siege
