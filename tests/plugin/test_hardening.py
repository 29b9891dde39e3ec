"""PostgreSQL's roles and fence: what is installed, what it leaves alone, and what doctor sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from insurance_reviews import migrations
from insurance_reviews.moderation.schema import SCHEMA
from insurance_reviews.plugin import InsuranceReviews
from insurance_reviews.plugin.capabilities import token_hash
from insurance_reviews.plugin.cli import reviews_cli
from insurance_reviews.plugin.database import REVISION
from insurance_reviews.plugin.deliver import deliver_due, forget_contacts
from insurance_reviews.plugin.erasure import ERASED_TABLES, ErasureIncomplete, erase
from insurance_reviews.plugin.hardening import harden as harden_module
from insurance_reviews.plugin.hardening.fence import EVENTS, GUARD_SCHEMA, MAINTENANCE
from insurance_reviews.plugin.hardening.harden import harden, is_hardened, migrate
from insurance_reviews.plugin.hardening.roles import OWNER_ROLE, CannotHarden
from insurance_reviews.plugin.hardening.tables import REWRITTEN
from insurance_reviews.plugin.services import catalogue
from support.attacks.scene import build_scene
from support.databases import DatabaseFactory
from support.hardened import (
    APP_ROLE,
    STRANGER,
    HardenedDatabase,
    address,
    administer,
    connected,
    ensure_role,
    inspected,
    sentences,
)
from support.world import built_world

REVIEW = f"{SCHEMA}.insurance_reviews_review"


Mount = Callable[[str, Path], Flask]


@pytest.fixture
def mount() -> Iterator[Mount]:
    """Applications, by the address of their database and their folder."""
    with ExitStack() as stack:

        def make(url: str, state_dir: Path) -> Flask:
            app = Flask("shop")
            settings = {
                "DATABASE_URL": url,
                "PUBLIC_URL": "https://shop.example",
                "STATE_DIR": str(state_dir),
                "POLICY_KEY": "a1" * 32,
                "INVITATION_KEY": "b2" * 32,
            }
            named = {f"INSURANCE_REVIEWS_{name}": value for name, value in settings.items()}
            InsuranceReviews().init_app(app, named)
            stack.callback(app.extensions["insurance_reviews"].work.engine.dispose)
            return app

        yield make


def value(url: str, query: str) -> object:
    with connected(url) as connection:
        return connection.scalar(text(query))


def sqlstate(url: str, *statements: str) -> str | None:
    """The SQLSTATE with which the last of ``statements`` is refused; the others must pass."""
    with connected(url) as connection:
        for statement in statements[:-1]:
            connection.execute(text(statement))
        try:
            connection.execute(text(statements[-1]))
        except DBAPIError as error:
            state: str | None = getattr(error.orig, "sqlstate", None)
            return state
        return None


# --- what is installed ----------------------------------------------------------------------------


def test_the_owner_cannot_log_in_and_owns_everything(lasting_hardened: HardenedDatabase) -> None:
    owners = (
        "SELECT string_agg(DISTINCT pg_get_userbyid(o), ',') FROM ("
        f"SELECT nspowner FROM pg_namespace WHERE nspname = '{SCHEMA}' UNION ALL "
        f"SELECT relowner FROM pg_class WHERE relnamespace = '{SCHEMA}'::regnamespace UNION ALL "
        f"SELECT proowner FROM pg_proc WHERE pronamespace = '{SCHEMA}'::regnamespace) x(o)"
    )
    assert value(lasting_hardened.admin, owners) == OWNER_ROLE
    with pytest.raises(DBAPIError, match="is not permitted to log in"):
        value(lasting_hardened.of(OWNER_ROLE), "SELECT 1")


def test_hardening_twice_changes_nothing(hardened: HardenedDatabase) -> None:
    acl = (
        "SELECT string_agg(relname || coalesce(relacl::text, ''), ' ' ORDER BY relname) "
        f"FROM pg_class WHERE relnamespace = '{SCHEMA}'::regnamespace"
    )
    before = value(hardened.admin, acl)
    again = harden(hardened.admin, APP_ROLE, OWNER_ROLE)
    assert (again.could_not, again.missing) == ([], [])
    assert value(hardened.admin, acl) == before
    assert inspected(hardened.app) == []


def test_a_whole_world_happens_as_the_application_role(
    hardened: HardenedDatabase, tmp_path: Path, mount: Mount
) -> None:
    """Every service, the worker, tokens, removals of each kind, and the full check."""
    with built_world(hardened.app, tmp_path / "state") as world:
        build_scene(world)
        token = world.write(
            lambda session: catalogue.issue_token(session, "regulator", "监管局", world.now)
        )
        found = token_hash(token)[:12]
        world.write(lambda session: catalogue.revoke_token(session, found, world.now))
        app = mount(hardened.app, tmp_path / "state")
        state = app.extensions["insurance_reviews"]
        while deliver_due(state):
            pass
        world.pass_time(days=4000)
        forget_contacts(state)
        assert world.findings() == []
    for arguments in (["db", "check"], ["db", "upgrade"]):
        assert command(app, *arguments).exit_code == 0


def command(app: Flask, *arguments: str) -> Result:
    with app.app_context():
        return CliRunner().invoke(reviews_cli, list(arguments))


def test_the_worker_can_erase_words_for_good(hardened: HardenedDatabase, tmp_path: Path) -> None:
    """From PostgreSQL 17 on there is a right for that alone; before, the owner does it."""
    assert {f"insurance_reviews_{name}" for name in REWRITTEN} == {
        table.name for table in ERASED_TABLES
    }
    with built_world(hardened.app, tmp_path / "state") as world:
        world.remove(world.submit())
        if value(hardened.admin, "SELECT current_setting('server_version_num')::int >= 170000"):
            assert erase(world.settings.database_url).tables
        else:
            with pytest.raises(ErasureIncomplete, match="--admin-url"):
                erase(world.settings.database_url)


def test_others_lose_what_they_could_write(unhardened_url: str) -> None:
    """Reading is left to whom the operator gave it; PUBLIC has nothing."""
    administer(
        unhardened_url,
        f"GRANT ALL ON SCHEMA {SCHEMA} TO PUBLIC, {STRANGER}",
        f"GRANT ALL ON ALL TABLES IN SCHEMA {SCHEMA} TO PUBLIC, {STRANGER}",
        f"GRANT UPDATE (score) ON {REVIEW} TO {STRANGER}",
    )
    result = harden(unhardened_url, APP_ROLE, OWNER_ROLE)
    assert any(STRANGER in sentence for sentence in result.done)
    stranger = address(make_url(unhardened_url).set(username=STRANGER))
    assert sqlstate(stranger, f"SELECT count(*) FROM {REVIEW}") is None
    assert sqlstate(stranger, f"UPDATE {REVIEW} SET score = 5") == "42501"
    assert sqlstate(stranger, f"CREATE TABLE {SCHEMA}.mine (id int)") == "42501"
    assert inspected(address(make_url(unhardened_url).set(username=APP_ROLE))) == []


def test_a_table_that_is_not_listed_can_only_be_read(unhardened_url: str) -> None:
    administer(unhardened_url, f"CREATE TABLE {SCHEMA}.insurance_reviews_new (id int)")
    harden(unhardened_url, APP_ROLE, OWNER_ROLE)
    app = address(make_url(unhardened_url).set(username=APP_ROLE))
    table = f"{SCHEMA}.insurance_reviews_new"
    assert sqlstate(app, f"SELECT * FROM {table}") is None
    assert sqlstate(app, f"INSERT INTO {table} VALUES (1)") == "42501"


def test_an_application_that_owned_its_tables_can_be_hardened(
    database_factory: DatabaseFactory, tmp_path: Path
) -> None:
    """The way of an installation that began without roles; what it held stays and works."""
    with database_factory.empty("postgresql") as admin:
        ensure_role(admin, APP_ROLE)
        database = make_url(admin).database
        administer(admin, f"GRANT CREATE ON DATABASE {database} TO {APP_ROLE}")
        app = address(make_url(admin).set(username=APP_ROLE))
        migrations.upgrade(app)
        with built_world(app, tmp_path / "state") as world:
            review = world.submit()
            assert [each for each in sentences(app, "advice") if "owns our tables" in each]
            assert sentences(app, "error") == []
            harden(admin, APP_ROLE, OWNER_ROLE)
            assert inspected(app) == []
            world.remove(review)


# --- who cannot be the application ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "sentence"),
    [("LOGIN SUPERUSER", "is a superuser"), ("LOGIN CREATEROLE", "may create roles")],
)
def test_a_role_that_nothing_restrains_is_refused(
    unhardened_url: str, options: str, sentence: str
) -> None:
    role = ensure_role(unhardened_url, "host_powerful", options)
    with pytest.raises(CannotHarden, match=sentence):
        harden(unhardened_url, role, OWNER_ROLE)
    assert value(unhardened_url, "SELECT count(*) FROM pg_event_trigger") == 0


@pytest.mark.parametrize("role", [OWNER_ROLE, "postgres", "nobody_at_all"])
def test_nobody_is_two_of_the_three_roles(unhardened_url: str, role: str) -> None:
    with pytest.raises(CannotHarden, match=r"CREATE ROLE|create one of the application's own"):
        harden(unhardened_url, role, OWNER_ROLE)


def test_the_owner_must_not_be_a_superuser(unhardened_url: str) -> None:
    with pytest.raises(CannotHarden, match="--owner-role"):
        harden(
            unhardened_url, APP_ROLE, ensure_role(unhardened_url, "host_admin", "LOGIN SUPERUSER")
        )


def test_an_owner_who_could_log_in_or_lend_his_name_no_longer_can(unhardened_url: str) -> None:
    role = ensure_role(unhardened_url, "host_owner")
    administer(unhardened_url, f"GRANT {role} TO {APP_ROLE}")
    result = harden(unhardened_url, APP_ROLE, role)
    assert f"the role {role} can no longer log in" in result.done
    assert f"{APP_ROLE} is no longer a member of {role}" in result.done
    app = address(make_url(unhardened_url).set(username=APP_ROLE))
    assert sqlstate(app, f"SET ROLE {role}") == "42501"


def test_who_may_act_as_the_owner_by_way_of_another_is_refused(unhardened_url: str) -> None:
    owner, between = (
        ensure_role(unhardened_url, "host_owner"),
        ensure_role(unhardened_url, "host_team"),
    )
    administer(unhardened_url, f"GRANT {owner} TO {between}", f"GRANT {between} TO {APP_ROLE}")
    try:
        with pytest.raises(CannotHarden, match="by way of another role"):
            harden(unhardened_url, APP_ROLE, owner)
    finally:
        administer(unhardened_url, f"DROP ROLE {between}")


def test_a_fence_that_cannot_be_put_up_for_another_reason_is_a_failure(
    unhardened_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what the administrator may not do is left out."""
    monkeypatch.setattr(harden_module, "fence_ddl", lambda _: ["SELECT nonsense"])
    with pytest.raises(DBAPIError, match="nonsense"):
        harden(unhardened_url, APP_ROLE, OWNER_ROLE)


