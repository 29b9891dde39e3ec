"""The harness of the long runs sees what it is there to see."""

from __future__ import annotations

import json
import signal
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from runs import __main__ as runner
from runs import faults, flips
from runs.children import forked
from runs.durable_postgresql import early_answers as early_on_postgresql
from runs.durable_sqlite import early_answers as early_on_sqlite
from runs.figures import Done, Figure, none_of, table
from runs.flips import claims
from runs.places import Place
from runs.strace import Call, read_calls

FOLDER = Path("/place")


def sqlite_call(name: str, file: str) -> Call:
    return Call(name, f"/place/{file}", 1)


ANSWER = Call("write", "pipe:[17]", 1)


@pytest.mark.parametrize(
    ("calls", "early"),
    [
        ([("pwrite64", "reviews.sqlite-wal"), ("fdatasync", "reviews.sqlite-wal")], 0),
        ([("pwrite64", "reviews.sqlite-wal")], 1),
        ([("pwrite64", "reviews.sqlite-wal"), ("fdatasync", "reviews.sqlite")], 1),
        ([("fdatasync", "reviews.sqlite-wal"), ("pwrite64", "reviews.sqlite-wal")], 1),
        ([("ftruncate", "reviews.sqlite")], 1),
        # Rebuilt from the log, or no evidence.
        ([("pwrite64", "reviews.sqlite-shm"), ("pwrite64", "anxin.checkpoint")], 0),
    ],
)
def test_an_unsynced_write_makes_an_answer_early(calls: list[tuple[str, str]], early: int) -> None:
    seen = [*(sqlite_call(*call) for call in calls), ANSWER]
    assert early_on_sqlite(Place(FOLDER), seen) == (early, 1)


WAL = "/data/pg_wal/000000010000000000000001"
WRITTEN, SYNCED = Call("pwrite64", WAL, 1), Call("fdatasync", WAL, 1)
COMMITTED = Call("sendto", "socket:[1]", 1, r'"C\0\0\0\vCOMMIT\0Z\0\0\0\5I", 18')


@pytest.mark.parametrize(
    ("calls", "early", "answers"),
    [
        ([WRITTEN, SYNCED, COMMITTED], 0, 1),
        ([WRITTEN, COMMITTED], 1, 1),
        ([SYNCED, WRITTEN, COMMITTED], 1, 1),
        # Nothing was written for it at all.
        ([COMMITTED], 1, 1),
        ([WRITTEN, SYNCED, COMMITTED, COMMITTED], 1, 2),
        ([Call("sendto", "socket:[1]", 1, r'"C\0\0\0\nBEGIN\0"')], 0, 0),
    ],
)
def test_a_commit_waits_for_the_log(calls: list[Call], early: int, answers: int) -> None:
    assert early_on_postgresql(calls) == (early, answers)


def test_system_calls_are_read_and_numbered(tmp_path: Path) -> None:
    log = tmp_path / "calls"
    log.write_text(
        '12 openat(AT_FDCWD</>, "/place/reviews.sqlite", O_RDWR|O_CREAT, 0644) = 3</place/r>\n'
        '12 pwrite64(3</place/reviews.sqlite-wal>, "\\1"..., 4096, 0) = 4096\n'
        "12 fdatasync(3</place/reviews.sqlite-wal>) = -1 EIO (Input/output error) (INJECTED)\n"
        "12 --- SIGCHLD {si_signo=SIGCHLD} ---\n"
        '12 pwrite64(3</place/reviews.sqlite-wal>, "\\1"..., 24, 4096) = 24\n'
        'write(1<pipe:[17]>, "{}\\n", 3) = 3\n'
        "12 +++ exited with 0 +++\n"
    )
    calls = read_calls(log)
    assert [(call.name, call.target, call.number, call.injected) for call in calls] == [
        ("openat", "/place/reviews.sqlite", 1, False),
        ("pwrite64", "/place/reviews.sqlite-wal", 1, False),
        ("fdatasync", "/place/reviews.sqlite-wal", 1, True),
        ("pwrite64", "/place/reviews.sqlite-wal", 2, False),
        ("write", "pipe:[17]", 1, False),
    ]


BEFORE = b'{"id":"rv_1","product":"p","score":4,"reply":null,"follow_ups":[]}'


@pytest.mark.parametrize(
    ("after", "same"),
    [
        (BEFORE.replace(b"reply", b"reply"), True),
        (BEFORE.replace(b"follow_ups", b"fol\\u006cow_ups"), True),
        (BEFORE.replace(b"score", b"scorf"), False),
        (BEFORE.replace(b":4", b":5"), False),
        (BEFORE.replace(b'"p"', b'"q"'), False),
        (BEFORE.replace(b"{", b"["), False),
    ],
)
def test_a_flip_without_a_claim_is_told_apart(after: bytes, same: bool) -> None:
    assert (claims(after, BEFORE) == claims(BEFORE, BEFORE)) is same


