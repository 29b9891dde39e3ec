"""A writer's receipt: what it proves by itself, and what has become of the words since.

A receipt is a ``.tlog-proof``, or the JSON that a writer downloads, which brings the entry, the
words with their salt, and the author key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .. import canonical
from ..commitment import author_of, is_hex_32
from ..redaction import apply_masks
from ..tlog.errors import MalformedError, TlogError
from ..tlog.merkle import check_inclusion, leaf_hash
from ..tlog.proof import MAX_RECEIPT, Receipt, check_receipt
from .bounded import loads
from .differences import words_fit
from .findings import CannotCheck, Findings
from .kept import unknown_key
from .signed import Trust
from .texts import WITHDRAWN, Text

#: The receipt's JSON holds the proof, the leaf and the words.
MAX_FILE: Final = MAX_RECEIPT + 500_000
#: The members of the JSON, and room for more.
_MARKS: Final = 200
VERSION: Final = 1
_STRANGER: Final = (
    "(None of the keys that you trust has signed the receipt; but the log had its tree.)"
)


@dataclass(frozen=True, slots=True)
class WriterReceipt:
    """A receipt as it was read; what is not in the file is ``None``."""

    source: str
    proof: Receipt
    leaf: bytes | None = None
    name: str | None = None
    text: str | None = None
    salt: str | None = None
    author_key: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a receipt, in one word that is stable and in a sentence."""

    source: str
    index: int
    #: ``stands``, ``redacted``, ``removed``, ``withdrawn``, ``tampered``; ``offline`` or
    #: ``unchecked`` where nobody could be asked.
    status: str
    sentence: str


