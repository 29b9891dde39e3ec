"""What happened honestly before: one of everything in one log, a witness, kept evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from insurance_reviews.moderation.cosignatures import Witnessed, keep_cosignature
from insurance_reviews.moderation.receipts import latest_checkpoint, node_reader
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.cosignature import cosigned_at
from insurance_reviews.moderation.tlog.merkle import prove_consistency
from insurance_reviews.moderation.tlog.note import Note
from insurance_reviews.moderation.witness.home import create_witness, open_witness
from insurance_reviews.moderation.witness.request import AddCheckpoint
from insurance_reviews.moderation.witness.witness import Answer
from insurance_reviews.plugin.capabilities import invitation_of
from insurance_reviews.plugin.queries.reviews import find_review
from insurance_reviews.plugin.receipt_file import format_receipt_file, receipt_file
from insurance_reviews.plugin.services.reviews import Submitted
from support.world import World

INSURER, PRODUCT, OTHER_PRODUCT = "anxin", "anxin-medical", "anxin-motor"
WITNESS = "witness.example/w1"
#: The words that are redacted in the scene, what they became, and where the blots are.
ORIGINAL = "查勘员李四态度很差，电话里骂人。"
REDACTED = "查勘员██态度很差，电话里骂人。"


@dataclass(frozen=True, slots=True)
class Scene:
    """Who is who. Reviews are of :data:`PRODUCT` unless it says otherwise."""

    now: datetime
    #: The verifier key that everybody outside knows.
    key: str
    #: How many entries the kept checkpoint covers.
    size: int
    #: A checkpoint of the time before the second product's first review.
    early: str
    #: The id of an invitation that nobody used.
    unused: str
    #: Two stars, aspects, a text under a name, a follow-up, a reply in two versions.
    told: Submitted
    #: Five stars and a text, in the hour after; answered once.
    praise: Submitted
    stars: Submitted
    #: A text about the other product, reported and disputed with a note; it still stands.
    reported: Submitted
    #: Removed on a report that was acknowledged.
    removed: Submitted
    redacted: Submitted
    #: A review and a follow-up, withdrawn.
    withdrawn: Submitted


@dataclass(frozen=True, slots=True)
class Outside:
    """What the operator cannot reach: a folder with what others kept."""

    folder: Path

    @property
    def kept(self) -> Path:
        """A checkpoint that somebody saved."""
        return self.folder / "kept"

    @property
    def policy(self) -> Path:
        """Somebody's policy, which wants the witness."""
        return self.folder / "policy"

    @property
    def witness(self) -> Path:
        """The witness's own directory."""
        return self.folder / "witness"

    def receipt(self, review: str) -> Path:
        """The receipt file of a writer."""
        return self.folder / f"{review}.receipt.json"


def build_scene(world: World, outside: Outside) -> Scene:
    """Let all of this happen in ``world``, and let others keep what they keep."""
    token = world.invite()
    unused = invitation_of(world.settings.invitation_key, token) or ""
    invited = [world.invite() for _ in range(2)]
    world.pass_time(hours=5)
    told = world.submit(
        invited[0], score=2, aspects={"speed": 1, "attitude": 3}, display_name="欧阳娜娜"
    )
    praise = world.submit(invited[1], score=5, text="三天到账，很好。", display_name="王小明")
    stars = world.submit(stage="underwriting", score=3, text=None)
    world.pass_time(hours=30)
    world.follow_up(told)
    world.reply(told)
    world.reply(told, "已补付差额，向您致歉。")
    world.reply(praise, "谢谢。")
    early = newest_note(world)
    reported = world.submit(product=OTHER_PRODUCT, score=1, text="李四收了红包才定损。")
    report = world.report(reported)
    world.acknowledge(report.id, "disputed", "请补充材料。")
    removed = world.submit(score=1, text="写了身份证号的一段话。", confirm_personal_data=True)
    report = world.report(removed)
    world.remove(removed, report.id)
    world.acknowledge(report.id)
    redacted = world.submit(score=1, text=ORIGINAL, display_name="司马懿之")
    keep_receipt(world, outside, redacted)
    world.remove(redacted, redacted=REDACTED)
    withdrawn = world.submit(text="不想公开了。")
    world.follow_up(withdrawn)
    world.pass_time(hours=1)
    world.withdraw(withdrawn)
    keep_receipt(world, outside, told)
    key = world.context.logs.keys.signer(INSURER).verifier_key()
    found_witness(world, outside.witness, outside.policy, WITNESS)
    cosign(world, outside.witness)
    note = newest_note(world)
    outside.kept.write_text(note)
    size = Checkpoint.of_own_note(note).size
    return Scene(
        now=world.now,
        key=key,
        size=size,
        early=early,
        unused=unused,
        told=told,
        praise=praise,
        stars=stars,
        reported=reported,
        removed=removed,
        redacted=redacted,
        withdrawn=withdrawn,
    )


def newest_note(world: World) -> str:
    """The newest checkpoint of the log, as its operator signed it."""
    ref = world.ref(INSURER)
    return world.read(lambda session: latest_checkpoint(session, ref))


def keep_receipt(world: World, outside: Outside, review: Submitted) -> Path:
    """What a writer keeps."""
    file = world.read(
        lambda session: receipt_file(
            session, world.settings, find_review(session, review.id), review.author_key
        )
    )
    path = outside.receipt(review.id)
    path.write_text(format_receipt_file(file), encoding="utf-8")
    return path


def found_witness(world: World, directory: Path, policy: Path, name: str) -> None:
    """A witness that follows the log, and somebody's policy that asks for it."""
    create_witness(directory, name)
    witness = open_witness(directory)
    signer = world.context.logs.keys.signer(INSURER)
    witness.state.follow(signer.name, signer.verifier_key())
    policy.write_text(f"witness w {witness.vkey}\nquorum w\n")


def ask_witness(world: World, directory: Path) -> Answer:
    """Ask the witness to cosign the newest checkpoint, with the best proof that there is."""
    witness = open_witness(directory)
    ref = world.ref(INSURER)
    [followed] = witness.state.logs()
    old = followed.head.size if followed.head is not None else 0
    note = newest_note(world)
    new = Checkpoint.of_own_note(note).size

    def prove(session: Session) -> tuple[bytes, ...]:
        if not 0 < old <= new:
            return ()
        return tuple(prove_consistency(old, new, node_reader(session, ref)))

    asked = AddCheckpoint(min(old, new), world.read(prove), note)
    return witness.add_checkpoint(asked.format())


def cosign(world: World, directory: Path) -> None:
    """Have the newest checkpoint witnessed, and keep the cosignature as the worker does."""
    answer = ask_witness(world, directory)
    assert answer.status == 200, answer
    note = newest_note(world)
    line = Note.parse(note + answer.body).unverified[-1]
    found = Witnessed(line.name, Checkpoint.of_own_note(note).size, cosigned_at(line))
    ref = world.ref(INSURER)
    world.write(lambda session: keep_cosignature(session, ref, found, answer.body))
