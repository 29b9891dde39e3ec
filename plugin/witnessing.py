"""Asking witnesses to cosign the newest checkpoints, as c2sp.org/tlog-witness says.

Each witness is asked in a thread of its own, at most once a second for each log, so one that is
slow or down delays nobody. What it answers counts only if its key signed it. An answer by which
the witness says that it knows another history of our log is logged as critical: either this
database was restored from an older copy, or somebody rewrote the log.
"""

from __future__ import annotations

import logging
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError

from ..moderation.cosignatures import Witnessed, cosigned_size, newest_sizes
from ..moderation.log import LogRef
from ..moderation.receipts import latest_checkpoint, node_reader
from ..moderation.tlog.checkpoint import Checkpoint
from ..moderation.tlog.cosignature import cosigned_at
from ..moderation.tlog.errors import TlogError
from ..moderation.tlog.merkle import prove_consistency
from ..moderation.tlog.note import open_note
from ..moderation.witness.request import CONFLICT_TYPE, MAX_REQUEST, AddCheckpoint, parse_size
from .services.witnesses import record_cosignature
from .settings import WitnessSetting
from .state import State

logger = logging.getLogger(__name__)

#: How often a log is looked at, and a witness asked about it at most (seconds).
EVERY: Final = 1.0
#: How long a witness may stay silent (seconds).
TIMEOUT: Final = 5.0
#: After a failure a witness is left alone for this long, then twice as long, … (seconds).
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
#: After a failure of ours (seconds).
PAUSE_AFTER_FAILURE: Final = 10.0
#: Sizes that a witness may name before it is left alone: others may ask it at the same time.
ATTEMPTS: Final = 4
#: How far ahead of ours a witness's clock may be (seconds). What it signs is shown to people.
AHEAD: Final = 3600
#: How long one single delivery waits for its witnesses (seconds).
PATIENCE: Final = 30.0


class Unanswered(Exception):
    """No cosignature this time; the message says why."""


class Forked(Exception):
    """The witness knows another history of our log."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, its content type without parameters."""

    status: int
    content_type: str
    body: bytes


