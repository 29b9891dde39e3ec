"""The world that is attacked: one row of everything, and the names of what an attack strikes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from insurance_reviews.moderation.log import HOUR
from insurance_reviews.moderation.log_keys import rotate_key
from insurance_reviews.moderation.receipts import latest_checkpoint
from insurance_reviews.moderation.reports import Report
from insurance_reviews.moderation.schema import cosignature, item
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.cosignature import Cosigner, cosignature_line
from insurance_reviews.plugin import schema
from insurance_reviews.plugin.capabilities import invitation_of
from insurance_reviews.plugin.services.reviews import Submitted
from support.world import World

#: The words that are redacted in the scene, and what they became.
ORIGINAL = "查勘员李四态度很差，电话里骂人。"
REDACTED = "查勘员██态度很差，电话里骂人。"


@dataclass(frozen=True, slots=True)
class Scene:
    """What an attacker finds. ``log`` is the number of the insurer's log, ``other_log``
    another's."""

    log: int
    other_log: int
    #: The hour of the newest entries, in seconds UTC.
    at: int
    product: str
    other_product: str
    #: Two unused invitations of ``product`` at ``stage``, and what their reviews must say.
    invitation: str
    second_invitation: str
    stage: str
    experienced: str
    #: A policy event of another insurer's product, with its unused invitation.
    other_invitation: str
    other_event: str
    #: A review with aspects, text, a follow-up and a reply of two versions.
    review: Submitted
    review_item: str
    follow_up_item: str
    reply_item: str
    #: Stars only.
    stars: Submitted
    #: Text on which a report was filed and acknowledged with a note; it still stands.
    reported: Submitted
    reported_item: str
    report: Report
    #: Text that was removed on a report.
    removed: Submitted
    removed_item: str
    removal_report: Report
    #: Text that was redacted: the item that went, and the one that came.
    redacted: Submitted
    original_item: str
    redacted_item: str
    #: Text that its author withdrew.
    withdrawn: Submitted
    #: A reported text of another insurer.
    foreign: Submitted
    foreign_item: str
    foreign_report: Report


def build_scene(world: World) -> Scene:
    """Let all of this happen in ``world``."""
    event = world.event()
    tokens = [world.record(event).token, world.invite(), world.invite("boshan-motor")]
    names = [invitation_of(world.settings.invitation_key, token or "") or "" for token in tokens]
    review = world.submit(score=2, aspects={"speed": 1, "attitude": 3}, display_name="欧阳娜娜")
    follow_up = world.follow_up(review)
    world.reply(review)
    reply = world.reply(review, "已补付差额，向您致歉。")
    stars = world.submit(score=5, text=None)
    reported = world.submit(text="李四收了红包才定损。")
    report = world.report(reported)
    world.acknowledge(report.id, "disputed", "请补充材料。")
    removed = world.submit(text="写了身份证号的一段话。", confirm_personal_data=True)
    removal_report = world.report(removed)
    removed_item = world.item_of(removed)
    world.remove(removed, removal_report.id)
    redacted = world.submit(text=ORIGINAL, display_name="司马懿之")
    original_item = world.item_of(redacted)
    redaction = world.remove(redacted, redacted=REDACTED)
    assert redaction.redacted_item is not None
    withdrawn = world.submit(text="不想公开了。")
    world.withdraw(withdrawn)
    foreign = world.submit(product="boshan-motor", text="另一家公司的评价。")
    foreign_report = world.report(foreign)
    _rotate_and_witness(world)
    return Scene(
        log=world.ref("anxin").id,
        other_log=world.ref("boshan").id,
        at=int(world.now.timestamp()) // HOUR * HOUR,
        product="anxin-medical",
        other_product="boshan-motor",
        invitation=names[0],
        second_invitation=names[1],
        stage="claim",
        experienced=event.occurred_on.strftime("%Y-%m"),
        other_invitation=names[2],
        other_event=_event_of(world, names[2]),
        review=review,
        review_item=world.item_of(review),
        follow_up_item=_item_at(world, follow_up.index),
        reply_item=_item_at(world, reply.entry.index),
        stars=stars,
        reported=reported,
        reported_item=world.item_of(reported),
        report=report,
        removed=removed,
        removed_item=removed_item,
        removal_report=removal_report,
        redacted=redacted,
        original_item=original_item,
        redacted_item=redaction.redacted_item,
        withdrawn=withdrawn,
        foreign=foreign,
        foreign_item=world.item_of(foreign),
        foreign_report=foreign_report,
    )


def _rotate_and_witness(world: World) -> None:
    """A second key of the log, and a witness under the checkpoint that announces it."""

    def rotate(session: Session) -> None:
        ref = world.ref()
        rotate_key(session, world.context.logs, ref, world.now)
        note = latest_checkpoint(session, ref)
        checkpoint = Checkpoint.of_own_note(note)
        at = int(world.now.timestamp())
        line = cosignature_line(checkpoint.format(), Cosigner.generate("witness.example/w"), at)
        values = {"log": ref.id, "size": checkpoint.size, "name": "witness.example/w"}
        session.execute(insert(cosignature), {**values, "at": at, "line": line})

    world.write(rotate)


def _event_of(world: World, invitation: str) -> str:
    statement = select(schema.invitation.c.event).where(schema.invitation.c.id == invitation)
    return str(world.read(lambda session: session.scalar(statement)))


def _item_at(world: World, index: int) -> str:
    statement = select(item.c.id).where(item.c.log == world.ref().id, item.c.entry == index)
    return str(world.read(lambda session: session.scalar(statement)))