def test_an_empty_database_is_not_hardened_but_migrated_first(
    database_factory: DatabaseFactory,
) -> None:
    with (
        database_factory.empty("postgresql") as url,
        pytest.raises(CannotHarden, match="db upgrade --admin-url"),
    ):
        harden(url, APP_ROLE, OWNER_ROLE)


# --- where rights are few -------------------------------------------------------------------------


def test_an_administrator_without_superuser_does_what_he_may(
    database_factory: DatabaseFactory, tmp_path: Path
) -> None:
    """As on a managed server: he owns the database and may create roles, no event triggers."""
    with database_factory.empty("postgresql") as superuser:
        ensure_role(superuser, APP_ROLE)
        role = ensure_role(superuser, "host_dba", "LOGIN CREATEROLE")
        owner = "host_dba_owner"
        administer(
            superuser,
            f"ALTER DATABASE {make_url(superuser).database} OWNER TO {role}",
            f"DROP ROLE IF EXISTS {owner}",
        )
        admin = address(make_url(superuser).set(username=role))
        migrate(admin, owner)
        result = harden(admin, APP_ROLE, owner)
        assert result.missing == []
        assert any("event trigger" in sentence for sentence in result.could_not)
        app = address(make_url(superuser).set(username=APP_ROLE))
        with built_world(app, tmp_path / "state") as world:
            build_scene(world)
        (advice,) = inspected(app)
        assert advice.level == "advice"
        assert "no fence" in str(advice)
        assert (
            value(
                superuser, f"SELECT has_database_privilege('{owner}', current_database(), 'CREATE')"
            )
            is False
        )
        # Again, and a migration, with nothing to do.
        migrate(admin, owner)
        assert harden(admin, APP_ROLE, owner).missing == []


