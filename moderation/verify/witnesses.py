"""The witnesses that a policy asks for, and the newest checkpoint that they cosigned."""

from __future__ import annotations

import time
from pathlib import Path

from ..tlog.policy import MAX_POLICY, Policy, PolicyError
from .findings import CannotCheck, Findings
from .live import ATTEMPTS, PAUSE
from .signed import NotSigned, Signed, Trust
from .site import Site


def read_policy(path: Path) -> Policy:
    """Read a policy file. Raises :class:`CannotCheck`."""
    try:
        with path.open("rb") as file:
            return Policy.parse(file.read(MAX_POLICY + 1))
    except OSError as error:
        raise CannotCheck(f"{path}: {error}", "policy") from error
    except PolicyError as error:
        raise CannotCheck(f"{path}: {error}", "policy") from error


def find_witnessed(site: Site, trust: Trust, policy: Policy, findings: Findings) -> Signed | None:
    """The newest cosigned checkpoint, if it has a quorum.

    Witnesses sign one after the other: one whose quorum is still coming in is asked for again.
    """
    shown = None
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE)
        if (data := site.note("witnessed")) is None:
            continue
        try:
            signed = trust.open(data, witnesses=True)
        except NotSigned as error:
            findings.add(error.code, f"the witnessed checkpoint: {error}")
            return None
        if policy.is_met(signed.note):
            return signed
        present = ", ".join(sorted(policy.signed_by(signed.note))) or "none of its witnesses"
        shown = f"{present}, at {signed.size} entries"
    findings.add("not-witnessed", shown=shown)
    return None
