"""One forgery from end to end: what promises does it break?"""

from __future__ import annotations

from insurance_reviews.moderation.verify.outcome import Outcome
from insurance_reviews.moderation.verify.report import as_text
from support.verifying import Liar, app_fetch

from .forgery import Forgery
from .trial import Trial, diagnose


def attempt(trial: Trial, forgery: Forgery) -> list[str]:
    """Forge, and hold what is found to what must be; nothing when all is as promised."""
    if forgery.forge is not None:
        trial.forge(forgery.forge)
    with trial.host() as host:
        seen = diagnose(host)
        liar = Liar(app_fetch(host.app))
        if forgery.lie is not None:
            forgery.lie(liar, trial.scene)
        policy = trial.outside.policy if forgery.policy else None
        kept = trial.verify(liar, kept=[trial.outside.kept], policy=policy)
        alone = trial.verify(liar, policy=policy)
    return [
        *_doctor(forgery, seen),
        *_found("with a kept checkpoint", kept, forgery.found),
        *_found("alone", alone, forgery.alone),
    ]


def _doctor(forgery: Forgery, seen: list[str]) -> list[str]:
    if forgery.noticed == bool(seen):
        return []
    return [f"the shop's doctor: {'; '.join(seen) or 'notices nothing'}"]


def _found(how: str, outcome: Outcome, code: str | None) -> list[str]:
    """``code`` must be among the findings, or there must be none."""
    expected = 0 if code is None else 1
    if outcome.exit_code == expected and (code is None or code in outcome.codes):
        return []
    return [f"{how}, not {code}: {as_text(outcome)}"]
