"""A database that has lost what was signed is not shown: neither pages nor figures come from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import create_engine, event

from insurance_reviews import migrations
from insurance_reviews.moderation.schema import SCHEMA
from insurance_reviews.plugin.app import create_app
from insurance_reviews.plugin.cli import main, reviews_cli
from insurance_reviews.plugin.current import get_state
from insurance_reviews.plugin.database import REVISION, make_engine
from insurance_reviews.plugin.start_guard import PAUSE, StartGuard
from insurance_reviews.plugin.unit_of_work import UnitOfWork
from support.databases import DatabaseFactory
from support.host import API, PREFIX, Host, mounted, settings_of
from support.world import World

#: What stands for everything that is read from the database.
ADDRESSES = [
    f"{PREFIX}/products/anxin-medical",
    f"{PREFIX}/embed/wall?product=anxin-medical",
    f"{PREFIX}/log/anxin/checkpoint",
    f"{API}/products/anxin-medical/summary",
]


@pytest.fixture
def kept(world: World) -> Path:
    """The file with the last checkpoint of a log that has entries."""
    world.submit()
    return world.settings.state_dir / "checkpoints" / "anxin.checkpoint"


@pytest.fixture
def behind(world: World, kept: Path) -> Iterator[Host]:
    """A host that starts on a database behind its kept checkpoint, as after restoring a backup."""
    older = kept.read_bytes()
    world.submit()
    newer = kept.read_bytes()
    kept.write_bytes(_of_999(newer))
    with mounted(world) as host:
        yield host
    kept.write_bytes(older)


def _of_999(note: bytes) -> bytes:
    """The same checkpoint, of 999 entries."""
    origin, _, *rest = note.split(b"\n")
    return b"\n".join([origin, b"999", *rest])


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_shown(behind: Host, address: str) -> None:
    answer = behind.client().get(address, headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["code"] == "log-behind"


def test_a_reader_is_told_in_words(behind: Host) -> None:
    answer = behind.client().get(ADDRESSES[0], headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert answer.content_type.startswith("text/html")


def test_health_says_what_ails(behind: Host) -> None:
    answer = behind.client().get(f"{PREFIX}/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert "999 were signed" in answer.json["problem"]


def test_what_needs_no_database_is_answered(behind: Host) -> None:
    assert behind.client().get(f"{PREFIX}/openapi.json").status_code == 200


def test_the_hosts_page_stands_without_reviews(behind: Host) -> None:
    answer = behind.client().get("/product/anxin-medical")
    assert answer.status_code == 200
    assert "<h1>anxin-medical</h1>" in answer.text
    assert "insurance-reviews" not in answer.text


def test_a_database_that_was_rewritten_is_refused_too(world: World, kept: Path) -> None:
    """As many entries and more, but not those that were signed."""
    note = kept.read_bytes()
    lines = note.split(b"\n")
    lines[2] = b"A" * 43 + b"="
    kept.write_bytes(b"\n".join(lines))
    with mounted(world) as host:
        answer = host.client().get(f"{PREFIX}/healthz")
    assert answer.json is not None
    assert "swapped or rewritten" in answer.json["problem"]
    kept.write_bytes(note)


def test_a_database_that_is_put_right_is_served_without_a_restart(world: World, kept: Path) -> None:
    """After a pause, so that a crowd of visitors costs no more than one."""
    right = kept.read_bytes()
    kept.write_bytes(_of_999(right))
    now = [0.0]
    guard = StartGuard(world.unit_of_work, world.context.logs.kept, clock=lambda: now[0])
    with pytest.raises(Exception, match="999 were signed"):
        guard.check()
    kept.write_bytes(right)
    with pytest.raises(Exception, match="999 were signed"):
        guard.check()
    now[0] += PAUSE
    guard.check()
    kept.write_bytes(_of_999(right))
    guard.check()  # seen once; from here on it is for the writers to look
    kept.write_bytes(right)


def test_a_larger_database_is_taken(world: World, kept: Path) -> None:
    """Another host has written meanwhile; each host keeps its own checkpoint."""
    older = kept.read_bytes()
    world.submit()
    kept.write_bytes(older)
    with mounted(world) as host:
        assert host.client().get(f"{PREFIX}/healthz").status_code == 200


def test_a_review_that_comes_meanwhile_is_no_restored_backup(world: World, kept: Path) -> None:
    """It stands in the file, and not in what the look began with."""
    engine = make_engine(world.settings.database_url)
    written: list[object] = []

    def write(*_: object) -> None:
        if not written:
            written.append(True)
            world.submit()

    event.listen(engine, "after_cursor_execute", write)
    StartGuard(UnitOfWork(engine), world.context.logs.kept).check()
    engine.dispose()
    assert written


@pytest.fixture
def empty(database_factory: DatabaseFactory, engine_name: str) -> Iterator[str]:
    """A migrated database in which nobody has written yet."""
    with database_factory.fresh(engine_name) as url:
        yield url


def test_a_database_that_lost_its_logs_is_refused(world: World, kept: Path, empty: str) -> None:
    """It knows of no log that could be behind; the checkpoints kept here do."""
    with mounted(world, database_url=empty) as host:
        health = host.client().get(f"{PREFIX}/healthz")
        page = host.client().get(f"{API}/products")
    assert health.status_code == 503
    assert health.json is not None
    assert "has 0 entries in the database, but 3 were signed" in health.json["problem"]
    assert page.json is not None
    assert (page.status_code, page.json["code"]) == (503, "log-behind")


def test_a_backup_from_before_a_log_was_opened_is_refused(world: World, kept: Path) -> None:
    """The other logs are whole."""
    origin, _, rest = kept.read_bytes().split(b"\n", 2)
    lost = kept.with_name("newcomer.checkpoint")
    lost.write_bytes(b"\n".join([origin.replace(b"anxin", b"newcomer"), b"7", rest]))
    with mounted(world) as host:
        answer = host.client().get(f"{PREFIX}/healthz")
        assert answer.json is not None
        assert "log/newcomer has 0 entries" in answer.json["problem"]
    result = CliRunner().invoke(main, ["serve", "--port", "1"], env=settings_of(world))
    assert result.exit_code == 1
    assert "log/newcomer has 0 entries" in result.output


def test_a_new_installation_starts(world: World, empty: str, tmp_path: Path) -> None:
    with mounted(world, database_url=empty, state_dir=str(tmp_path / "new")) as host:
        assert host.client().get(f"{PREFIX}/healthz").status_code == 200


def test_a_copy_of_a_checkpoint_is_no_other_log(world: World, kept: Path) -> None:
    """Somebody saved one beside it."""
    kept.with_name("anxin-before.checkpoint").write_bytes(kept.read_bytes())
    kept.with_name("not-begun.checkpoint").touch()
    with mounted(world) as host:
        assert host.client().get(f"{PREFIX}/healthz").status_code == 200


def by_hand(url: str, *statements: str) -> None:
    """What whoever owns the database does to it."""
    engine = create_engine(url)
    schema = f"{SCHEMA}." if engine.dialect.name == "postgresql" else ""
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement.replace("$", f"{schema}insurance_reviews_"))
    engine.dispose()


UNLOCKED = {
    "sqlite": "DROP TRIGGER $review_no_update",
    "postgresql": "DROP TRIGGER review_no_update ON $review",
}


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("INSERT INTO $alembic_version VALUES ('zzzz')", "log-unsigned"),
        ("INSERT INTO $alembic_version VALUES ('0002')", "log-unsigned"),
        ("UPDATE $alembic_version SET version_num = 'zzzz'", "unavailable"),
        ("UPDATE $alembic_version SET version_num = '0002'", "unavailable"),
        ("DELETE FROM $alembic_version", "unavailable"),
        ("DROP TABLE $alembic_version", "unavailable"),
    ],
)
def test_another_revision_does_not_switch_the_look_off(
    empty: str, engine_name: str, tmp_path: Path, statement: str, code: str
) -> None:
    by_hand(empty, statement, UNLOCKED[engine_name])
    app = alone(empty, tmp_path)
    for address in (f"{API}/products", f"{PREFIX}/link"):
        answer = app.test_client().get(address, headers={"Accept": "application/json"})
        assert answer.json is not None
        assert (answer.status_code, answer.json["code"]) == (503, code)
    assert app.test_client().get(f"{PREFIX}/healthz").status_code == 503
    with app.app_context():
        doctor = CliRunner().invoke(reviews_cli, ["doctor"])
        check = CliRunner().invoke(reviews_cli, ["db", "check"])
    assert doctor.exit_code == 1
    assert "error: " in doctor.output
    assert check.exit_code == 1
    get_state(app).work.engine.dispose()


def alone(url: str, folder: Path) -> Flask:
    """The stand-alone service on the database at ``url``."""
    return create_app(
        {
            "INSURANCE_REVIEWS_DATABASE_URL": url,
            "INSURANCE_REVIEWS_PUBLIC_URL": "https://shop.example",
            "INSURANCE_REVIEWS_STATE_DIR": str(folder / "state"),
            "INSURANCE_REVIEWS_POLICY_KEY": "a1" * 32,
            "INSURANCE_REVIEWS_INVITATION_KEY": "b2" * 32,
        }
    )


def test_an_older_database_is_migrated_and_then_served(
    empty_database_url: str, tmp_path: Path
) -> None:
    """By the same process, without a restart."""
    migrations.upgrade(empty_database_url, "0002")
    app = alone(empty_database_url, tmp_path)
    client = app.test_client()
    with app.app_context():
        assert client.get(f"{API}/products").status_code == 503
        assert CliRunner().invoke(reviews_cli, ["db", "check"]).exit_code == 1
        assert (
            f"schema {REVISION} (was 0002)"
            in CliRunner().invoke(reviews_cli, ["db", "upgrade"]).output
        )
        assert client.get(f"{API}/products").status_code == 200
    get_state(app).work.engine.dispose()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_connection_from_before_is_looked_at_too(empty: str, tmp_path: Path) -> None:
    """It was opened while the database said to be of another revision, which is not compared."""
    by_hand(empty, "UPDATE $alembic_version SET version_num = '0002'", UNLOCKED["sqlite"])
    app = alone(empty, tmp_path)
    assert app.test_client().get(f"{API}/products").status_code == 503
    by_hand(empty, f"UPDATE $alembic_version SET version_num = '{REVISION}'")
    answer = app.test_client().get(f"{API}/products")
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (503, "log-unsigned")
    get_state(app).work.engine.dispose()


def test_a_page_of_the_hosts_stands_beside_a_changed_schema(world: World, kept: Path) -> None:
    with mounted(world) as host:
        by_hand(
            world.settings.database_url.render_as_string(hide_password=False),
            "INSERT INTO $alembic_version VALUES ('zzzz')",
        )
        answer = host.client().get("/product/anxin-medical")
    assert answer.status_code == 200
    assert "<h1>anxin-medical</h1>" in answer.text


@pytest.mark.parametrize("ailment", ["behind", "key"])
def test_the_service_does_not_even_start(world: World, kept: Path, ailment: str) -> None:
    before = kept.read_bytes()
    key = world.settings.state_dir / "keys" / "anxin.key"
    if ailment == "behind":
        kept.write_bytes(_of_999(before))
    else:
        key.chmod(0o644)
    result = CliRunner().invoke(main, ["serve", "--port", "1"], env=settings_of(world))
    assert result.exit_code == 1
    assert ("999 were signed" if ailment == "behind" else "chmod 600") in result.output
    kept.write_bytes(before)
    key.chmod(0o600)
