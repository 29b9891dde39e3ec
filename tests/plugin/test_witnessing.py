"""Asking witnesses: what is sent, what is believed, what is kept; and what becomes of the rest."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.wrappers import Request, Response

from insurance_reviews.moderation import cosignatures
from insurance_reviews.moderation.receipts import latest_checkpoint, make_receipt, read_leaf
from insurance_reviews.moderation.schema import cosignature
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.cosignature import (
    CosignatureVerifier,
    Cosigner,
    cosignature_line,
)
from insurance_reviews.moderation.tlog.note import Signer, Verifier, open_note, signature_line
from insurance_reviews.moderation.tlog.proof import check_receipt
from insurance_reviews.moderation.witness.app import WitnessApp
from insurance_reviews.moderation.witness.home import create_witness
from insurance_reviews.moderation.witness.request import CONFLICT_TYPE, AddCheckpoint
from insurance_reviews.moderation.witness.witness import Witness
from insurance_reviews.plugin import witnessing
from insurance_reviews.plugin.settings import WitnessSetting
from insurance_reviews.plugin.state import State
from insurance_reviews.plugin.witnessing import Asker, Reply, Witnessing
from support.host import mounted
from support.witnesses import Grown
from support.world import World

NAME = "witness.example/w1"
#: For what has nothing to do with the database.
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])


@dataclass
class Scene:
    """A shop, its witness, what passed between them, and the second hand of the worker's clock."""

    world: World
    state: State
    witness: Witness
    sent: list[AddCheckpoint] = field(default_factory=list)
    replies: list[Reply | Exception] = field(default_factory=list)
    seconds: float = 1000.0
    asker: Asker = field(init=False)

    def __post_init__(self) -> None:
        setting = WitnessSetting(CosignatureVerifier.parse(self.witness.vkey), "https://w.example")
        self.asker = Asker(self.state, setting, self.post, lambda: self.seconds)
        self.witness._clock = lambda: self.world.now.timestamp()

    def post(self, url: str, body: bytes) -> Reply:
        """What a test wants answered, then what the real witness answers."""
        assert url == "https://w.example/add-checkpoint"
        self.sent.append(AddCheckpoint.parse(body))
        if self.replies:
            reply = self.replies.pop(0)
            if isinstance(reply, Exception):
                raise reply
            return reply
        answer = self.witness.add_checkpoint(body)
        kind = answer.content_type.partition(";")[0]
        return Reply(answer.status, kind, answer.body.encode())

    def ask(self, after: float = 1.0) -> int:
        self.seconds += after
        return self.asker.ask()

    def follow(self, *insurers: str) -> None:
        for insurer in insurers:
            ref = self.world.ref(insurer)
            key = self.world.context.logs.keys.signer(insurer).verifier_key()
            self.witness.state.follow(ref.origin, key)

    def kept(self, insurer: str = "anxin") -> list[int]:
        """The sizes that are cosigned, all by the one witness."""
        ref, c = self.world.ref(insurer), cosignature.c
        statement = select(c.size, c.name).where(c.log == ref.id).order_by(c.size)
        rows = self.world.read(lambda s: s.execute(statement).all())
        assert {row.name for row in rows} <= {NAME}
        return [row.size for row in rows]

    def note(self, insurer: str = "anxin") -> str:
        ref = self.world.ref(insurer)
        return self.world.read(lambda s: cosignatures.newest_checkpoint(s, ref))

    def size(self, insurer: str = "anxin") -> int:
        return Checkpoint.of_own_note(self.note(insurer)).size


@pytest.fixture
def scene(world: World, tmp_path: Path) -> Iterator[Scene]:
    with mounted(world) as host:
        scene = Scene(world, host.state, create_witness(tmp_path / "witness", NAME))
        scene.follow("anxin", "boshan", "chunhe")
        yield scene


@pytest.fixture
def one(scene: Scene) -> Scene:
    """A scene where all logs but one's are witnessed as far as they go."""
    assert scene.ask() == 3
    scene.sent.clear()
    scene.world.submit()
    return scene


def test_each_log_that_grew_is_cosigned(scene: Scene) -> None:
    assert scene.ask() == 3
    assert [asked.old for asked in scene.sent] == [0, 0, 0]
    scene.world.submit(product="boshan-motor")
    assert scene.ask() == 1
    assert (scene.sent[-1].old, len(scene.sent)) == (1, 4)
    assert scene.kept("boshan") == [1, 3]
    assert scene.ask() == 0
    assert len(scene.sent) == 4