# --- the commands ---------------------------------------------------------------------------------


def test_an_empty_database_becomes_a_hardened_one_by_one_command(
    database_factory: DatabaseFactory, tmp_path: Path, mount: Mount
) -> None:
    with database_factory.empty("postgresql") as admin:
        ensure_role(admin, APP_ROLE)
        app = mount(address(make_url(admin).set(username=APP_ROLE)), tmp_path)
        assert app.test_client().get("/reviews/healthz").status_code == 503
        result = command(app, "db", "upgrade", "--admin-url", admin)
        assert result.exit_code == 0, result.output
        assert f"schema {REVISION} (was empty)" in result.output
        assert "fence of event triggers stands" in result.output
        assert result.output.splitlines()[-1] == "hardened"
        assert app.test_client().get("/reviews/healthz").status_code == 200
        again = command(app, "db", "harden", "--admin-url", admin, "--app-role", APP_ROLE)
        assert (again.exit_code, again.output.splitlines()[-1]) == (0, "hardened")


#: What the newest migrations brought, in an order in which it can go.
NEWEST_TABLES = (
    "removal_count",
    "search_index",
    "search_part",
    "search_document",
    "search_state",
    "topic_count",
    "month_count",
)


def outdated(hardened: HardenedDatabase) -> None:
    """As an older release left it: hardened, and one revision behind."""
    administer(
        hardened.admin,
        f"SET {MAINTENANCE} = 'on'",
        f"SET search_path = {SCHEMA}",
        *(f"DROP TABLE insurance_reviews_{table}" for table in NEWEST_TABLES),
        "DROP INDEX ix_insurance_reviews_review_at",
        f"UPDATE {migrations.VERSION_TABLE} SET version_num = '0002'",
    )


