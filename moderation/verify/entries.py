"""The form of each entry, as ``docs/log-format.md`` has it: exactly these fields, of these types.

>>> check_entry({"v": 1, "type": "invitation.issued", "at": 3600, "invitation": "iv_x",
...              "product": "p-1", "stage": "claim"})
('entry-fields', 'invitation: "iv_x"')
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from ..tlog.errors import MalformedError
from ..tlog.note import Verifier

HOUR: Final = 3600
#: The last second that RFC 3339 can write.
LAST_TIME: Final = 253_402_300_799
STAGES: Final = ("underwriting", "renewal", "claim")
GROUNDS: Final = ("personal_data", "unlawful_content", "defamation", "court_order", "other")
VERDICTS: Final = ("acknowledged", "disputed")

Test = Callable[[Any], bool]
Leaf = Mapping[str, Any]


def _matches(pattern: str) -> Test:
    match = re.compile(pattern).fullmatch
    return lambda value: type(value) is str and match(value) is not None


def _one_of(*values: str) -> Test:
    return lambda value: type(value) is str and value in values


def _null_or(test: Test) -> Test:
    return lambda value: value is None or test(value)


def _id(prefix: str) -> Test:
    return _matches(f"{prefix}_[a-z2-7]{{26}}")


def _is_score(value: Any) -> bool:
    return type(value) is int and 1 <= value <= 5


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 1


def _is_line(value: Any) -> bool:
    return type(value) is str and 0 < len(value) <= 1_000 and "\n" not in value


def _are_aspects(value: Any) -> bool:
    return type(value) is dict and all(
        _ASPECT(key) and _is_score(score) for key, score in value.items()
    )


def _are_items(value: Any) -> bool:
    return (
        type(value) is list
        and bool(value)
        and all(map(_ITEM, value))
        and all(value[i] < value[i + 1] for i in range(len(value) - 1))
    )


def _is_day(value: Any) -> bool:
    try:
        return type(value) is str and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def are_masks(value: Any) -> bool:
    """``[[start, length], …]``: sorted, disjoint and not adjacent, at least one."""
    end = -1
    if type(value) is not list or not value:
        return False
    for mask in value:
        if type(mask) is not list or len(mask) != 2 or any(type(n) is not int for n in mask):
            return False
        start, length = mask
        if start <= end or start < 0 or length < 1:
            return False
        end = start + length
    return True


def _is_redaction(value: Any) -> bool:
    return (
        type(value) is dict
        and value.keys() == {"item", "commitment", "masks"}
        and _ITEM(value["item"])
        and _HEX(value["commitment"])
        and are_masks(value["masks"])
    )


def _is_key(value: Any) -> bool:
    try:
        return type(value) is str and bool(Verifier.parse(value))
    except MalformedError:
        return False


_HEX: Final = _matches("[0-9a-f]{64}")
_ITEM: Final = _id("it")
_ASPECT: Final = _matches("[a-z][a-z0-9_]{0,31}")
#: Whether something is a SKU.
is_product: Final = _matches(r"[A-Za-z0-9._~-]{1,64}")
_MONTH: Final = _matches("[0-9]{4}-(0[1-9]|1[0-2])")
_STAGE: Final = _one_of(*STAGES)

_FIELDS: Final[Mapping[str, Mapping[str, Test]]] = {
    "log.opened": {"origin": _is_line, "insurer": _matches("[a-z0-9-]{2,32}")},
    "invitation.issued": {"invitation": _id("iv"), "product": is_product, "stage": _STAGE},
    "review.submitted": {
        "review": _id("rv"),
        "invitation": _id("iv"),
        "product": is_product,
        "stage": _STAGE,
        "channel": _one_of("online"),
        "score": _is_score,
        "aspects": _are_aspects,
        "item": _null_or(_ITEM),
        "commitment": _null_or(_HEX),
        "author": _HEX,
        "experienced": _MONTH,
    },
    "followup.published": {"review": _id("rv"), "item": _ITEM, "commitment": _HEX},
    "reply.published": {
        "review": _id("rv"),
        "version": _is_count,
        "item": _ITEM,
        "commitment": _HEX,
    },
    "report.filed": {
        "report": _id("rp"),
        "items": _are_items,
        "authority": _is_line,
        "report_no": _is_line,
        "filed_on": _is_day,
        "ground": _one_of(*GROUNDS),
        "reasons": _HEX,
    },
    "report.acknowledged": {
        "report": _id("rp"),
        "verdict": _one_of(*VERDICTS),
        "note": _null_or(_HEX),
    },
    "text.removed": {
        "item": _ITEM,
        "report": _null_or(_id("rp")),
        "author_key": _null_or(_HEX),
        "redacted": _null_or(_is_redaction),
    },
    "key.rotated": {"key": _is_key},
}
_KEYS: Final = {name: {"v", "type", "at", *tests} for name, tests in _FIELDS.items()}


def check_entry(leaf: Any) -> tuple[str, str] | None:
    """What is wrong with the form of ``leaf``: the code of a finding and the offending part."""
    if type(leaf) is not dict:
        return "entry-fields", "not an object"
    version, kind = leaf.get("v"), leaf.get("type")
    if type(version) is not int or version != 1 or type(kind) is not str or kind not in _FIELDS:
        return "entry-unknown", f"v: {_brief(version)}, type: {_brief(kind)}"
    if leaf.keys() != _KEYS[kind]:
        missing, further = _KEYS[kind] - leaf.keys(), leaf.keys() - _KEYS[kind]
        return "entry-fields", f"missing {sorted(missing)}, further {sorted(further)}"
    for name, test in _FIELDS[kind].items():
        if not test(leaf[name]):
            return "entry-fields", f"{name}: {_brief(leaf[name])}"
    return _check_pairs(kind, leaf)


def _check_pairs(kind: str, leaf: Leaf) -> tuple[str, str] | None:
    """Fields that stand or fall together."""
    if kind == "review.submitted" and (leaf["item"] is None) != (leaf["commitment"] is None):
        return "entry-fields", "item without commitment, or the other way round"
    if kind == "text.removed":
        if (leaf["report"] is None) == (leaf["author_key"] is None):
            return "entry-fields", "neither a report nor an author's key, or both"
        if leaf["author_key"] is not None and leaf["redacted"] is not None:
            return "entry-fields", "a withdrawal that redacts"
    return None


def is_time(value: Any, before: int) -> bool:
    """Whole hours that never go back, and end with the calendar."""
    return type(value) is int and value % HOUR == 0 and before <= value <= LAST_TIME


def _brief(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:200]
