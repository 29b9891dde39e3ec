"""The command line, inside a host and stand-alone."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.cli import ScriptInfo
from sqlalchemy import create_engine, text

from insurance_reviews.plugin import start_guard
from insurance_reviews.plugin.cli import main, reviews_cli, worker
from insurance_reviews.plugin.services.policy_events import Holder
from support import standalone
from support.databases import DatabaseFactory
from support.host import PREFIX, Host, mounted, settings_of
from support.world import World, built_world, settings_for

Run = Callable[..., Result]


@pytest.fixture
def run(host: Host) -> Run:
    """``run("token", "list")`` is ``flask reviews token list`` in the host."""

    def run(*arguments: str, **options: Any) -> Result:
        info = ScriptInfo(create_app=lambda: host.app)
        return CliRunner().invoke(reviews_cli, arguments, obj=info, **options)

    return run


def said(result: Result, code: int = 0) -> str:
    """What a command printed that ended with ``code``, and not by a traceback."""
    assert not isinstance(result.exception, Exception) or result.exit_code == 1, result.exception
    assert "Traceback" not in result.output
    assert result.exit_code == code, result.output
    return result.output


def refused(result: Result) -> str:
    """The sentence of a refusal."""
    output = said(result, 1)
    assert isinstance(result.exception, SystemExit), result.exception
    assert output.splitlines()[-1].startswith("Error: "), output
    return output


# --- the catalogue -------------------------------------------------------------------------------


def test_a_shop_from_nothing(run: Run, host: Host) -> None:
    """Insurer, product, storefront, token: what docs/quickstart.md asks for."""
    assert said(run("insurer", "add", "dahe", "大河人寿", "--name-en", "Dahe Life")) == (
        "dahe: log localhost/reviews/log/dahe is open\n"
    )
    said(run("product", "add", "dahe-life", "dahe", "定期寿险", "--stage", "claim"))
    said(run("storefront", "add", "dahe-shop", "大河商城", "--insurer", "dahe"))
    token = said(run("token", "issue", "storefront", "dahe-shop", "--label", "测试")).strip()
    assert re.fullmatch(r"ir_[A-Za-z0-9_-]{43}", token)
    event = {
        "policy_no": "D1",
        "product": "dahe-life",
        "stage": "claim",
        "occurrence": "1",
        "occurred_on": "2026-02-20",
    }

    def send() -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return (
            host.client()
            .post(f"{PREFIX}/api/v1/policy-events", json=event, headers=headers)
            .status_code
        )

    assert send() == 201
    listed = said(run("token", "list"))
    [line] = [line for line in listed.splitlines() if "dahe-shop" in line]
    assert token not in listed
    assert ("valid" in line, "测试" in line) == (True, True)
    assert said(run("token", "revoke", line.split()[0])) == "revoked\n"
    assert send() == 401
    assert "revoked" in said(run("token", "list"))
    said(run("doctor"))


def test_reasons_are_erased_and_the_report_stands(run: Run, host: Host) -> None:
    """Once: what is gone is gone, and a report of another insurer is unknown."""
    report = host.world.report(host.world.submit()).id
    assert "no such report" in refused(run("report", "erase-reasons", "boshan", report))
    erased = ["report", "erase-reasons", "anxin", report]
    assert said(run(*erased)) == "1 texts erased; the report stands\n"
    assert said(run(*erased)) == "0 texts erased; the report stands\n"
    said(run("doctor"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("insurer", "add", "anxin", "又一个"),
        ("insurer", "add", "A", "名"),
        ("insurer", "add", "ok", ""),
        ("insurer", "add", "ok", "a\nb"),
        ("product", "add", "anxin-medical", "anxin", "又一个"),
        ("product", "add", "new", "nobody", "名"),
        ("product", "add", "not a sku", "anxin", "名"),
        ("storefront", "add", "shop", "又一个", "--insurer", "anxin"),
        ("storefront", "add", "new", "店", "--insurer", "nobody"),
        ("storefront", "add", "new", "店", "--insurer", "anxin", "--origin", "shop.example"),
        ("storefront", "add", "new", "店", "--insurer", "anxin", "--origin", "https://a.b/c"),
        ("storefront", "add", "new", "店", "--insurer", "anxin", "--origin", "https://a.b;x"),
        ("storefront", "add", "new", "店", "--insurer", "anxin", "--origin", "https://a.b *"),
        ("token", "issue", "storefront", "nobody"),
        ("token", "issue", "compliance", "nobody"),
        ("token", "revoke", "0000000"),
        ("token", "revoke", "%"),
        ("export", "nobody"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_is_refused_in_a_sentence(
    lasting_host: Host, arguments: tuple[str, ...]
) -> None:
    before = lasting_host.world.snapshot()
    info = ScriptInfo(create_app=lambda: lasting_host.app)
    refused(CliRunner().invoke(reviews_cli, arguments, obj=info))
    assert lasting_host.world.snapshot() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",),
        ("insurer",),
        ("insurer", "add"),
        ("insurer", "add", "x"),
        ("product", "add", "new", "anxin", "名", "--stage", "purchase"),
        ("storefront", "add", "new", "店"),
        ("token", "issue", "king", "anxin"),
        ("export", "anxin", "--from", "x"),
        ("import", "shop", "no-such-file"),
        ("deliver", "--for-ever"),
        ("doctor", "x"),
    ],
    ids=" ".join,
)
def test_a_mistyped_command_says_how_it_goes(
    lasting_host: Host, arguments: tuple[str, ...]
) -> None:
    info = ScriptInfo(create_app=lambda: lasting_host.app)
    result = CliRunner().invoke(reviews_cli, arguments, obj=info)
    assert result.exit_code == 2
    assert "Usage: " in result.output


def test_every_command_has_help_without_an_application() -> None:
    def groups(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        yield path
        for name, below in getattr(command, "commands", {}).items():
            yield from groups(below, (*path, name))

    paths = list(groups(main))
    assert len(paths) > 15
    for path in paths:
        result = CliRunner().invoke(main, [*path, "--help"])
        assert result.exit_code == 0
        assert "Usage: " in result.output


# --- import and export ---------------------------------------------------------------------------


def lines(host: Host, count: int) -> list[dict[str, Any]]:
    found = []
    for _ in range(count):
        event = host.world.event()
        holder = {"name": "王\u2028小明", "email": "w@example.cn"}
        found.append(
            {
                "policy_no": event.policy_no,
                "product": event.product,
                "stage": event.stage,
                "occurrence": event.occurrence,
                "occurred_on": event.occurred_on.isoformat(),
                "holder": holder,
            }
        )
    return found


def test_events_are_imported_once(run: Run, host: Host, tmp_path: Path) -> None:
    """Bad lines are named and leave the good ones standing; a mended file can be sent again."""
    events = lines(host, 3)
    path = tmp_path / "events.jsonl"
    good = [json.dumps(event, ensure_ascii=False) for event in events]
    bad = [
        "{",
        "[]",
        '{"policy_no": "1", "policy_no": "2"}',
        json.dumps({**events[0], "product": "nothing"}),
        json.dumps({**events[0], "occurred_on": "soon"}),
        '{"policy_no": "\\ud800"}',
        json.dumps({**events[0], "occurred_on": "2026-02-19"}),
    ]
    path.write_text("\n".join([good[0], "", *bad, *good[1:], ""]), encoding="utf-8")
    output = refused(run("import", "shop", str(path)))
    assert "3 new, 0 known, 7 refused" in output
    named = [int(number) for number in re.findall(r"^line (\d+): \S", output, re.MULTILINE)]
    assert named == [3, 4, 5, 6, 7, 8, 9]
    assert "occurred_on: A date is written as" in output
    before = host.world.snapshot()
    path.write_text("\r\n".join(good), encoding="utf-8")
    assert "0 new, 3 known, 0 refused" in said(run("import", "shop", str(path)))
    assert host.world.snapshot() == before
    assert "0 new, 0 known, 3 refused" in refused(run("import", "nobody", str(path)))
    path.write_bytes(b"\xff\xfe\n")
    assert "0 new, 0 known, 1 refused" in refused(run("import", "shop", str(path)))


def test_the_export_is_what_the_api_shows(run: Run, host: Host, tmp_path: Path) -> None:
    for number in range(3):
        host.world.submit(text=f"第{number}条\u2028换行")
    path = tmp_path / "reviews.jsonl"
    said(run("export", "anxin", "--output", str(path)))
    shown = (
        host.client().get(f"{PREFIX}/api/v1/insurers/anxin/reviews.jsonl").get_data(as_text=True)
    )
    exported = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
    assert exported == [json.loads(line) for line in shown.split("\n")[:-1]]
    assert len(exported) == 3
    assert said(run("export", "anxin", "--from", "1000")) == ""
    last = said(run("export", "anxin", "--from", str(exported[-1]["log"]["index"])))
    assert json.loads(last) == exported[-1]


# --- the worker ----------------------------------------------------------------------------------


def test_the_worker_sends_what_waits(run: Run, host: Host) -> None:
    host.world.invite(holder=Holder(email="w@example.cn"))
    host.world.invite(holder=Holder(name="王"))
    assert said(run("deliver")) == "delivered 1\n"
    assert said(run("deliver")) == "delivered 0\n"
    folder = host.state.settings.mail_folder
    assert folder is not None
    assert len(list(folder.iterdir())) == 1


@pytest.fixture
def rolled_back(host: Host) -> Iterator[Path]:
    """A kept checkpoint of more than the database holds; the file that says so."""
    host.world.invite(holder=Holder(email="w@example.cn"))
    path = host.state.settings.state_dir / "checkpoints" / "anxin.checkpoint"
    before = path.read_bytes()
    origin, _, rest = before.split(b"\n", 2)
    path.write_bytes(b"\n".join([origin, b"999", rest]))
    yield path
    path.write_bytes(before)


def test_nothing_is_sent_from_a_restored_backup(run: Run, host: Host, rolled_back: Path) -> None:
    """Its mails were sent once already."""
    before = host.world.snapshot()
    assert "999 were signed" in refused(run("deliver"))
    assert host.world.snapshot() == before


def test_the_worker_waits_until_the_database_is_put_right(
    host: Host, rolled_back: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "PAUSE_AFTER_FAILURE", 0.01)
    monkeypatch.setattr(start_guard, "PAUSE", 0.01)
    stop = Event()
    thread = Thread(target=worker.work_until, args=(stop, host.state))
    thread.start()
    try:
        until(lambda: len(caplog.records) > 3)
        assert "999 were signed" in caplog.text
        assert "Traceback" not in caplog.text
        folder = host.state.settings.mail_folder
        assert folder is not None
        assert not folder.exists() or not list(folder.iterdir())
        rolled_back.write_bytes(rolled_back.read_bytes().replace(b"\n999\n", b"\n2\n"))
        until(lambda: folder.exists() and list(folder.iterdir()))
    finally:
        stop.set()
        thread.join()


def until(condition: Callable[[], object]) -> None:
    """Wait until it is true, but not for ever."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_contacts_are_forgotten_in_time(run: Run, host: Host) -> None:
    host.world.invite(holder=Holder(name="王小明", email="w@example.cn"))
    said(run("deliver"))
    host.world.pass_time(days=179)
    said(run("deliver"))
    assert host.world.snapshot()["insurance_reviews_holder_contact"]
    host.world.pass_time(days=2)
    said(run("deliver"))
    assert host.world.snapshot()["insurance_reviews_holder_contact"] == []
    assert "w@example.cn" not in str(host.world.snapshot())


