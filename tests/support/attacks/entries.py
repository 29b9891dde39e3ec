"""Attacks on the sequence: entries, nodes, checkpoints, and leaves that no verifier would take."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from insurance_reviews.moderation.tlog.merkle import leaf_hash
from insurance_reviews.plugin import facts
from support.attacks.attacker import POSTGRESQL, SQLITE, Attacker, AttackList, fact_row
from support.attacks.forgery import review_fields

ATTACKS = AttackList()


@ATTACKS.add("an entry leaves a gap", "IR004", only="log_entry_next")
def _(a: Attacker) -> None:
    a.striking = True
    a.entry("invitation.issued", {}, after=1)


@ATTACKS.add("an entry comes before the newest", "IR004")
def _(a: Attacker) -> None:
    a.striking = True
    a.entry("invitation.issued", {}, after=-1)


@ATTACKS.add("an entry stands before the first", "IR004", "CHECK")
def _(a: Attacker) -> None:
    a.striking = True
    a.entry("key.rotated", {"key": "k"}, after=-1 - _size(a))


@ATTACKS.add("an entry is empty", "CHECK", "JSON")
def _(a: Attacker) -> None:
    a.striking = True
    a.entry("", {}, leaf=b"")


@ATTACKS.add("an entry is longer than a bundle can say", "CHECK")
def _(a: Attacker) -> None:
    a.striking = True
    a.entry("key.rotated", {"key": "k" * 65_536})


def _new_log(a: Attacker, number: int = 77) -> dict[str, Any]:
    row = {
        "id": number,
        "insurer": "newcomer",
        "origin": "log.example/newcomer",
        "at": a.scene.at,
        "verifier_key": "x+1+y",
    }
    a.put("log", row)
    return row


@ATTACKS.add("a log does not begin by being opened", "IR003", only="log_entry_opened")
def _(a: Attacker) -> None:
    _new_log(a)
    a.striking = True
    a.entry("invitation.issued", {"invitation": "iv_x"}, log=77)


@ATTACKS.add("a log opens under another origin", "IR003")
def _(a: Attacker) -> None:
    row = _new_log(a)
    a.striking = True
    a.entry("log.opened", {"origin": "log.example/other", "insurer": row["insurer"]}, log=77)


@ATTACKS.add("a log opens for another insurer", "IR003")
def _(a: Attacker) -> None:
    row = _new_log(a)
    a.striking = True
    a.entry("log.opened", {"origin": row["origin"], "insurer": "anxin"}, log=77)


@ATTACKS.add("an entry is of no log", "IR003", "FOREIGN KEY")
def _(a: Attacker) -> None:
    a.striking = True
    a.entry("log.opened", {"origin": "log.example/none", "insurer": "none"}, log=78)


def _checkpoint(a: Attacker, size: int, root: bytes = bytes(32)) -> dict[str, Any]:
    origin = a.value("SELECT origin FROM $log WHERE id = :log", log=a.scene.log)
    note = f"{origin}\n{size}\n{b64encode(root).decode()}\n\nforged"
    return {"log": a.scene.log, "size": size, "root": root, "note": note}


def _size(a: Attacker) -> int:
    return int(a.value("SELECT count(*) FROM $log_entry WHERE log = :log", log=a.scene.log))


@ATTACKS.add("a checkpoint of the same tree has another root", "IR005")
def _(a: Attacker) -> None:
    a.strike_put("log_checkpoint", _checkpoint(a, _size(a)))


@ATTACKS.add("a checkpoint shrinks the tree", "IR005")
def _(a: Attacker) -> None:
    a.strike_put("log_checkpoint", _checkpoint(a, 1))


@ATTACKS.add("a checkpoint of nothing", "IR005")
def _(a: Attacker) -> None:
    a.strike_put("log_checkpoint", _checkpoint(a, 0))


@ATTACKS.add("a checkpoint runs ahead of the entries", "IR005", only="log_checkpoint_grows")
def _(a: Attacker) -> None:
    a.strike_put("log_checkpoint", _checkpoint(a, _size(a) + 1))


@ATTACKS.add("a checkpoint's note is of another size", "IR005", only="log_checkpoint_note")
def _(a: Attacker) -> None:
    a.entry("key.rotated", {"key": "k"})
    checkpoint = _checkpoint(a, _size(a))
    a.strike_put("log_checkpoint", {**checkpoint, "note": _checkpoint(a, 1)["note"]})


@ATTACKS.add("a checkpoint's note is of another root", "IR005", on=[POSTGRESQL])
def _(a: Attacker) -> None:
    a.entry("key.rotated", {"key": "k"})
    checkpoint = _checkpoint(a, _size(a))
    a.strike_put("log_checkpoint", {**checkpoint, "root": b"1" * 32})


@ATTACKS.add("an entry is from before the one before it", "IR018", only="log_entry_time")
def _(a: Attacker) -> None:
    a.striking = True
    a.entry("", {}, leaf=_plain({"v": 1, "type": "key.rotated", "at": 3600, "key": "k"}))


@ATTACKS.add("an entry is not from the full hour", "IR018")
def _(a: Attacker) -> None:
    a.striking = True
    leaf = {"v": 1, "type": "key.rotated", "at": a.scene.at + 3601, "key": "k"}
    a.entry("", {}, leaf=_plain(leaf))


@ATTACKS.add("an entry has no time", "IR018")
def _(a: Attacker) -> None:
    a.striking = True
    a.entry("", {}, leaf=_plain({"v": 1, "type": "key.rotated", "key": "k"}))


@ATTACKS.add("an entry has its time in words", "IR018")
def _(a: Attacker) -> None:
    a.striking = True
    a.entry("", {}, leaf=_plain({"v": 1, "type": "key.rotated", "at": "noon", "key": "k"}))


@ATTACKS.add("an entry holds no JSON", "IR003", "IR018", "JSON")
def _(a: Attacker) -> None:
    a.striking = True
    a.entry("", {}, leaf=b"review")


@ATTACKS.add("an entry begins with a byte order mark", "IR003", "IR018", "JSON")
def _(a: Attacker) -> None:
    a.striking = True
    a.entry("", {}, leaf=b"\xef\xbb\xbf" + a.leaf("key.rotated", {"key": "k"}))


@ATTACKS.add("a log is opened a second time", "IR003")
def _(a: Attacker) -> None:
    row = _new_log(a)
    opened = {"origin": row["origin"], "insurer": row["insurer"]}
    a.entry("log.opened", opened, log=77)
    a.striking = True
    a.entry("log.opened", opened, log=77)


@ATTACKS.add("a node stands ahead of the entries", "IR005", only="log_node_place", on=[SQLITE])
def _(a: Attacker) -> None:
    a.strike_put("log_node", _node(a, 0, _size(a), bytes(32)))


@ATTACKS.add("a node stands on a level that is not complete", "IR005", on=[SQLITE])
def _(a: Attacker) -> None:
    a.strike_put("log_node", _node(a, 40, 0, bytes(32)))


@ATTACKS.add("a node is not its entry's hash", "IR005", only="log_node_hash", on=[POSTGRESQL])
def _(a: Attacker) -> None:
    entry = a.entry("key.rotated", {"key": "k"})
    a.strike_put("log_node", _node(a, 0, entry.index, bytes(32)))


@ATTACKS.add("a node is not its children's hash", "IR005", on=[POSTGRESQL])
def _(a: Attacker) -> None:
    _pad_to_even(a)
    leaf = a.leaf("key.rotated", {"key": "k"})
    first, second = (a.entry("", {}, leaf=leaf) for _ in range(2))
    for entry in (first, second):
        a.put("log_node", _node(a, 0, entry.index, leaf_hash(leaf)))
    a.strike_put("log_node", _node(a, 1, first.index // 2, leaf_hash(leaf)))


@ATTACKS.add("a node stands where no entry is", "IR005", on=[POSTGRESQL])
def _(a: Attacker) -> None:
    a.strike_put("log_node", _node(a, 0, 10_000, bytes(32)))


def _pad_to_even(a: Attacker) -> None:
    if _size(a) % 2:
        a.entry("key.rotated", {"key": "k"})


def _node(a: Attacker, level: int, index: int, digest: bytes) -> dict[str, Any]:
    return {"log": a.scene.log, "level": level, "idx": index, "hash": digest}


# --- leaves that say the same to a careless reader ------------------------------------------------

_Spelling = Callable[[dict[str, Any]], bytes]


def _plain(leaf: dict[str, Any], **options: Any) -> bytes:
    settings = {"ensure_ascii": False, "separators": (",", ":"), "sort_keys": True, **options}
    return json.dumps(leaf, **settings).encode()


SPELLINGS: dict[str, _Spelling] = {
    "a key twice, the honest one last": lambda leaf: _plain(leaf).replace(
        b'"score":4', b'"score":1,"score":4'
    ),
    "a key twice, the honest one first": lambda leaf: _plain(leaf).replace(
        b'"score":4', b'"score":4,"score":1'
    ),
    "5.0 for 5": lambda leaf: _plain(leaf).replace(b'"score":4', b'"score":4.0'),
    "an exponent": lambda leaf: _plain(leaf).replace(b'"score":4', b'"score":4e0'),
    "true for a number": lambda leaf: _plain(leaf).replace(b'"score":4', b'"score":true'),
    "a number as a string": lambda leaf: _plain(leaf).replace(b'"score":4', b'"score":"4"'),
    "white space": lambda leaf: _plain(leaf, separators=(", ", ": ")),
    "white space at the end": lambda leaf: _plain(leaf) + b"\n",
    "other order": lambda leaf: _plain(dict(sorted(leaf.items(), reverse=True)), sort_keys=False),
    "an escaped letter": lambda leaf: _plain(leaf).replace(b'"online"', b'"\\u006fnline"'),
    "one key more": lambda leaf: _plain({**leaf, "weight": 0}),
    "one key less": lambda leaf: _plain({k: v for k, v in leaf.items() if k != "channel"}),
    "another version": lambda leaf: _plain({**leaf, "v": 2}),
    "another type": lambda leaf: _plain({**leaf, "type": "review.imported"}),
    "another score": lambda leaf: _plain({**leaf, "score": 1}),
}


def _enter(name: str, spelling: _Spelling) -> None:
    only = "review_leaf" if name == "another score" else None

    @ATTACKS.add(f"a review's leaf has {name}", "IR003", only=only)
    def _(a: Attacker) -> None:
        fields = review_fields(a)
        leaf = {"v": 1, "type": "review.submitted", "at": a.scene.at, **fields}
        entry = a.entry("", {}, leaf=spelling(leaf))
        a.strike_put("review", fact_row(facts.REVIEW, entry, fields))


for _name, _spelling in SPELLINGS.items():
    _enter(_name, _spelling)