def test_a_cosigned_checkpoint_opens_for_strangers(one: Scene) -> None:
    assert one.ask() == 1
    ref = one.world.ref()
    keys = (
        Verifier.parse(one.world.context.logs.keys.signer("anxin").verifier_key()),
        CosignatureVerifier.parse(one.witness.vkey),
    )
    opened = open_note(one.note(), *keys)
    assert [signature.name for signature in opened.verified] == [ref.origin, NAME]
    [log] = [log for log in one.witness.state.logs() if log.origin == ref.origin]
    assert log.head is not None
    assert log.head.root == Checkpoint.parse(opened.text).root


@ON_SQLITE
def test_once_a_second_for_each_log(one: Scene) -> None:
    """However often somebody looks, and however fast the log grows."""
    assert one.ask(0.0) == 0  # Asked about this log at this very second already.
    assert one.ask(0.9) == 0
    assert one.ask(0.2) == 1
    for _ in range(5):
        one.world.submit(text=None)
        one.ask(0.1)
    assert len(one.sent) == 1
    assert one.ask(0.6) == 1
    assert one.kept() == [1, 3, 13]


@ON_SQLITE
def test_a_lost_memory_is_regained_from_the_witness(one: Scene) -> None:
    """The witness names the size that it knows, and is asked again from there."""
    one.ask()
    one.world.submit()
    one.__post_init__()
    one.asker._turns = {one.world.ref().id: witnessing._Turn(known=0)}
    one.sent.clear()
    assert one.ask() == 1
    assert [asked.old for asked in one.sent] == [0, 3]
    assert one.kept() == [1, 3, 5]


@ON_SQLITE
def test_an_answer_that_was_lost_is_asked_for_again(one: Scene) -> None:
    """The witness is ahead of what we know of it, at our own size."""
    one.witness.add_checkpoint(request_of(one))
    assert one.ask() == 1
    assert [asked.old for asked in one.sent] == [1, 3]
    assert one.kept() == [1, 3]


def request_of(scene: Scene, insurer: str = "anxin") -> bytes:
    asked, _ = scene.asker._request(scene.world.ref(insurer), 1)
    return asked.format()


