"""The outcome, for people and for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from ..tlog.encoding import base64_text
from .findings import CODES, Finding
from .outcome import Outcome

_WIDTH: Final = 88
_ORDER: Final = {code: number for number, code in enumerate(CODES)}
_RESULTS: Final = ("clean", "tampering", "unchecked")


def as_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome as a JSON object; ``docs/verifying.md`` describes it."""
    signed, findings = outcome.signed, outcome.findings
    return {
        "version": 1,
        "result": _RESULTS[outcome.exit_code],
        "exit": outcome.exit_code,
        "log": {
            "origin": outcome.origin,
            "url": outcome.url,
            "size": None if signed is None else signed.size,
            "root": None if signed is None else base64_text(signed.root),
            "checkpoint": None if signed is None else signed.text,
        },
        "checked": dict(outcome.counts),
        "witnessed": None
        if outcome.witnessed is None
        else {"size": outcome.witnessed[0], "at": dict(outcome.witnessed[1])},
        "findings": [
            {
                "code": finding.code,
                "message": finding.message,
                "index": finding.index,
                "log": finding.log,
                "shown": finding.shown,
            }
            for finding in _sorted(findings.told)
        ],
        "findings_count": findings.count,
        "unchecked": [{"code": code, "message": message} for code, message in findings.unchecked],
        "receipts": [
            {
                "file": verdict.source,
                "index": verdict.index,
                "status": verdict.status,
                "sentence": verdict.sentence,
            }
            for verdict in outcome.receipts
        ],
        "new_keys": list(outcome.learnt),
        "evidence": [str(path) for path in outcome.evidence],
    }


def as_text(outcome: Outcome) -> str:
    """The outcome in plain words, the result first."""
    return "\n".join(_lines(outcome)) + "\n"


def _lines(outcome: Outcome) -> Iterator[str]:
    yield from _wrapped(_result(outcome))
    yield ""
    yield f"Log      {outcome.origin or 'unknown'}"
    if outcome.url:
        yield f"Address  {outcome.url}"
    if outcome.signed is not None:
        yield f"Entries  {outcome.signed.size:,}, root {base64_text(outcome.signed.root)}"
    if outcome.counts:
        yield ""
        yield "What was checked"
        yield from _checked(outcome)
    if outcome.receipts:
        yield ""
        yield "Receipts"
        for verdict in outcome.receipts:
            yield from _bullet(f"{verdict.source}: {verdict.sentence}")
    yield from _found(outcome)
    if outcome.findings.unchecked:
        yield ""
        yield "What could not be checked (this proves nothing, neither way)"
        for _, message in outcome.findings.unchecked:
            yield from _bullet(message)
    if outcome.evidence:
        yield ""
        yield "Evidence: both signed checkpoints are in"
        for path in outcome.evidence:
            yield f"  {path}"


def _result(outcome: Outcome) -> str:
    count = outcome.findings.count
    match outcome.exit_code:
        case 1:
            things = "one thing" if count == 1 else f"{count:,} things"
            return f"TAMPERING FOUND: {things} that cannot be if nobody tampered."
        case 2:
            return "COULD NOT CHECK everything. Nothing of what was looked at is wrong."
        case _ if outcome.signed is None:
            return "CLEAN: the receipts hold. The log itself was not asked."
        case _:
            return "CLEAN: everything that is shown is what was signed, and all of it is shown."


def _checked(outcome: Outcome) -> Iterator[str]:
    counts = outcome.counts
    yield from _bullet(
        f"{counts.get('entries', 0):,} entries: each one read, its form and time, its hash against "
        "the served tiles, and what it owes to those before it"
    )
    if "reviews" in counts:
        yield from _bullet(
            f"{counts['reviews']:,} reviews as they are shown: score, stage, product, author, "
            f"place and order; {counts['texts']:,} texts against their commitments, each missing "
            "one against its removal"
        )
    if "products" in counts:
        yield from _bullet(
            f"{counts['products']:,} products: every figure, and the first pages of the wall"
        )
    if outcome.witnessed is not None and outcome.signed is not None:
        size, times = outcome.witnessed
        by = ", ".join(f"{name} at {at}" for name, at in sorted(times.items()))
        yield from _bullet(f"witnessed up to entry {size - 1:,} by {by}")
        if (blind := outcome.signed.size - size) > 0:
            yield from _bullet(
                f"the {blind:,} newest entries are not witnessed yet: until they are, only "
                "receipts and kept checkpoints hold the log to them"
            )
    for key in outcome.learnt:
        yield from _bullet(f"the log changed its key; this one is trusted from now on: {key}")


def _found(outcome: Outcome) -> Iterator[str]:
    findings = outcome.findings
    if not findings.count:
        return
    yield ""
    yield "Findings"
    for code, group in groupby(_sorted(findings.told), key=lambda finding: finding.code):
        yield f"  {CODES[code]} [{code}]"
        for finding in group:
            yield from _finding(finding)
    if (more := findings.count - len(findings.told)) > 0:
        yield f"  … and {more:,} more"


def _finding(finding: Finding) -> Iterator[str]:
    if finding.message != CODES[finding.code]:
        yield from _bullet(finding.message, indent="    ")
    for name, value in (("log", finding.log), ("shown", finding.shown)):
        if value is not None:
            yield from _bullet(f"{name}: {value}"[:600], indent="        ", mark="")


def _sorted(told: list[Finding]) -> list[Finding]:
    """As in :data:`CODES`, which goes from the signature up to what is shown."""
    return sorted(
        told, key=lambda finding: (_ORDER[finding.code], finding.index is None, finding.index or 0)
    )


def _bullet(text: str, indent: str = "  ", mark: str = "- ") -> list[str]:
    return _wrapped(_printable(text), f"{indent}{mark}", indent + " " * len(mark))


def _wrapped(text: str, first: str = "", later: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _printable(text: str) -> str:
    """What strangers wrote must not steer the terminal."""
    return "".join(character if character.isprintable() else "�" for character in text)
