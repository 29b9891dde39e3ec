"""A log that grows to any size by the product's own hands, with real reviews at every size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex

from sqlalchemy import insert
from sqlalchemy.orm import Session

from insurance_reviews.moderation.ids import new_id
from insurance_reviews.moderation.receipts import latest_checkpoint
from insurance_reviews.moderation.schema import cosignature
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.cosignature import Cosigner, cosignature_line
from insurance_reviews.plugin.services.reviews import Submitted
from support.host import mounted
from support.live import serve
from support.world import World

#: Around every place where tiles or their levels begin.
SMALL_SIZES = (1, 2, 3, 5, 7, 255, 256, 257, 511, 512, 513, 1000)
SIZES = (*SMALL_SIZES, 65_535, 65_536, 65_537)

INSURER, PRODUCT = "anxin", "anxin-medical"
#: The last entries before a size are those of real reviews.
REAL = 12
#: Entries of one transaction, when there are many to come.
BATCH = 1000


@dataclass
class Growing:
    """The log of one insurer in ``world``."""

    world: World
    reviews: list[Submitted] = field(default_factory=list)
    _token: str | None = None

    @property
    def size(self) -> int:
        ref = self.world.ref(INSURER)
        note = self.world.read(lambda session: latest_checkpoint(session, ref))
        return Checkpoint.of_own_note(note).size

    def grow(self, size: int) -> None:
        """Let there be ``size`` entries."""
        while (gap := size - self.size) > REAL:
            self._fill(min(BATCH, gap - REAL))
        for _ in range(gap):
            self._step()

    def cosign(self, witness: Cosigner) -> None:
        """Keep the witness's line under the newest checkpoint, as the worker does."""
        ref, at = self.world.ref(INSURER), int(self.world.now.timestamp())

        def work(session: Session) -> None:
            checkpoint = Checkpoint.of_own_note(latest_checkpoint(session, ref))
            line = cosignature_line(checkpoint.format(), witness, at)
            values = {"log": ref.id, "size": checkpoint.size, "name": witness.name}
            session.execute(insert(cosignature), {**values, "at": at, "line": line})

        self.world.write(work)

    def _step(self) -> None:
        """One entry: an invitation, or the review that it invites to."""
        if self._token is None:
            self._token = self.world.invite(PRODUCT)
        else:
            self.reviews.append(self.world.submit(self._token))
            self._token = None

    def _fill(self, number: int) -> None:
        """So many entries in one transaction. No fact stands behind them: the log's outside does
        not show the difference, and 65,537 policies would take minutes."""
        ref = self.world.ref(INSURER)

        def work(session: Session) -> None:
            with self.world.context.logs.writing(session, ref, self.world.now) as writer:
                for _ in range(number):
                    # Leaves of all lengths, so that nothing rests on where one begins.
                    product = PRODUCT + token_hex(1 + writer.size % 40)
                    fields = {
                        "invitation": new_id("iv"),
                        "product": product,
                        "stage": "claim",
                    }
                    writer.append("invitation.issued", fields)

        self.world.tamper("entries without facts")
        self.world.write(work)


@dataclass(frozen=True, slots=True)
class Published:
    """Where a served installation publishes."""

    address: str

    @property
    def log(self) -> str:
        """The address of the log, with its final slash."""
        return f"{self.address}/reviews/log/{INSURER}/"

    def receipts(self, reviews: Sequence[Submitted]) -> list[str]:
        """The addresses of receipts."""
        return [f"{self.address}/reviews/api/v1/reviews/{review.id}/receipt" for review in reviews]


@contextmanager
def published(world: World) -> Iterator[Published]:
    """Serve the installation of ``world`` on this machine by its real views."""
    with mounted(world) as host, serve(host.app) as address:
        yield Published(address)
