"""The doctor names what is wrong, and what to do about it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.cli import ScriptInfo

from insurance_reviews.moderation.cosignatures import Witnessed, keep_cosignature, newest_sizes
from insurance_reviews.moderation.log_keys import rotate_key
from insurance_reviews.moderation.witness.home import create_witness
from insurance_reviews.plugin.cli import reviews_cli
from insurance_reviews.plugin.doctor import host as machine
from insurance_reviews.plugin.doctor.examine import examine
from insurance_reviews.plugin.services.policy_events import Holder
from support.by_hand import by_hand, covering_up
from support.databases import DatabaseFactory
from support.host import Host, mounted
from support.world import INSURERS, World

Doctor = Callable[..., dict[str, Any]]


@pytest.fixture
def doctor(host: Host) -> Doctor:
    """What ``flask reviews doctor --json`` says; it must end with ``code``."""

    def doctor(code: int = 0) -> dict[str, Any]:
        result = run(host, "--json")
        assert result.exit_code == code, result.output
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    return doctor


def run(host: Host, *options: str) -> Result:
    info = ScriptInfo(create_app=lambda: host.app)
    return CliRunner().invoke(reviews_cli, ["doctor", *options], obj=info)


def found(answer: dict[str, Any], check: str, severity: str = "error") -> list[str]:
    """The problems that a check named, each with a remedy."""
    findings = [each for each in answer["findings"] if each["check"] == check]
    return [each["problem"] for each in findings if each["severity"] == severity]


def errors(answer: dict[str, Any]) -> list[str]:
    return [each["problem"] for each in answer["findings"] if each["severity"] == "error"]


def test_a_healthy_installation(host: Host, doctor: Doctor) -> None:
    host.world.submit()
    answer = doctor()
    assert answer["healthy"] is True
    assert errors(answer) == []
    sizes = {log["origin"].rsplit("/", 1)[1]: log["size"] for log in answer["logs"]}
    assert sizes == {"anxin": 3, "boshan": 1, "chunhe": 1}


def test_people_read_sentences(host: Host) -> None:
    host.world.submit()
    result = run(host)
    assert result.exit_code == 0
    assert "shop.example/reviews/log/anxin: 3 entries read" in result.output
    assert result.output.endswith("all is well\n")


def test_a_counter_that_is_wrong_is_found_and_mended(host: Host, doctor: Doctor) -> None:
    """Counters are the only figures that may be mended: the facts say what they must be."""
    host.world.submit(aspects={"speed": 2})
    host.world.reply(host.world.submit())
    by_hand(
        host.world,
        "UPDATE $review_count SET n = n + 1",
        "UPDATE $aspect_count SET total = 99",
        "UPDATE $product_state SET removals = 3",
        "DELETE FROM $reply_delay",
        "UPDATE $invitation_count SET n = 0",
    )
    assert len(found(doctor(1), "figures")) >= 5
    info = ScriptInfo(create_app=lambda: host.app)
    mended = CliRunner().invoke(reviews_cli, ["figures", "rebuild"], obj=info)
    assert "counters were wrong" in mended.output
    assert errors(doctor()) == []
    again = CliRunner().invoke(reviews_cli, ["figures", "rebuild"], obj=info)
    assert again.output == "every counter was right\n"
    assert host.world.findings() == []


@pytest.mark.parametrize(
    ("table", "statement", "says"),
    [
        ("review", "UPDATE $review SET score = 5", "differs from its row"),
        ("content", "UPDATE $content SET body = '{}'", "are not those committed to"),
        ("content", "DELETE FROM $content", "gone without a removal"),
    ],
)
def test_rows_that_were_changed_by_hand(
    host: Host, doctor: Doctor, table: str, statement: str, says: str
) -> None:
    host.world.submit(score=2, text="理赔拖了三个月。")
    covering_up(host.world, table, statement)
    assert any(says in problem for problem in found(doctor(1), "logs"))


def test_a_lock_that_is_gone(host: Host, doctor: Doctor) -> None:
    host.world.submit()
    host.state.work.engine.dispose()
    if host.state.work.engine.dialect.name == "sqlite":
        by_hand(host.world, "DROP TRIGGER $review_no_update")
        host.state.work.engine.dispose()
    else:
        by_hand(host.world, "DROP TRIGGER review_no_update ON $review")
    assert any("review_no_update" in problem for problem in found(doctor(1), "database"))


def test_a_database_behind_its_checkpoint(world: World) -> None:
    """The way back is told, with the entries that are missing."""
    world.submit()
    path = world.settings.state_dir / "checkpoints" / "anxin.checkpoint"
    before = path.read_bytes()
    origin, _, *rest = before.split(b"\n")
    path.write_bytes(b"\n".join([origin, b"9", *rest]))
    with mounted(world) as host:
        result = run(host)
    assert result.exit_code == 1
    assert "restored from an older backup" in result.output
    assert "6 entries of shop.example/reviews/log/anxin are missing: 3 to 8" in result.output
    assert "docs/backup.md" in result.output
    path.write_bytes(before)


def test_a_database_without_the_logs_that_were_signed(
    world: World, database_factory: DatabaseFactory, engine_name: str
) -> None:
    """There is no log to look at, but there are checkpoints."""
    world.submit()
    with (
        database_factory.fresh(engine_name) as empty,
        mounted(world, database_url=empty) as host,
    ):
        result = run(host)
    assert result.exit_code == 1
    assert "log/anxin has 0 entries in the database, but 3 were signed" in result.output
    assert "This database has no such log" in result.output
    assert "3 entries of shop.example/reviews/log/anxin are missing: 0 to 2" in result.output
    assert "docs/backup.md" in result.output
    assert f"{len(INSURERS)} findings" in result.output


def test_a_checkpoint_that_cannot_be_read(host: Host, doctor: Doctor) -> None:
    """Of a log that is there, and of one that is not."""
    folder = host.world.settings.state_dir / "checkpoints"
    before = (folder / "anxin.checkpoint").read_bytes()
    for name in ("anxin", "newcomer"):
        (folder / f"{name}.checkpoint").write_bytes(b"garbled")
    problems = found(doctor(1), "checkpoints")
    assert [problem.rpartition("/")[2].split(":")[0] for problem in problems] == [
        "newcomer.checkpoint cannot be read",
        "anxin.checkpoint cannot be read",
    ]
    (folder / "anxin.checkpoint").write_bytes(before)
    (folder / "newcomer.checkpoint").unlink()


def test_reviews_that_come_meanwhile_are_no_findings(host: Host) -> None:
    """One state is looked at, and the checkpoints of no later one."""
    world = host.world
    for insurer in INSURERS:
        world.submit(product=f"{insurer}-medical")

    @contextmanager
    def busy(_: str) -> Iterator[Callable[[int, int], None]]:
        """Somebody writes before, while and after a part is looked at."""

        def show(done: int, total: int) -> None:
            write()

        write()
        yield show
        write()

    def write() -> None:
        for insurer in INSURERS:
            review = world.submit(product=f"{insurer}-medical")
        world.reply(review)
        world.remove(review)

    before = world.read(newest_sizes)
    diagnosis = examine(host.state, busy)
    assert [each.problem for each in diagnosis.findings if each.severity == "error"] == []
    assert diagnosis.sizes == {ref.origin: size for ref, size in before}
    assert world.read(newest_sizes) != before


def test_a_host_that_lost_its_state_is_warned(host: Host, doctor: Doctor) -> None:
    host.world.submit()
    shutil.rmtree(host.state.settings.state_dir / "checkpoints")
    assert len(found(doctor(), "checkpoints", "advice")) == len(INSURERS)


@pytest.mark.parametrize("ailment", ["missing", "open", "garbled", "older", "unannounced"])
def test_key_files(host: Host, doctor: Doctor, ailment: str) -> None:
    world = host.world
    path = world.settings.state_dir / "keys" / "anxin.key"
    before = path.read_text()
    says = {
        "missing": "cannot read the signing key",
        "open": "run chmod 600",
        "garbled": "holds no signing key",
        "older": "is not in the key file of this host",
        "unannounced": "begins with a key that the log has not announced",
    }
    _spoil(world, path, before, ailment)
    (problem,) = found(doctor(1), "keys")
    assert says[ailment] in problem


def _spoil(world: World, path: Path, before: str, ailment: str) -> None:
    match ailment:
        case "missing":
            path.unlink()
        case "open":
            path.chmod(0o640)
        case "garbled":
            path.write_text("garbled")
        case "older":
            world.write(lambda s: rotate_key(s, world.context.logs, world.ref(), world.now))
            path.write_text(before)
        case "unannounced":
            world.context.logs.keys.renew("anxin", lambda key: True)


def test_keys_that_overlap_are_to_be_retired(host: Host, doctor: Doctor) -> None:
    world = host.world
    world.write(lambda s: rotate_key(s, world.context.logs, world.ref(), world.now))
    assert found(doctor(), "keys", "advice") == [
        "2 keys sign shop.example/reviews/log/anxin",
    ]


def test_a_clock_that_runs_behind(host: Host, doctor: Doctor) -> None:
    host.world.submit()
    host.world.pass_time(days=-2)
    assert "seconds behind the newest entry" in found(doctor(1), "clock")[0]


def test_a_disk_that_is_filling_up(
    host: Host, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "LITTLE", 1 << 60)
    assert found(doctor(), "disk", "advice")
    monkeypatch.setattr(machine, "TOO_LITTLE", 1 << 60)
    assert "are free where STATE_DIR lies" in found(doctor(1), "disk")[0]


def test_a_worker_that_does_not_run(host: Host, doctor: Doctor) -> None:
    host.world.invite(holder=Holder(email="w@example.cn"))
    assert found(doctor(), "worker", "advice") == []
    host.world.pass_time(hours=1)
    assert "1 jobs (invitation)" in found(doctor(), "worker", "advice")[0]


def test_nobody_outside_watches(host: Host, doctor: Doctor) -> None:
    assert "nobody outside signs" in found(doctor(), "witnesses", "advice")[0]


def test_a_witness_that_signs_no_more(world: World, tmp_path: Path) -> None:
    """Only what nobody signed for a while is told of."""
    witness = create_witness(tmp_path / "witness", "witness.example/w1")
    ref, signed = world.ref(), Witnessed(witness.name, 1, int(world.now.timestamp()))
    with mounted(world, witnesses=f"{witness.vkey} https://w.example") as host:

        def told() -> list[str]:
            advice = found(json.loads(run(host, "--json").stdout), "witnesses", "advice")
            return [problem for problem in advice if ref.origin in problem]

        assert told() == [f"no witness has signed {ref.origin} yet"]
        world.write(lambda session: keep_cosignature(session, ref, signed, "— a line\n"))
        world.submit()
        assert told() == []
        world.pass_time(minutes=11)
        assert told() == [f"the newest 2 entries of {ref.origin} are not witnessed"]


def test_a_database_that_is_gone(world: World, tmp_path: Path) -> None:
    """Nothing could be checked: that is neither health nor sickness."""
    url = world.settings.database_url
    nowhere = str(tmp_path / "no" / "where.db") if url.get_backend_name() == "sqlite" else "nowhere"
    gone = url.set(database=nowhere).render_as_string(hide_password=False)
    with mounted(world, database_url=gone) as host:
        result = run(host, "--json")
        assert result.exit_code == 2
        assert json.loads(result.stdout)["healthy"] is None
        assert "the database cannot be read" in run(host).output