def test_what_a_wall_repeats_from_the_question_is_no_claim() -> None:
    wall = b'{"product":"p","items":[],"total":0,"total_is_exact":true}'
    assert claims(wall.replace(b'"p"', b'"q"'), wall) == claims(wall, wall)
    assert claims(wall.replace(b"0", b"1"), wall) != claims(wall, wall)


def test_findings_fail_a_figure_and_show_the_first() -> None:
    assert none_of([], "goal", "value") == Figure("goal", "value", True)
    failed = none_of(["one\nline", "two"], "goal", "value")
    assert failed == Figure("goal", "value; BAD: 2, first: one line", False)
    lines = table([Done("run", (failed, Figure("more", "1", True)), 61.4)]).splitlines()
    assert lines[2].split() == ["run", "goal", *failed.value.split(), "FAIL", "61", "s"]
    assert lines[3].split() == ["more", "1", "PASS"]


def test_a_run_that_breaks_is_a_missed_goal(tmp_path: Path, monkeypatch: Any) -> None:
    """And the others are made all the same."""

    def breaks(_: object) -> list[Figure]:
        raise ZeroDivisionError("by zero")

    made = {
        "one": SimpleNamespace(NAME="one", needs=list, run=breaks),
        "two": SimpleNamespace(NAME="two", needs=list, run=lambda _: [Figure("g", "v", True)]),
    }
    monkeypatch.setattr(runner, "RUNS", made)
    monkeypatch.setattr(runner, "load", made.__getitem__)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    # Of a process in the background, Ctrl-C is ignored from the beginning.
    monkeypatch.setattr(runner, "interrupted", lambda: False)
    path = tmp_path / "attack.json"
    assert runner.main(["--quick", "--json", str(path)]) == runner.MISSED
    one, two = json.loads(path.read_text())["runs"]
    assert one["figures"] == [
        {"goal": "the run ends", "value": "ZeroDivisionError: by zero", "passed": False}
    ]
    assert two["passed"]


def test_all_needs_are_named_at_once(monkeypatch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    made = {
        "one": SimpleNamespace(NAME="one", needs=lambda: ["a: get a", "b: get b"]),
        "two": SimpleNamespace(NAME="two", needs=lambda: ["b: get b"]),
    }
    monkeypatch.setattr(runner, "RUNS", made)
    monkeypatch.setattr(runner, "load", made.__getitem__)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert runner.main([]) == runner.LACKING
    said = capsys.readouterr().err
    assert "a: get a  (for one)" in said
    assert "b: get b  (for one, two)" in said


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_is_heard_let_go_and_killed() -> None:
    def work(say: Any, wait: Any) -> None:
        say({"ready": 1})
        wait()
        say({"done": 2})
        raise ValueError("as it may")

    with forked(work) as child:
        assert child.hear() == {"ready": 1}
        child.let_go()
        assert list(child.hear_all()) == [{"done": 2}, {"error": "ValueError: as it may"}]
        assert child.wait() == 0
    with forked(work) as child:
        assert child.hear() == {"ready": 1}
        child.kill()
        assert list(child.hear_all()) == []
        assert child.wait() == -signal.SIGKILL


@pytest.mark.parametrize(
    ("fault", "ended", "rest", "met"),
    [
        ("SIGKILL", -signal.SIGKILL, " = ?", True),
        # The call was never made: the child came to its end by itself.
        ("SIGKILL", 0, " = 0", False),
        ("EIO", 0, " = -1 EIO (Input/output error) (INJECTED)", True),
        ("EIO", 0, " = 0", False),
    ],
)
def test_a_fault_is_met_only_if_it_happened(
    fault: str,
    ended: int,
    rest: str,
    met: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call = Call("fsync", "/place/reviews.sqlite", 1, rest)
    place: Any = SimpleNamespace(folder=tmp_path)
    place.copied = lambda: nullcontext(place)
    said = [] if ended else [{"already": True}]
    monkeypatch.setattr(faults, "perform", lambda *_: (said, ended))
    monkeypatch.setattr(faults, "read_calls", lambda _: [call])
    monkeypatch.setattr(faults, "examine", lambda *_: [])
    prepared: Any = None
    outcome = faults.attempt(place, prepared, faults.Trial("submit", call, fault))
    assert (outcome.met, outcome.bad) == (met, [])


def test_a_flip_in_a_file_of_the_log_has_to_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a JSON answer some say nothing, and some answers can no longer be read; not there."""
    published: Any = SimpleNamespace(
        by_kind=lambda: {"checkpoint": ["/checkpoint"], "wall": ["/products/"]}, bits=lambda _: 8
    )
    for outcome, log, shown in (
        (flips.DETECTED, True, True),
        (flips.UNREADABLE, False, True),
        (flips.NO_CLAIM, False, True),
        (flips.MISSED, False, False),
    ):
        monkeypatch.setattr(flips, "meet", lambda *_, outcome=outcome: outcome)
        assert flips.flip_the_log(published, [], 3).passed == log, outcome
        assert flips.flip_what_is_shown(published, [], 3).passed == shown, outcome