# --- the schema ----------------------------------------------------------------------------------


@pytest.fixture
def empty_host(empty_database_url: str, tmp_path: Path) -> Iterator[Run]:
    """``flask reviews …`` in a host whose database has no table yet."""
    settings = settings_for(empty_database_url, tmp_path / "state")
    world: Any = type("Unborn", (), {"settings": settings, "now": datetime.now(UTC)})
    with mounted(world) as host:

        def run(*arguments: str) -> Result:
            info = ScriptInfo(create_app=lambda: host.app)
            return CliRunner().invoke(reviews_cli, arguments, obj=info)

        assert host.client().get(f"{PREFIX}/healthz").status_code == 503
        yield run
        assert host.client().get(f"{PREFIX}/healthz").get_json() == {"status": "ok"}


def test_a_database_is_brought_to_this_release(empty_host: Run) -> None:
    """Until then every command says what to do."""
    assert "run flask reviews db upgrade" in refused(empty_host("db", "check"))
    assert "Run: flask reviews db upgrade" in said(empty_host("doctor"), 1)
    for arguments in (("token", "list"), ("insurer", "add", "anxin", "安心")):
        assert "is not migrated: run flask reviews db upgrade" in refused(empty_host(*arguments))
    assert re.fullmatch(r"schema \w+ \(was empty\)\n", said(empty_host("db", "upgrade")))
    assert re.fullmatch(r"schema \w+\n", said(empty_host("db", "upgrade")))
    assert re.fullmatch(r"schema \w+\n", said(empty_host("db", "check")))
    assert said(empty_host("doctor")).endswith("all is well\n")