#: Sends a body to an address. Raises OSError or HTTPException when there is no answer.
Post = Callable[[str, bytes], Reply]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Leave the redirect as the answer: a witness is where its operator said it is."""


_opener = urllib.request.build_opener(_NoRedirect)


def post(url: str, body: bytes) -> Reply:
    """Send ``body`` to ``url`` and read no more than a witness has to say."""
    request = urllib.request.Request(
        url, data=body, headers={"Content-Type": "text/plain; charset=utf-8"}
    )
    try:
        response = _opener.open(request, timeout=TIMEOUT)
    except HTTPError as error:
        response = error
    with response:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
        return Reply(response.status, kind, _read(response))


def _read(response: Any) -> bytes:
    """The body, unless it is too long or dribbles in."""
    deadline, data = time.monotonic() + TIMEOUT, b""
    while part := response.read1(MAX_REQUEST):
        data += part
        if len(data) > MAX_REQUEST or time.monotonic() > deadline:
            raise OSError("an answer that does not end")
    return data


@dataclass(slots=True)
class _Turn:
    """When a witness is asked about a log again, and what is known of it."""

    known: int
    due: float = 0.0
    failures: int = 0


@dataclass(slots=True)
class Asker:
    """Asks one witness about every log. ``clock`` counts seconds."""

    state: State
    witness: WitnessSetting
    post: Post = post
    clock: Callable[[], float] = time.monotonic
    _turns: dict[int, _Turn] = field(default_factory=dict)

    def ask(self) -> int:
        """Ask about each log that grew and whose turn it is; how many cosignatures came."""
        with self.state.work.reading() as session:
            logs = newest_sizes(session)
            for ref, _ in logs:
                if ref.id not in self._turns:
                    self._turns[ref.id] = _Turn(cosigned_size(session, ref, self.witness.key.name))
        return sum(self._ask_in_turn(ref, size) for ref, size in logs)

    def _ask_in_turn(self, ref: LogRef, size: int) -> bool:
        turn, now = self._turns[ref.id], self.clock()
        if size <= turn.known or now < turn.due:
            return False
        turn.due = now + EVERY
        try:
            turn.known = self._ask_about(ref, turn.known)
        except Unanswered as error:
            self._pause(turn, now)
            self._say(logging.WARNING, ref, str(error))
        except Forked as error:
            self._pause(turn, now)
            self._say(logging.CRITICAL, ref, f"FORK: {error}")
        else:
            turn.failures = 0
            return True
        return False

    def _pause(self, turn: _Turn, now: float) -> None:
        turn.due = now + min(LONGEST_PAUSE, FIRST_PAUSE * 2**turn.failures)
        turn.failures = min(turn.failures + 1, 16)

    def _say(self, level: int, ref: LogRef, message: str) -> None:
        logger.log(level, "witness %s, log %s: %s", self.witness.key.name, ref.origin, message)

    def _ask_about(self, ref: LogRef, known: int) -> int:
        """Get a cosignature of the newest checkpoint; its size. ``known`` is the size that the
        witness had last."""
        for _ in range(ATTEMPTS):
            asked, checkpoint = self._request(ref, known)
            reply = self._send(asked)
            if reply.status == 200:
                self._keep(ref, checkpoint, reply.body)
                return checkpoint.size
            if reply.status == 422:
                raise Forked(
                    f"our {checkpoint.size} entries do not continue the {known} that it cosigned"
                )
            if reply.status != 409 or reply.content_type != CONFLICT_TYPE:
                raise Unanswered(_why(reply))
            known = self._named(reply.body, known)
        raise Unanswered("it keeps naming another size")

    def _request(self, ref: LogRef, known: int) -> tuple[AddCheckpoint, Checkpoint]:
        with self.state.work.reading() as session:
            note = latest_checkpoint(session, ref)
            checkpoint = Checkpoint.of_own_note(note)
            if known > checkpoint.size:
                raise Forked(f"it says it cosigned {known} entries; we have {checkpoint.size}")
            read = node_reader(session, ref)
            proof = prove_consistency(known, checkpoint.size, read) if known else []
        return AddCheckpoint(known, tuple(proof), note), checkpoint

    def _send(self, asked: AddCheckpoint) -> Reply:
        try:
            return self.post(f"{self.witness.url}/add-checkpoint", asked.format())
        except (OSError, HTTPException) as error:
            raise Unanswered(f"no answer: {error}") from error

    def _named(self, body: bytes, known: int) -> int:
        try:
            named = parse_size(body)
        except TlogError as error:
            raise Unanswered(f"answers 409 without a size: {error}") from error
        if named == known:
            raise Forked(f"it says it cosigned {named} other entries than ours")
        return named

    def _keep(self, ref: LogRef, checkpoint: Checkpoint, body: bytes) -> None:
        """Keep the witness's line in ``body``, if its key signed just this checkpoint."""
        try:
            opened = open_note(f"{checkpoint.format()}\n{body.decode()}", self.witness.key)
            signature = opened.verified[0]
            at = cosigned_at(signature)
        except ValueError as error:
            raise Unanswered(f"no cosignature of its key: {error}") from error
        if at > self.state.clock().timestamp() + AHEAD:
            raise Unanswered("its clock is ahead of ours")
        found, line = Witnessed(signature.name, checkpoint.size, at), f"{signature.format()}\n"
        self.state.work.write(
            lambda session: record_cosignature(session, self.state.context, ref, found, line)
        )


def _why(reply: Reply) -> str:
    match reply.status:
        case 403:
            return "answers 403: it does not know our key; give its operator what /key serves"
        case 404:
            return "answers 404: it does not follow this log; give its operator what /key serves"
        case status if 300 <= status < 400:
            return f"answers {status}, a redirect: set the address that it leads to"
        case status:
            return f"answers {status}"


class Witnessing:
    """All witnesses of a mounted application, each asked in a thread of its own."""

    def __init__(self, state: State, send: Post = post) -> None:
        self._askers = [Asker(state, witness, send) for witness in state.settings.witnesses]
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def ask_once(self, patience: float = PATIENCE) -> int:
        """Ask every witness once and wait for them all, but not for ever; how many cosignatures
        came."""
        came: list[int] = []

        def ask(asker: Asker) -> None:
            came.append(_tried(asker) or 0)

        self._run(ask)
        deadline = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return sum(came)

    def start(self) -> None:
        """Ask now and then, until :meth:`stop`. Costs nothing where there are no witnesses."""

        def keep_asking(asker: Asker) -> None:
            pause = EVERY
            while not self._stopped.wait(pause):
                pause = PAUSE_AFTER_FAILURE if _tried(asker) is None else EVERY

        self._run(keep_asking)

    def stop(self) -> None:
        """Let what is asked be answered, within a moment."""
        self._stopped.set()
        deadline = time.monotonic() + TIMEOUT
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self, work: Callable[[Asker], None]) -> None:
        for asker in self._askers:
            # As a daemon it cannot keep the process: an answer that is lost can be asked for again.
            thread = threading.Thread(
                target=work, args=(asker,), name=f"witness {asker.witness.key.name}", daemon=True
            )
            self._threads.append(thread)
            thread.start()


def _tried(asker: Asker) -> int | None:
    """How many cosignatures came; ``None`` if we could not even ask."""
    try:
        return asker.ask()
    except Exception:
        # The database may restart; the thread must outlive that, and anything else.
        logger.exception("witness %s could not be asked", asker.witness.key.name)
        return None