def read_receipt(path: Path) -> WriterReceipt:
    """Read either form. Raises :class:`CannotCheck` for a file that is no receipt."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
        if data.startswith(b"c2sp.org/"):
            return WriterReceipt(str(path), Receipt.parse(data.decode()))
        value = loads(data, _MARKS)
        return _of_json(str(path), value)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotCheck(f"{path} is no receipt: {error}", "receipt") from error


def _of_json(source: str, value: Any) -> WriterReceipt:
    if not isinstance(value, dict) or value["version"] != VERSION:
        raise MalformedError("receipt", f"not of version {VERSION}")
    texts = {name: value.get(name) for name in ("salt", "name", "text", "author_key")}
    for name, text in {**texts, "proof": value["proof"], "leaf": value["leaf"]}.items():
        if text is not None and type(text) is not str:
            raise MalformedError("receipt", f"{name} is not a text")
    for name in ("salt", "author_key"):
        if (given := texts[name]) is not None and not is_hex_32(given):
            raise MalformedError("receipt", f"{name} is not 32 bytes in hexadecimal")
    return WriterReceipt(source, Receipt.parse(value["proof"]), value["leaf"].encode(), **texts)


def check_by_itself(receipt: WriterReceipt, leaf: bytes, trust: Trust, findings: Findings) -> bool:
    """Signature, inclusion and words: all that needs no log. Findings are noted.

    The signature is left out where nobody who is trusted made it: then the caller knows already
    that the log has the tree.
    """
    before = findings.count
    proof, index = receipt.proof, receipt.proof.index
    try:
        if trust.knows_signer(proof.checkpoint):
            check_receipt(proof, leaf, *trust.keys, origin=trust.origin)
        else:
            seen = trust.claimed(proof.checkpoint)
            check_inclusion(index, seen.size, leaf_hash(leaf), proof.hashes, seen.root)
    except TlogError as error:
        findings.add("receipt-invalid", f"{receipt.source}: {error}", index=index)
        return False
    fields = _fields(leaf)
    commitment, author = fields.get("commitment"), fields.get("author")
    given = (receipt.salt, receipt.name, receipt.text)
    if receipt.salt is not None and receipt.name is not None and receipt.text is not None:
        salt = bytes.fromhex(receipt.salt)
        if not words_fit(salt, receipt.name, receipt.text, str(commitment)):
            findings.add(
                "receipt-words",
                f"{receipt.source}: name, text and salt are not those of entry {index}",
                index=index,
                log=commitment,
            )
    elif any(part is not None for part in given):
        findings.add(
            "receipt-words", f"{receipt.source}: name, text or salt is missing", index=index
        )
    if receipt.author_key is not None and author_of(receipt.author_key) != author:
        findings.add(
            "receipt-words",
            f"{receipt.source}: the author key is not that of entry {index}",
            index=index,
            log=author,
        )
    return findings.count == before


def offline(receipt: WriterReceipt, trust: Trust, findings: Findings) -> Verdict:
    """The verdict without a log to ask."""
    index = receipt.proof.index
    if receipt.leaf is None:
        findings.could_not(
            CannotCheck(
                f"{receipt.source}: a bare proof does not hold its entry; give the log's address "
                "too, or the receipt's JSON",
                "receipt",
            )
        )
        return Verdict(receipt.source, index, "unchecked", "The entry itself is not in this file.")
    if not trust.knows_signer(receipt.proof.checkpoint):
        return _unproven(receipt, unknown_key(receipt.source, "the log was not asked"), findings)
    if not check_by_itself(receipt, receipt.leaf, trust, findings):
        return tampered(receipt)
    return Verdict(
        receipt.source,
        index,
        "offline",
        f"Entry {index} was in the log when it signed this receipt, and the words are those of the "
        "entry. The log itself was not asked what has become of them.",
    )


def online(
    receipt: WriterReceipt,
    leaf: bytes | None,
    trust: Trust,
    doubt: CannotCheck | None,
    texts: Sequence[Text],
    shown: Mapping[str, Any] | None,
    findings: Findings,
) -> Verdict:
    """The verdict beside the log.

    ``leaf`` stands at the receipt's index today. ``doubt`` says why a receipt that no trusted key
    signed proves nothing; without one the log has its tree. ``texts`` is what became of its words
    by the log, the newest state first, then those that may still have been shown. ``shown`` is the
    text as the shop shows it (``None``: it could not be compared).
    """
    before, index = findings.count, receipt.proof.index
    known = trust.knows_signer(receipt.proof.checkpoint)
    if not known and doubt is not None:
        return _unproven(receipt, doubt, findings)
    if leaf is None:
        return Verdict(receipt.source, index, "tampered", "The log ends before this entry.")
    if receipt.leaf is not None and receipt.leaf != leaf:
        findings.add(
            "receipt-entry",
            f"{receipt.source}: entry {index} of the log is another one",
            index=index,
            log=leaf.decode("utf-8", "replace"),
            shown=receipt.leaf.decode("utf-8", "replace"),
        )
    check_by_itself(receipt, receipt.leaf or leaf, trust, findings)
    if findings.count == before and texts and shown is not None:
        _compare_shown(receipt, texts, shown, findings)
    if findings.count > before:
        return tampered(receipt)
    status, sentence = _standing(texts[0] if texts else None)
    return Verdict(receipt.source, index, status, sentence if known else f"{sentence} {_STRANGER}")


def _compare_shown(
    receipt: WriterReceipt, texts: Sequence[Text], shown: Mapping[str, Any], findings: Findings
) -> None:
    """The writer still has the original: so a redaction can be checked at every position, and that
    the name stayed."""
    if receipt.text is None or any(text.gone for text in texts):
        return
    expected = [apply_masks(receipt.text, [list(mask) for mask in text.masks]) for text in texts]
    if shown.get("text") not in expected:
        findings.add(
            "receipt-shown",
            f"{receipt.source}: the text is not shown as it was written"
            + (" and blotted out by the log" if texts[0].masks else ""),
            index=receipt.proof.index,
            log=expected[0][:200],
            shown=str(shown.get("text"))[:200],
        )
    if shown.get("display_name") != receipt.name:
        findings.add(
            "receipt-shown",
            f"{receipt.source}: the text is shown under another name than it was written",
            index=receipt.proof.index,
            log=receipt.name,
            shown=str(shown.get("display_name"))[:200],
        )


def _standing(text: Text | None) -> tuple[str, str]:
    if text is None or text.tombstone is None:
        return "stands", "It stands in the log and is shown as it was written."
    stone = text.tombstone
    if stone.ground == WITHDRAWN:
        return "withdrawn", "Its author took the words back; the score stands."
    report = f"report {stone.report_no} to {stone.authority} (ground: {stone.ground}; " + (
        f"the authority answered: {stone.verdict})" if stone.verdict else "not acknowledged yet)"
    )
    if text.gone:
        return "removed", f"The words were removed on {report}. The score stands."
    return "redacted", f"Passages were blotted out on {report}. All else stands as written."


def _unproven(receipt: WriterReceipt, doubt: CannotCheck, findings: Findings) -> Verdict:
    findings.could_not(doubt)
    return Verdict(
        receipt.source,
        receipt.proof.index,
        "unchecked",
        "None of the keys that you trust has signed it: by itself it proves nothing, neither way.",
    )


def tampered(receipt: WriterReceipt) -> Verdict:
    """The verdict where something was found."""
    return Verdict(
        receipt.source,
        receipt.proof.index,
        "tampered",
        "Something does not hold: see the findings about this receipt.",
    )


def _fields(leaf: bytes) -> Mapping[str, Any]:
    try:
        value = canonical.loads(leaf)
    except canonical.NotCanonicalError:
        return {}
    return value if isinstance(value, dict) else {}
