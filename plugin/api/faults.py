"""What pydantic finds wrong, in our codes."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from ..errors import Fault
from ..queries.wall import MONTH
from .models import HEX_32

#: pydantic's kinds that have a code of ours.
_CODES = {
    "missing": "required",
    "string_too_short": "required",
    "too_short": "required",
    "extra_forbidden": "unknown-field",
    "date_parsing": "date",
}
#: What is expected, by the beginning of the kind "…_type" or "…_parsing".
_EXPECTED = {
    "string": "text",
    "int": "integer",
    "bool": "boolean",
    "dict": "object",
    "model": "object",
    "list": "array",
}


def faults_of(error: ValidationError) -> dict[str, Fault]:
    """The faults by field ("score", "aspects.speed", "items.0")."""
    faults: dict[str, Fault] = {}
    for found in error.errors(include_url=False):
        name = ".".join(str(part) for part in found["loc"] if part != "[key]") or "body"
        faults[name[:100]] = _fault(name, found["type"], found.get("ctx", {}), found["input"])
    return faults


def _fault(name: str, kind: str, context: dict[str, Any], given: object) -> Fault:
    if kind in _CODES:
        return Fault(_CODES[kind])
    is_score = name == "score" or name.startswith("aspects.")
    if is_score and kind in {"greater_than_equal", "less_than_equal", "int_parsing_size"}:
        return Fault("score")
    match kind:
        case "literal_error":
            expected = str(context["expected"]).replace("'", "").replace(" or ", ", ")
            return Fault("choice", {"choices": expected})
        case "string_too_long":
            return Fault("too-long", {"limit": context["max_length"], "length": len(str(given))})
        case "too_long":
            return Fault("too-many", {"limit": context["max_length"]})
        case "less_than_equal":
            return Fault("too-large", {"limit": context["le"]})
        case "greater_than_equal":
            return Fault("too-small", {"limit": context["ge"]})
        case "string_pattern_mismatch" if context["pattern"] == HEX_32:
            return Fault("hex-32")
        case "string_pattern_mismatch" if context["pattern"] == MONTH:
            return Fault("month")
        case "string_pattern_mismatch":
            return Fault("form", {"pattern": context["pattern"]})
    return Fault("type", {"expected": _EXPECTED[kind.partition("_")[0]]})
