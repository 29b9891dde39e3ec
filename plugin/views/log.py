"""The public log of each insurer, in the form of C2SP tlog-tiles, and a page about it for
people."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Column, ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from ...moderation import canonical
from ...moderation.cosignatures import (
    Witnessed,
    newest_checkpoint,
    recent_witnesses,
    witnessed_checkpoint,
)
from ...moderation.log import LogRef
from ...moderation.log_keys import newest_key
from ...moderation.prepared import Prepared, query
from ...moderation.schema import log_entry, log_node
from ...moderation.tlog.checkpoint import Checkpoint
from ...moderation.tlog.errors import MalformedError
from ...moderation.tlog.tile import (
    entries_path,
    format_bundle,
    format_tile,
    parse_tile_path,
    tile_nodes,
)
from ...widgets.desk_cards import LogCard, WitnessCard
from ..cards.reviews import moment
from ..current import get_state
from ..errors import NotFound
from ..links import Links
from ..services.catalogue import insurer_name, log_of
from ..settings import WitnessSetting
from .pages import render

OPEN = {"Access-Control-Allow-Origin": "*"}
FRESH = {**OPEN, "Cache-Control": "no-cache"}
KEPT = {**OPEN, "Cache-Control": "public, max-age=31536000, immutable"}


def _range(column: Column[Any], index: Column[Any], *where: ColumnElement[bool]) -> Prepared:
    """``column`` of the rows from ``start`` up to ``end``; built once, a tile has 256."""
    within = (index >= bindparam("start"), index < bindparam("end"))
    return query(select(column).where(*where, *within).order_by(index))


_LEAVES = _range(log_entry.c.leaf, log_entry.c.idx, log_entry.c.log == bindparam("log"))
_HASHES = _range(
    log_node.c.hash,
    log_node.c.idx,
    log_node.c.log == bindparam("log"),
    log_node.c.level == bindparam("level"),
)


def register(blueprint: Blueprint) -> None:
    """Add the log's addresses."""
    blueprint.add_url_rule("/log/<insurer>/", "log", page)
    blueprint.add_url_rule("/log/<insurer>/checkpoint", "log_checkpoint", checkpoint)
    blueprint.add_url_rule("/log/<insurer>/witnessed", "log_witnessed", witnessed)
    blueprint.add_url_rule("/log/<insurer>/key", "log_key", key)
    blueprint.add_url_rule("/log/<insurer>/tile/<path:path>", "log_tile", tile)


def page(insurer: str) -> Response:
    """What the log says, in words."""
    state = get_state()
    with state.work.reading() as session:
        ref = log_of(session, insurer)
        name = insurer_name(session, insurer)
        # In this order: a witness may sign what is newer than the checkpoint read before.
        witnesses = recent_witnesses(session, ref)
        note = newest_checkpoint(session, ref)
        checkpoint = Checkpoint.of_own_note(note)
        newest = _leaves(session, ref, checkpoint.size - 1, 1)
        vkey = newest_key(session, ref)
    root = Links.absolute(state.settings).log(insurer)
    card = LogCard(
        insurer_name=name,
        origin=ref.origin,
        size=checkpoint.size,
        root_hash=base64.b64encode(checkpoint.root).decode(),
        checkpoint=note,
        signed_at=moment(_time_of(newest[0])),
        vkey=vkey,
        checkpoint_url=f"{root}checkpoint",
        key_url=f"{root}key",
        entries_url=f"{root}tile/entries/{_newest_bundle(checkpoint.size)}",
        reviews_url=Links.paths(state.settings).export(insurer),
        verify_command=" \\\n  ".join(
            (f"insurance-reviews-verify {root}", f"--key {vkey}", f"--state {insurer}.checkpoint")
        ),
        witnesses=_witness_cards(witnesses, state.settings.witnesses),
        unwitnessed=checkpoint.size - witnesses[0].size if witnesses else None,
        witnessed_url=f"{root}witnessed" if witnesses else None,
    )
    return render(state, "log.html", log=card, canonical_url=root)


def checkpoint(insurer: str) -> Response:
    """The newest signed checkpoint, with the cosignatures that it has so far."""
    with get_state().work.reading() as session:
        note = newest_checkpoint(session, log_of(session, insurer))
    return _fresh(note)


def witnessed(insurer: str) -> Response:
    """The newest checkpoint that has cosignatures."""
    with get_state().work.reading() as session:
        note = witnessed_checkpoint(session, log_of(session, insurer))
    if note is None:
        raise NotFound("no witness has cosigned yet")
    return _fresh(note)


def _fresh(note: str) -> Response:
    """A note for everybody, who may ask whether it is still the one he has."""
    response = Response(note, content_type="text/plain; charset=utf-8", headers=FRESH)
    response.add_etag()
    response.make_conditional(request)
    return response


def key(insurer: str) -> Response:
    """The log's verifier key."""
    with get_state().work.reading() as session:
        vkey = newest_key(session, log_of(session, insurer))
    return Response(vkey + "\n", content_type="text/plain; charset=utf-8", headers=FRESH)


def tile(insurer: str, path: str) -> Response:
    """A tile of hashes, or a bundle of entries."""
    try:
        wanted = parse_tile_path(f"tile/{path}")
    except MalformedError as error:
        raise NotFound("no such tile") from error
    with get_state().work.reading() as session:
        ref = log_of(session, insurer)
        if wanted.level is None:
            parts = _leaves(session, ref, wanted.number * 256, wanted.width)
        else:
            parts = _hashes(session, ref, *tile_nodes(*wanted))
    if len(parts) < wanted.width:
        raise NotFound("no such tile yet")
    data = format_bundle(parts) if wanted.level is None else format_tile(parts)
    return Response(data, content_type="application/octet-stream", headers=KEPT)


def _witness_cards(
    found: Sequence[Witnessed], configured: Sequence[WitnessSetting]
) -> tuple[WitnessCard, ...]:
    """Every witness that cosigned lately, and those we ask that did not."""
    silent = {witness.key.name for witness in configured} - {one.name for one in found}
    return (
        *(WitnessCard(one.name, moment(one.at), one.size) for one in found),
        *(WitnessCard(name, None, None) for name in sorted(silent)),
    )


def _leaves(session: Session, ref: LogRef, start: int, count: int) -> list[bytes]:
    asked = {"log": ref.id, "start": start, "end": start + count}
    return [row.leaf for row in _LEAVES.fetch(session, asked)]


def _hashes(session: Session, ref: LogRef, level: int, start: int, count: int) -> list[bytes]:
    asked = {"log": ref.id, "level": level, "start": start, "end": start + count}
    return [row.hash for row in _HASHES.fetch(session, asked)]


def _time_of(leaf: bytes) -> int:
    at: int = canonical.loads(leaf)["at"]
    return at


def _newest_bundle(size: int) -> str:
    index, rest = divmod(size, 256)
    path = entries_path(index, rest) if rest else entries_path(index - 1)
    return path.removeprefix("tile/entries/")
