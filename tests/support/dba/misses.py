"""What no verifier can find from a kept checkpoint and the public API, and what closes it.

These are shown as the misses that they are, so that nobody promises more than is true. A miss that
somebody else's evidence closes is also verified with that evidence, and must be found then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insurance_reviews.moderation.commitment import Words
from insurance_reviews.moderation.verify.report import as_text
from insurance_reviews.moderation.witness.home import open_witness
from insurance_reviews.plugin.services.reviews import Submitted
from support.verifying import SITE, Liar, app_fetch
from support.world import World

from .forgery import Lie
from .ledger import Ledger
from .scene import PRODUCT, Scene, ask_witness, cosign, found_witness, keep_receipt
from .trial import Trial, diagnose

#: The whole text of the review that everything is done to, with the words that are exchanged.
TOLD = "报案三天后查勘员才来，定损时没有说明自费药不赔。"
BLOTTED = "报案██后查勘员才来，定损时没有说明自费药不赔。"
BESIDE = "报案██后查勘员就来，定损时没有说明自费药不赔。"
MORE = "报案██后查勘员才来，██████████自费药不赔。"
MASKS = [[2, 2]]


@dataclass(frozen=True, slots=True)
class Closer:
    """Further evidence: options of the verifier, and the finding that they lead to."""

    how: str
    found: str
    options: Callable[[Trial], Mapping[str, Sequence[Path] | Path]]


@dataclass(frozen=True, slots=True)
class Miss:
    """``play`` is what is done, and ``lie`` what altered code shows; ``reason`` why nobody can see
    it in the log."""

    name: str
    reason: str
    play: Callable[[Trial], object]
    closers: tuple[Closer, ...] = ()
    lie: Lie | None = None

    def __str__(self) -> str:
        return self.name


def play_out(trial: Trial, miss: Miss) -> tuple[list[str], list[str]]:
    """(what was not missed as it should be, what was not closed as it should be)."""
    miss.play(trial)
    with trial.host() as host:
        fetch = Liar(app_fetch(host.app))
        if miss.lie is not None:
            miss.lie(fetch, trial.scene)
        seen = diagnose(host)
        outcome = trial.verify(fetch, kept=[trial.outside.kept])
        found = [*seen, *([] if outcome.exit_code == 0 else [as_text(outcome)])]
        unclosed = []
        for closer in miss.closers:
            options = {"kept": [trial.outside.kept], **closer.options(trial)}
            outcome = trial.verify(fetch, **options)
            if outcome.exit_code != 1 or closer.found not in outcome.codes:
                unclosed.append(f"{miss.name}; {closer.how}: {as_text(outcome)}")
    return [f"{miss.name}: {one}" for one in found], unclosed


def show_another(liar: Liar, scene: Scene) -> None:
    """At one review's address, an honest one of the same log."""
    own, other = (f"/api/v1/reviews/{one.id}" for one in (scene.told, scene.praise))
    honest = liar.fetch(SITE + other).body.read()
    liar.lies.append(lambda path, body: honest if path == own else body)


def nothing(trial: Trial) -> None:
    """The database stays honest."""


# --- lawful in form -------------------------------------------------------------------------------


def report_to_nobody(trial: Trial) -> None:
    with trial.world() as world:
        world.remove(trial.scene.praise)


def refuse(trial: Trial) -> None:
    with trial.world() as world:
        world.invite()


def invent(trial: Trial) -> None:
    def forge(ledger: Ledger, scene: Scene) -> None:
        invitation = ledger.invite(PRODUCT, "claim")
        ledger.entries += [invitation, ledger.stars(invitation)]

    trial.forge(forge)


def use_a_key_that_passed_by(trial: Trial) -> None:
    with trial.world() as world:
        world.withdraw(trial.scene.told)


# --- a redaction that says more or less than it should --------------------------------------------


def redact_to(text: str, name: str | None = None) -> Callable[[Trial], None]:
    """Blot out two characters of today, lawfully reported, and leave ``text``; under ``name``."""

    def forge(ledger: Ledger, scene: Scene) -> None:
        item = ledger.review(scene.told.id).leaf["item"]
        assert ledger.words[item].text == TOLD
        report = ledger.report(item)
        ledger.entries.append(report)
        words = Words(name or ledger.words[item].name, text)
        ledger.remove(item, words=words, masks=MASKS, report=report.leaf["report"])

    return lambda trial: trial.forge(forge)


def the_writers_receipt(trial: Trial) -> Mapping[str, Any]:
    return {"receipts": [trial.outside.receipt(trial.scene.told.id)]}