def test_a_hardened_database_is_migrated_by_its_administrator(
    hardened: HardenedDatabase, tmp_path: Path, mount: Mount
) -> None:
    """The application alone is told how; afterwards the new tables are the owner's, and usable."""
    outdated(hardened)
    app = mount(hardened.app, tmp_path)
    alone = command(app, "db", "upgrade")
    assert alone.exit_code == 1
    assert "db upgrade --admin-url" in alone.output
    result = command(app, "db", "upgrade", "--admin-url", hardened.admin)
    assert result.exit_code == 0, result.output
    assert inspected(hardened.app) == []
    with built_world(hardened.app, tmp_path / "state") as world:
        build_scene(world)


def test_after_a_migration_that_fails_the_fence_stands(
    hardened: HardenedDatabase, tmp_path: Path, mount: Mount
) -> None:
    """It was open for the migrating session alone."""
    outdated(hardened)
    administer(
        hardened.admin,
        f"SET {MAINTENANCE} = 'on'",
        f"CREATE TABLE {SCHEMA}.insurance_reviews_search_part (in_the_way int)",
    )
    result = command(mount(hardened.app, tmp_path), "db", "upgrade", "--admin-url", hardened.admin)
    assert result.exit_code == 1
    assert "already exists" in result.output
    assert value(
        hardened.admin, f"SELECT version_num FROM {SCHEMA}.{migrations.VERSION_TABLE}"
    ) == ("0002")
    assert sqlstate(hardened.admin, f"ALTER TABLE {REVIEW} DISABLE TRIGGER ALL") == "IR030"
    assert sqlstate(hardened.app, f"SELECT count(*) FROM {REVIEW}") is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["harden"], "--admin-url"),
        (["harden", "--admin-url", "no url"], "no database URL"),
        (["harden", "--admin-url", "sqlite:////tmp/x.db"], "no PostgreSQL"),
        (["harden", "--admin-url", "postgresql+psycopg:///other"], "names the database other"),
    ],
)
def test_a_command_that_cannot_be_says_why(
    lasting_hardened: HardenedDatabase,
    tmp_path: Path,
    mount: Mount,
    arguments: list[str],
    sentence: str,
) -> None:
    result = command(mount(lasting_hardened.app, tmp_path), "db", *arguments)
    assert result.exit_code == 1
    assert sentence in result.output


def test_who_may_not_is_told_so(
    lasting_hardened: HardenedDatabase, tmp_path: Path, mount: Mount
) -> None:
    result = command(
        mount(lasting_hardened.app, tmp_path),
        "db",
        "harden",
        "--admin-url",
        lasting_hardened.of(STRANGER),
    )
    assert result.exit_code == 1
    assert "the administrator could not" in result.output


