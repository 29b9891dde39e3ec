"""The machine: policyholders, an insurer, its compliance, the regulator, readers, an operator."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)
from werkzeug.test import TestResponse

from insurance_reviews.moderation.commitment import new_author_key
from insurance_reviews.moderation.ids import new_id
from insurance_reviews.moderation.log_keys import retire_keys, rotate_key
from insurance_reviews.moderation.redaction import BLOT
from insurance_reviews.moderation.verify.report import as_text
from insurance_reviews.plugin.schema import STAGES
from support.copies import Copies
from support.host import API
from support.world import AUTHORITY, SHOP

from .installation import INSURER, Installation
from .model import REDACTED, REMOVED, STANDS, WITHDRAWN, Figures, Json, Report, Review, Text
from .tamperings import TAMPERINGS, Tampering

PRODUCTS = (f"{INSURER}-medical", f"{INSURER}-motor")
TEXTS = ("查勘员李四很慢。", "三天到账，很好。\n谢谢。", "<b>不赔</b> & 不解释😡")
#: The application asks before it publishes this.
PERSONAL = "请打我电话13800138000。"
WORDS = st.sampled_from(TEXTS)
#: Product and stage.
PLACES = st.tuples(st.sampled_from(PRODUCTS), st.sampled_from(STAGES))
#: What a holder sends beside the invitation.
GIVEN = st.fixed_dictionaries(
    {
        "score": st.integers(1, 5),
        "aspects": st.sampled_from(({}, {"attitude": 1}, {"attitude": 5})),
        "text": st.none() | WORDS | WORDS | st.just(PERSONAL),
        "display_name": st.sampled_from((None, "王小明", "欧阳娜娜", "John")),
    }
)
COMPLIANCE, SERVICE, REGULATOR = f"compliance-{INSURER}", f"insurer-{INSURER}", "regulator"


class Life(RuleBasedStateMachine):
    """One life of one installation. ``copies`` gives it, ``tally`` counts what happened."""

    copies: Copies
    engine_name: str
    tally: Counter[str]

    def tell(self) -> None:
        """Called at the beginning of each life."""

    invitations = Bundle("invitations")
    reviews = Bundle("reviews")
    reports = Bundle("reports")

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        place = self._stack.enter_context(self.copies.copied(self.engine_name))
        self.shop = Installation(*place)
        self._stack.callback(self.shop.stop)
        self.acknowledged: list[Review] = []
        self.figures = {product: Figures() for product in PRODUCTS}
        self.rotated = False
        self._numbers = count(1)
        self.tally["lives"] += 1
        self.tell()

    # --- calling --------------------------------------------------------------------------------

    def call(self, method: str, path: str, body: Json | None = None, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.shop.client.open(API + path, method=method, json=body, headers=headers)

    def post(self, path: str, body: Json, token: str = "") -> TestResponse:
        response: TestResponse = self.call("POST", path, body, token)
        return response

    def show(self, review: Review) -> None:
        """Look at the review after a change, and learn which items hold its texts."""
        shown = accepted(self.call("GET", f"/reviews/{review.id}"))
        review.check(shown)
        review.learn_items(shown)

    # --- the holder -----------------------------------------------------------------------------

    @rule(target=invitations, place=PLACES)
    def invite(self, place: tuple[str, str]) -> Json:
        return self._invite(*place)

    def _invite(self, product: str, stage: str) -> Json:
        event = {
            "policy_no": f"PA{next(self._numbers)}",
            "product": product,
            "stage": stage,
            "occurrence": "1",
            "occurred_on": "2026-02-20",
        }
        answer = accepted(self.post("/policy-events", event, SHOP))
        self.figures[product].invited[stage] += 1
        return {"product": product, "stage": stage, "token": answer["invitation"]["token"]}

    @rule(target=reviews, invitation=consumes(invitations), given=GIVEN)
    def submit(self, invitation: Json, given: Json) -> Review:
        return self._submit(invitation, given)

    def _submit(self, invitation: Json, given: Json) -> Review:
        body = {"invitation": invitation["token"], **given}
        if given["text"] == PERSONAL:
            refused(self.post("/reviews", body), "personal-data")
            body["confirm_personal_data"] = True
        answer = accepted(self.post("/reviews", body))
        review = Review(
            id=answer["id"],
            token=invitation["token"],
            key=answer["author_key"],
            product=invitation["product"],
            stage=invitation["stage"],
            score=given["score"],
            aspects=given["aspects"],
            own=None if given["text"] is None else Text(given["text"]),
        )
        self.acknowledged.append(review)
        self.figures[review.product].scores[review.stage, review.score] += 1
        self.show(review)
        return review

    @initialize(target=reviews, given=st.lists(st.tuples(PLACES, GIVEN), min_size=2, max_size=4))
    def begin(self, given: list[tuple[tuple[str, str], Json]]) -> MultipleResults[Review]:
        """A life without reviews would be dull."""
        return multiple(*(self._submit(self._invite(*place), review) for place, review in given))

    @rule(review=reviews, score=st.integers(1, 5))
    def replay(self, review: Review, score: int) -> None:
        body = {"invitation": review.token, "score": score, "text": TEXTS[0]}
        refused(self.post("/reviews", body), "invitation-used")

    @rule(review=reviews, words=WORDS)
    def follow_up(self, review: Review, words: str) -> None:
        response = self.post(
            f"/reviews/{review.id}/follow-ups", {"author_key": review.key, "text": words}
        )
        if review.withdrawn:
            refused(response, "withdrawn")
            return
        accepted(response)
        review.follow_ups.append(Text(words))
        self.show(review)

    @rule(review=reviews)
    def withdraw(self, review: Review) -> None:
        response = self.post(f"/reviews/{review.id}/withdrawal", {"author_key": review.key})
        present = [text for text in review.authors if text.words is not None]
        if not present:
            refused(response, "text-removed" if review.authors else "no-text")
            return
        accepted(response)
        for text in present:
            text.words, text.fate = None, WITHDRAWN
        self.show(review)

    @rule(review=reviews, words=WORDS)
    def pretend_to_be_the_author(self, review: Review, words: str) -> None:
        key = {"author_key": new_author_key()}
        refused(self.post(f"/reviews/{review.id}/withdrawal", key), "author-key-mismatch")
        body = {**key, "text": words}
        refused(self.post(f"/reviews/{review.id}/follow-ups", body), "author-key-mismatch")

    # --- the insurer ----------------------------------------------------------------------------

    @rule(review=reviews, words=WORDS)
    def reply(self, review: Review, words: str) -> None:
        answer = accepted(self.post(f"/reviews/{review.id}/replies", {"text": words}, SERVICE))
        self.figures[review.product].replied += not review.replies
        review.replies.append(Text(words))
        assert answer["version"] == len(review.replies)
        self.show(review)

    @rule(target=reports, review=reviews, number=st.integers(0, 3))
    def report(self, review: Review, number: int) -> Report | MultipleResults[Report]:
        report = self._report(review, number)
        return multiple() if report is None else report

    def _report(self, review: Review, number: int) -> Report | None:
        text = text_at(review, number)
        if text is None:
            return None
        body = {
            "report_no": f"〔2026〕{next(self._numbers)}号",
            "authority": AUTHORITY,
            "filed_on": self.shop.now.date().isoformat(),
            "ground": "personal_data",
            "reasons": "文中出现姓名。",
            "items": [text.item],
        }
        response = self.post(f"/reviews/{review.id}/regulator-reports", body, COMPLIANCE)
        if text.words is None:
            refused(response, "text-removed")
            return None
        return Report(accepted(response)["id"], review, text, text.item)

    @rule(report=reports, redact=st.booleans())
    def remove(self, report: Report, redact: bool) -> None:
        self._remove(report, redact)

    @rule(target=reports, review=reviews, number=st.integers(0, 3), redact=st.booleans())
    def report_and_remove(
        self, review: Review, number: int, redact: bool
    ) -> Report | MultipleResults[Report]:
        report = self._report(review, number)
        if report is None:
            return multiple()
        self._remove(report, redact)
        return report

    def _remove(self, report: Report, redact: bool) -> None:
        """Remove what was reported, or blot out the first letter that is left."""
        review, text = report.review, report.text
        words = text.words or ""
        rest = words.lstrip(BLOT)
        blotted = BLOT * (len(words) - len(rest) + 1) + rest[1:] if redact and rest else None
        body = {"report": report.id, "item": report.item, "redacted_text": blotted}
        response = self.post(f"/reviews/{review.id}/removals", body, COMPLIANCE)
        if text.words is None or text.item != report.item:
            refused(response, "text-removed")
            return
        accepted(response)
        text.words, text.fate = blotted, REMOVED if blotted is None else REDACTED
        self.figures[review.product].removals += 1
        self.show(review)

    @rule(review=reviews, number=st.integers(0, 3), known=st.booleans())
    def remove_unreported(self, review: Review, number: int, known: bool) -> None:
        """Without a report, or on one that there is not."""
        self._refuse_removal(review, number, new_id("rp") if known else None)

    @rule(review=reviews, number=st.integers(0, 3), report=reports)
    def remove_on_another_report(self, review: Review, number: int, report: Report) -> None:
        text = text_at(review, number)
        if text is not None and text.item != report.item:
            self._refuse_removal(review, number, report.id)

    def _refuse_removal(self, review: Review, number: int, report: str | None) -> None:
        text = text_at(review, number)
        if text is None:
            return
        body = {"report": report, "item": text.item}
        response = self.post(f"/reviews/{review.id}/removals", body, COMPLIANCE)
        gone = text.words is None
        refused(response, "text-removed" if gone else "regulator-report-required")

    @rule(review=reviews, method=st.sampled_from(("PUT", "PATCH", "DELETE")))
    def change_the_score(self, review: Review, method: str) -> None:
        body = {"score": review.score % 5 + 1}
        refused(self.call(method, f"/reviews/{review.id}", body, COMPLIANCE), "score-locked")

    # --- the regulator --------------------------------------------------------------------------

    @rule(report=reports, verdict=st.sampled_from(("acknowledged", "disputed")))
    def acknowledge(self, report: Report, verdict: str) -> None:
        body = {"verdict": verdict, "note": "已收悉。"}
        response = self.post(f"/regulator-reports/{report.id}/acknowledgements", body, REGULATOR)
        if report.verdict == verdict:
            refused(response, "already-acknowledged")
            return
        accepted(response)
        report.verdict = verdict

    # --- the operator ---------------------------------------------------------------------------

    @rule(act=st.sampled_from(("keep", "wait", "restart", "rotate", "retire", "verify")))
    def operate(self, act: str) -> None:
        """One rule, because hypothesis likes rules without arguments too well."""
        world = self.shop.world
        logs, ref = world.context.logs, world.ref(INSURER)
        match act:
            case "wait":
                self.shop.wait(hours=7)
            case "restart":
                self.shop.restart()
            case "keep":
                self.shop.keep()
            case "rotate":
                world.write(lambda session: rotate_key(session, logs, ref, world.now))
                self.rotated = True
            case "verify":
                self.verify()
            case "retire" if self.rotated:
                # Once the readers have had time to follow.
                self.verify()
                assert world.read(lambda session: retire_keys(session, logs.keys, ref)) > 0
                self.rotated = False

    @rule(tampering=st.sampled_from(TAMPERINGS), review=reviews)
    def tamper(self, tampering: Tampering, review: Review) -> None:
        if not tampering.fit(review):
            return
        self.shop.keep()
        with self.shop.tampered(lambda ledger: tampering.change(ledger, review)) as state:
            outcome = self.shop.verify(state=state, receipts=())
            assert outcome.exit_code == 1, f"{tampering}: {as_text(outcome)}"
            assert tampering.found in outcome.codes, f"{tampering}: {as_text(outcome)}"
        self.tally["tamperings found"] += 1

    # --- the readers ----------------------------------------------------------------------------

    @rule(review=reviews)
    def keep_receipt(self, review: Review) -> None:
        self.shop.keep_receipt(review.id, review.key)

    def verify(self) -> None:
        """With everything that was kept: clean, and each receipt says what became of its review."""
        outcome = self.shop.verify()
        assert outcome.exit_code == 0, as_text(outcome)
        assert outcome.counts["reviews"] == len(self.acknowledged)
        told = {verdict.source: verdict.status for verdict in outcome.receipts}
        for review in self.acknowledged:
            if path := self.shop.receipts.get(review.id):
                expected = STANDS if review.own is None else review.own.fate
                assert told[str(path)] == expected
        self.tally["verified clean"] += 1

    # --- what holds at any time -----------------------------------------------------------------

    @invariant()
    def everything_stands_as_it_should(self) -> None:
        """Every acknowledged review with its score, in order; no text gone that should stand."""
        self.tally["steps"] += bool(self.acknowledged)
        export = self.call("GET", f"/insurers/{INSURER}/reviews.jsonl").get_data(as_text=True)
        shown = [json.loads(line) for line in export.splitlines()]
        assert [one["id"] for one in shown] == [review.id for review in self.acknowledged]
        for review, one in zip(self.acknowledged, shown, strict=True):
            review.check(one)

    @invariant()
    def every_figure_is_that_of_the_model(self) -> None:
        for product, figures in self.figures.items():
            figures.check(accepted(self.call("GET", f"/products/{product}/summary")))

    def teardown(self) -> None:
        try:
            self.verify()
            assert self.shop.diagnose() == []
        finally:
            self._stack.close()


def text_at(review: Review, number: int) -> Text | None:
    """One of the review's texts, whatever the number; ``None`` when it has none."""
    return review.texts[number % len(review.texts)] if review.texts else None


def accepted(response: TestResponse) -> Any:
    """The JSON of an answer that must be a success."""
    assert response.status_code in (200, 201), response.get_data(as_text=True)[:500]
    return response.get_json()


def refused(response: TestResponse, code: str) -> None:
    """Fail unless the answer refuses with ``code``."""
    problem: Json = response.get_json(force=True) or {}
    assert response.status_code >= 400, problem
    assert problem["code"] == code, problem