# --- the blind window -----------------------------------------------------------------------------


def rewrite_the_newest(
    trial: Trial, meanwhile: Callable[[World, Submitted], None] = lambda world, review: None
) -> None:
    """A bad review comes in after everything that anybody kept; it becomes a good one."""
    with trial.world() as world:
        review = world.submit(score=1, text="理赔拖了三个月。")
        meanwhile(world, review)

    def forge(ledger: Ledger, scene: Scene) -> None:
        entry = ledger.review(review.id)
        entry.leaf["score"] = 5
        ledger.reword(entry.leaf["item"], text="理赔很快。")

    trial.forge(forge)


def rewrite_what_was_kept(trial: Trial) -> None:
    """The same, but the writer has a receipt, and two witnesses cosigned in between."""

    def keep(world: World, review: Submitted) -> None:
        keep_receipt(world, trial.outside, review).rename(window_receipt(trial))
        cosign(world, trial.outside.witness)
        found_witness(world, second_witness(trial), second_policy(trial), "witness.example/w2")
        cosign(world, second_witness(trial))

    rewrite_the_newest(trial, keep)
    with trial.world() as world:
        answer = ask_witness(world, trial.outside.witness)
        witness = open_witness(trial.outside.witness)
        # What the operator can still sign, the witness never cosigns again, and it keeps both.
        assert answer.status == 409, answer
        assert [one.kind for one in witness.state.conflicts()] == ["fork"]


def window_receipt(trial: Trial) -> Path:
    return trial.outside.folder / "window.receipt.json"


def second_witness(trial: Trial) -> Path:
    return trial.outside.folder / "witness2"


def second_policy(trial: Trial) -> Path:
    return trial.outside.folder / "policy2"


def witness_memory(trial: Trial) -> Mapping[str, Any]:
    """The checkpoint that the witness cosigned last, from its own page."""
    [followed] = open_witness(trial.outside.witness).state.logs()
    assert followed.head is not None
    path = trial.outside.folder / "of-the-witness"
    path.write_text(followed.head.note)
    return {"kept": [trial.outside.kept, path]}


MISSES = (
    Miss(
        "a text is removed on a report that the regulator never received",
        "the log holds what the insurer says it filed: only the regulator can look in the inbox",
        report_to_nobody,
    ),
    Miss(
        "a review is refused before it is accepted",
        "the promise begins with the acceptance: only the writer knows",
        refuse,
    ),
    Miss(
        "a policy event is never reported, and nobody invited",
        "the log holds invitations, not sales: only the storefront's books tell",
        lambda trial: None,
    ),
    Miss(
        "a customer is invented, invited and writes",
        "the log proves that a review stands, not that it is true",
        invent,
    ),
    Miss(
        "a text is withdrawn with its author's key, seen as it passed by",
        "who alters the code sees what is typed into it; the receipt says withdrawn, not by whom",
        use_a_key_that_passed_by,
    ),
    Miss(
        "a redaction of today changes words beside the blots",
        "the original is gone: only who still has it can compare",
        redact_to(BESIDE),
        (Closer("the writer's receipt", "receipt-shown", the_writers_receipt),),
    ),
    Miss(
        "a redaction of today blots out more than its masks",
        "a writer may have written blots: only who has the original can tell",
        redact_to(MORE),
        (Closer("the writer's receipt", "receipt-shown", the_writers_receipt),),
    ),
    Miss(
        "a redaction of today bears another name",
        "the original is gone, and the name was part of it: only who has it can compare",
        redact_to(BLOTTED, "张三"),
        (Closer("the writer's receipt", "receipt-shown", the_writers_receipt),),
    ),
    Miss(
        "at a review's own address another honest one of the log is shown",
        "walls and export are right, and nobody asks for every review by itself",
        nothing,
        (Closer("the writer's receipt", "review-swapped", the_writers_receipt),),
        show_another,
    ),
    Miss(
        "the blind window: entries are rewritten that are newer than all that anybody kept",
        "nothing outside speaks of them",
        rewrite_the_newest,
    ),
    Miss(
        "the same, where somebody has kept something that nobody asks for",
        "evidence that is not brought convicts nobody",
        rewrite_what_was_kept,
        (
            Closer("the writer's receipt", "fork", lambda t: {"receipts": [window_receipt(t)]}),
            Closer(
                "a policy that asks for the witness that cosigned in between",
                "not-witnessed",
                lambda trial: {"policy": second_policy(trial)},
            ),
            Closer("the checkpoint that a witness holds", "fork", witness_memory),
        ),
    ),
)