@ON_SQLITE
@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (TimeoutError("timed out"), "no answer: timed out"),
        (ConnectionRefusedError(111, "Connection refused"), "no answer"),
        (Reply(403, "text/plain", b""), "does not know our key"),
        (Reply(404, "text/plain", b""), "does not follow this log"),
        (Reply(500, "text/plain", b"<secret>"), "answers 500"),
        (Reply(302, "text/plain", b""), "a redirect"),
        (Reply(409, "text/plain", b"1\n"), "answers 409"),
        (Reply(409, CONFLICT_TYPE, b"one\n"), "without a size"),
        (Reply(200, "text/plain", b""), "no cosignature"),
        (Reply(200, "text/plain", b"\xff"), "no cosignature"),
        (Reply(200, "text/plain", b"ok\n"), "no cosignature"),
    ],
)
def test_what_is_no_cosignature_is_tried_again_later(
    one: Scene, reply: Reply | Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    one.replies.append(reply)
    with caplog.at_level(logging.WARNING):
        assert one.ask() == 0
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert NAME in record.getMessage()
    assert said in record.getMessage()
    assert "secret" not in record.getMessage()
    assert one.kept() == [1]
    assert one.ask(1.5) == 0
    assert len(one.sent) == 1
    assert one.ask(1.0) == 1
    assert one.kept() == [1, 3]


@ON_SQLITE
def test_a_witness_that_stays_away_is_asked_ever_more_rarely(one: Scene) -> None:
    started = one.seconds
    times = []

    def refuse(url: str, body: bytes) -> Reply:
        times.append(one.seconds - started)
        raise OSError("down")

    one.asker.post = refuse
    for _ in range(1800):
        one.ask()
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps[:8] == [2, 4, 8, 16, 32, 64, 128, 256]
    assert set(gaps[8:]) == {300}
    one.asker.post = one.post
    one.ask(300)
    assert one.kept() == [1, 3]


@ON_SQLITE
@pytest.mark.parametrize("kind", ["another key", "another name", "another tree", "a log's key"])
def test_lines_of_others_are_not_kept(one: Scene, kind: str) -> None:
    """Only the configured key counts, and only under our checkpoint."""
    ref = one.world.ref()
    text = one.world.read(lambda s: latest_checkpoint(s, ref)).partition("\n\n")[0] + "\n"
    stranger = Cosigner(NAME if kind != "another name" else "x.example", b"\x05" * 32)
    line = {
        "another key": lambda: witness_line(text, stranger),
        "another name": lambda: witness_line(text, stranger),
        "another tree": lambda: (
            one.witness.add_checkpoint(request_of(one)).body[:-9] + "AAAAAAA=\n"
        ),
        "a log's key": lambda: note_line(text, Signer(NAME, bytes(32))),
    }[kind]()
    one.replies.append(Reply(200, "text/plain", line.encode()))
    assert one.ask() == 0
    assert one.kept() == [1]


def witness_line(text: str, cosigner: Cosigner) -> str:
    return cosignature_line(text, cosigner, at=1_770_000_000)


def note_line(text: str, signer: Signer) -> str:
    return signature_line(text, signer)


@ON_SQLITE
def test_lines_of_others_beside_the_right_one_are_left_out(one: Scene) -> None:
    ref = one.world.ref()
    text = one.world.read(lambda s: latest_checkpoint(s, ref)).partition("\n\n")[0] + "\n"
    answer = one.witness.add_checkpoint(request_of(one))
    both = witness_line(text, Cosigner("x.example", b"\x05" * 32)) + answer.body
    one.replies.append(Reply(200, "text/plain", both.encode()))
    assert one.ask() == 1
    assert one.note().endswith(answer.body)
    assert "x.example" not in one.note()


@ON_SQLITE
@pytest.mark.parametrize("ahead", [3 * 3600, 10**12, 2**63 - 1 - 1_800_000_000])
def test_a_time_that_has_not_come_is_not_shown(one: Scene, ahead: int) -> None:
    """Years that no calendar has would break the pages."""
    one.witness._clock = lambda: one.world.now.timestamp() + ahead
    assert one.ask() == 0
    assert one.kept() == [1]


@ON_SQLITE
def test_a_fork_is_said_loudly(one: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """Somebody rewrote the log since: the witness knows another root of the size we had."""
    ref = one.world.ref()
    fork = Grown(3, "other", signers=one.world.context.logs.keys.signers("anxin"))
    assert fork.checkpoint(3).origin == ref.origin
    with one.witness.state.deciding() as transaction:
        head = transaction.head(ref.origin)
        assert head is not None
        other = type(head)(3, fork.checkpoint(3).root, head.at, fork.note(3))
        transaction.advance(ref.origin, other)
    with caplog.at_level(logging.WARNING):
        one.ask()
    [record] = [record for record in caplog.records if record.name == witnessing.__name__]
    assert record.levelno == logging.CRITICAL
    assert "FORK: it says it cosigned 3 other entries than ours" in record.getMessage()
    # It has both checkpoints, signed by us.
    [conflict] = one.witness.state.conflicts()
    assert conflict.kind == "fork"
    assert Checkpoint.of_own_note(conflict.note).size == 3
    # And again when we have grown.
    one.world.submit()
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        one.ask(5)
    assert "FORK: our 5 entries do not continue the 3 that it cosigned" in caplog.text
    assert one.kept() == [1]


@ON_SQLITE
def test_a_restored_backup_is_said_loudly(one: Scene, caplog: pytest.LogCaptureFixture) -> None:
    one.replies.append(Reply(409, CONFLICT_TYPE, b"70\n"))
    with caplog.at_level(logging.WARNING):
        one.ask()
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]
    assert "FORK: it says it cosigned 70 entries; we have 3" in caplog.text


@ON_SQLITE
def test_a_witness_that_names_ever_other_sizes(one: Scene) -> None:
    one.replies += [Reply(409, CONFLICT_TYPE, b"%d\n" % (size % 2 + 1)) for size in range(9)]
    one.asker._turns[one.world.ref().id].known = 3
    one.world.submit()
    assert one.ask() == 0
    assert len(one.sent) == witnessing.ATTEMPTS


def test_two_workers_keep_one_line(one: Scene) -> None:
    """Both ask; the later finds that it is there."""
    other = Scene(one.world, one.state, one.witness)
    other.seconds = one.seconds
    other.asker._turns = {key: witnessing._Turn(1) for key in one.asker._turns}
    assert one.ask() == 1
    other.asker._turns[one.world.ref().id].known = 1
    assert other.ask() == 1
    assert one.kept() == [1, 3]


def test_a_receipt_stands_on_a_cosigned_checkpoint(one: Scene) -> None:
    """The newest one that covers the entry; and on the newest of all while there is none."""
    world, ref = one.world, one.world.ref()
    first = world.submit()
    bare = world.read(lambda s: make_receipt(s, ref, first.entry.index))
    assert NAME not in bare.checkpoint
    one.ask()
    world.submit()
    receipt = world.read(lambda s: make_receipt(s, ref, first.entry.index))
    assert Checkpoint.of_own_note(receipt.checkpoint).size == 5
    keys = (
        Verifier.parse(world.context.logs.keys.signer("anxin").verifier_key()),
        CosignatureVerifier.parse(one.witness.vkey),
    )
    leaf = world.read(lambda s: read_leaf(s, ref, first.entry.index))
    assert leaf is not None
    assert check_receipt(receipt, leaf, *keys, origin=ref.origin).size == 5
    assert len(open_note(receipt.checkpoint, *keys).verified) == 2
    # The one that is the same at any time has none.
    lasting = world.read(lambda s: make_receipt(s, ref, first.entry.index, newest=False))
    assert NAME not in lasting.checkpoint


# --- over HTTP, in threads -----------------------------------------------------------------------


def lines(*witnesses: tuple[Witness, str]) -> str:
    return "\n".join(f"{witness.vkey} {address}" for witness, address in witnesses)


@pytest.fixture
def witness(scene: Scene) -> Witness:
    return scene.witness


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_worker_s_threads(
    scene: Scene, witness: Witness, live_server: Callable[[Any], str], monkeypatch: Any
) -> None:
    """One witness answers, one hangs, one is down, and one is a redirect to the first."""
    monkeypatch.setattr(witnessing, "EVERY", 0.02)
    good = live_server(WitnessApp(witness))
    released, asked = threading.Event(), threading.Event()

    @Request.application
    def hang(request: Request) -> Response:
        asked.set()
        released.wait(30)
        return Response("no", 500)

    redirected: list[str] = []

    @Request.application
    def redirect(request: Request) -> Response:
        redirected.append(request.path)
        return Response("", 307, {"Location": f"{good}/add-checkpoint"})

    others = [Cosigner.generate(f"witness.example/w{number}") for number in (2, 3, 4)]
    addresses = [live_server(hang), "http://127.0.0.1:9", live_server(redirect)]
    told = [f"{witness.vkey} {good}"] + [
        f"{other.verifier_key()} {address}"
        for other, address in zip(others, addresses, strict=True)
    ]
    with ExitStack() as stack:
        host = stack.enter_context(mounted(scene.world, witnesses=told))
        working = Witnessing(host.state)
        working.start()
        stack.callback(working.stop)
        stack.callback(released.set)
        until(asked.is_set)
        until(lambda: scene.kept() == [1])
        scene.world.submit()
        # Between the invitation and the review it may have asked once more.
        until(lambda: scene.kept()[-1] == 3)
        until(lambda: redirected)


def test_one_delivery_asks_once(
    scene: Scene, witness: Witness, live_server: Callable[[Any], str]
) -> None:
    address = live_server(WitnessApp(witness, "/w"))
    with mounted(scene.world, witnesses=f"{witness.vkey} {address}/w/") as host:
        assert Witnessing(host.state).ask_once() == 3
        assert Witnessing(host.state).ask_once() == 0


def test_a_witness_that_dribbles_is_given_up(
    live_server: Callable[[Any], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnessing, "TIMEOUT", 0.3)

    def dribble(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        for _ in range(100):
            time.sleep(0.1)
            yield b"x"

    started = time.monotonic()
    with pytest.raises(OSError, match="does not end"):
        witnessing.post(live_server(dribble), b"old 0\n")
    assert time.monotonic() - started < 3


def test_a_witness_that_talks_too_much_is_given_up(live_server: Callable[[Any], str]) -> None:
    @Request.application
    def chatter(request: Request) -> Response:
        return Response(b"x" * 10_000_000)

    with pytest.raises(OSError, match="does not end"):
        witnessing.post(live_server(chatter), b"old 0\n")


@ON_SQLITE
def test_a_database_that_is_away_is_not_the_end(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(witnessing, "EVERY", 0.01)
    monkeypatch.setattr(witnessing, "PAUSE_AFTER_FAILURE", 0.01)
    rounds = []

    def fail(asker: Asker) -> int:
        rounds.append(1)
        if len(rounds) < 3:
            raise RuntimeError("away")
        return 0

    monkeypatch.setattr(Asker, "ask", fail)
    with mounted(scene.world, witnesses=f"{scene.witness.vkey} https://w.example") as host:
        working = Witnessing(host.state)
        working.start()
        until(lambda: len(rounds) > 4)
        working.stop()
    assert "could not be asked" in caplog.text


@ON_SQLITE
def test_without_witnesses_nothing_is_started(scene: Scene) -> None:
    before = threading.active_count()
    working = Witnessing(scene.state)
    working.start()
    assert threading.active_count() == before
    assert working.ask_once() == 0
    working.stop()