def test_a_host_without_the_reviews_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from flask import Flask

    info = ScriptInfo(create_app=lambda: Flask("bare"))
    output = refused(CliRunner().invoke(reviews_cli, ["doctor"], obj=info))
    assert "not mounted" in output


# --- stand-alone ---------------------------------------------------------------------------------


def test_alone_the_settings_come_from_the_environment(world: World) -> None:
    settings = settings_of(world)
    done = standalone.run(settings, "db", "check")
    assert (done.returncode, done.stderr) == (0, "")
    none = {**settings, "INSURANCE_REVIEWS_POLICY_KEY": ""}
    done = standalone.run(none, "db", "check")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: INSURANCE_REVIEWS_POLICY_KEY is missing: make one with")
    away = settings_of(world, database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    done = standalone.run(away, "db", "check")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: the database cannot be reached: ")
    assert "Traceback" not in done.stderr


def test_serve_refuses_bad_settings_at_once(world: World) -> None:
    done = standalone.run(settings_of(world, timezone="Mars/Olympus"), "serve", "--port", "1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: INSURANCE_REVIEWS_TIMEZONE is no IANA time zone")


def test_the_worker_runs_until_it_is_told_to_stop(
    database_factory: DatabaseFactory, tmp_path: Path
) -> None:
    with (
        database_factory.fresh("sqlite") as url,
        built_world(url, tmp_path / "state") as world,
        standalone.running(settings_of(world), "deliver", "--forever") as process,
    ):
        folder = world.settings.state_dir / "mail"
        # The worker has the machine's clock.
        world.now = datetime.now(UTC)
        world.invite(holder=Holder(email="w@example.cn"))
        deadline = time.monotonic() + 30
        while not (folder.exists() and list(folder.glob("*"))):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_the_engine_of_a_host_is_not_ours(world: World) -> None:
    """No command writes to the host's tables, migrating included."""
    if world.settings.database_url.get_backend_name() != "sqlite":
        return
    engine = create_engine(world.settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE host (id INTEGER)"))
        connection.execute(text("INSERT INTO host VALUES (7)"))
    with mounted(world) as host:
        info = ScriptInfo(create_app=lambda: host.app)
        said(CliRunner().invoke(reviews_cli, ["db", "upgrade"], obj=info))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT id FROM host")) == 7
    engine.dispose()


# --- keys -----------------------------------------------------------------------------------------


def test_a_key_is_rotated_and_the_older_one_destroyed(run: Run, host: Host) -> None:
    """The log serves the new one at once, and checkpoints carry both signatures until then."""
    client = host.client()
    before = client.get(f"{PREFIX}/log/anxin/key").text.strip()
    output = said(run("key", "rotate", "anxin"))
    after = client.get(f"{PREFIX}/log/anxin/key").text.strip()
    assert f"announced {after}" in output
    assert after != before
    assert client.get(f"{PREFIX}/log/anxin/checkpoint").text.count("\n— ") == 2
    assert "Aborted" in run("key", "retire", "anxin", input="n\n").output
    assert said(run("key", "retire", "anxin", "--yes")) == "1 keys destroyed\n"
    host.world.submit()
    assert client.get(f"{PREFIX}/log/anxin/checkpoint").text.count("\n— ") == 1


def test_a_key_of_nobody_is_refused(run: Run) -> None:
    refused(run("key", "rotate", "nobody"))