def test_sqlite_has_no_roles(
    database_factory: DatabaseFactory, tmp_path: Path, mount: Mount
) -> None:
    with database_factory.fresh("sqlite") as url:
        app = mount(url, tmp_path)
        for arguments in (["harden"], ["upgrade"]):
            result = command(app, "db", *arguments, "--admin-url", url)
            assert result.exit_code == 1
            assert "SQLite has no roles" in result.output
        with connected(url) as connection:
            assert not is_hardened(connection)


# --- beside a host --------------------------------------------------------------------------------

#: What a host does in a schema of its own.
HOST = (
    "CREATE TABLE host.orders (id int PRIMARY KEY, note text)",
    "CREATE TABLE host.lines (orders int REFERENCES host.orders)",
    "CREATE TABLE host.big_orders () INHERITS (host.orders)",
    "CREATE INDEX ON host.orders (note)",
    "CREATE VIEW host.all_orders AS SELECT * FROM host.orders",
    "CREATE FUNCTION host.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    'CREATE TRIGGER "a on insurance_reviews.b" BEFORE UPDATE ON host.orders '
    "FOR EACH ROW EXECUTE FUNCTION host.f()",
    "ALTER TABLE host.lines ALTER COLUMN orders TYPE bigint",
    "ALTER TABLE host.orders ADD COLUMN at timestamptz DEFAULT now()",
    "ALTER TABLE host.orders DISABLE TRIGGER USER",
    "CREATE RULE r AS ON DELETE TO host.orders DO INSTEAD NOTHING",
    "COMMENT ON TABLE host.orders IS 'orders'",
    "GRANT SELECT ON host.orders TO PUBLIC",
    "GRANT UPDATE (note) ON host.orders TO insurance_reviews_app",
    "REVOKE SELECT ON host.orders FROM PUBLIC",
    "SAVEPOINT s",
    "GRANT ALL ON SCHEMA host TO PUBLIC",
    "ROLLBACK TO s",
    "SAVEPOINT s",
    "GRANT EXECUTE ON FUNCTION host.f() TO PUBLIC",
    "RELEASE s",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA host GRANT SELECT ON TABLES TO PUBLIC",
    "CREATE TEMP TABLE insurance_reviews_removal (item text)",
    "REINDEX TABLE host.orders",
    "DROP RULE r ON host.orders",
    'DROP TRIGGER "a on insurance_reviews.b" ON host.orders',
    "ALTER TABLE host.orders DROP COLUMN note CASCADE",
    "DROP TABLE host.orders CASCADE",
    "DROP SCHEMA host CASCADE",
)


@pytest.mark.parametrize("role", ["postgres", STRANGER, APP_ROLE])
def test_the_host_does_as_it_likes_in_its_own_schema(
    lasting_hardened: HardenedDatabase, role: str
) -> None:
    administer(lasting_hardened.admin, f"CREATE SCHEMA host AUTHORIZATION {role}")
    with connected(lasting_hardened.of(role)) as connection:
        for statement in HOST:
            connection.execute(text(statement))
        connection.commit()


def test_rights_beside_ours_are_given_after_ours_were_long_ago(hardened: HardenedDatabase) -> None:
    """A GRANT looks for rows of the catalogue that this transaction wrote, not for old ones."""
    administer(hardened.admin, "CREATE TABLE public.orders (id int)")
    administer(hardened.admin, f"GRANT SELECT ON public.orders TO {STRANGER}")


def test_nothing_outside_our_schemas_is_touched(lasting_hardened: HardenedDatabase) -> None:
    """No right of everybody's on the database or on ``public``, and no object there."""
    with connected(lasting_hardened.admin) as connection:
        assert connection.scalar(
            text("SELECT datacl IS NULL FROM pg_database WHERE datname = current_database()")
        )
        assert set(connection.scalars(text("SELECT evtname FROM pg_event_trigger"))) == set(EVENTS)
        assert (
            list(
                connection.scalars(
                    text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")
                )
            )
            == []
        )
        schemas = connection.scalars(
            text("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspowner > 16383")
        )
        assert set(schemas) <= {SCHEMA, GUARD_SCHEMA, "public"}
