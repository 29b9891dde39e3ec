"""Whatever people do in whatever order, the public sees what happened, and every figure fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    rule,
    run_state_machine_as_test,
)

from insurance_reviews.moderation.commitment import new_author_key
from insurance_reviews.moderation.errors import AuthorKeyMismatch, TextRemoved
from insurance_reviews.moderation.redaction import BLOT
from insurance_reviews.plugin.errors import InvitationUsed, NoText, Withdrawn
from insurance_reviews.plugin.queries.reviews import find_review
from insurance_reviews.plugin.queries.summary import read_summary
from insurance_reviews.plugin.schema import STAGES
from insurance_reviews.plugin.services.reviews import Submitted
from support.databases import ENGINES, DatabaseFactory
from support.world import World, built_world

TEXT = "查勘员李四很慢。"
PRODUCTS = ("anxin-medical", "boshan-motor")


@dataclass
class Expected:
    """What everybody should see of a review."""

    token: str
    product: str
    score: int
    review: Submitted
    texts: list[str | None] = field(default_factory=list)
    replies: int = 0
    withdrawn: bool = False


class Life(RuleBasedStateMachine):
    """Policyholders, an insurer's desk and its compliance, one act after the other."""

    world: World
    reviews = Bundle("reviews")

    def __init__(self) -> None:
        super().__init__()
        self.expected: list[Expected] = []
        self.before = {product: self.histogram(product) for product in PRODUCTS}

    def histogram(self, product: str) -> Counter[int]:
        summary = self.world.read(lambda session: read_summary(session, product, STAGES))
        return Counter(summary.scores.histogram)

    @rule(
        target=reviews,
        product=st.sampled_from(PRODUCTS),
        stage=st.sampled_from(STAGES),
        score=st.integers(1, 5),
        text=st.none() | st.just(TEXT),
    )
    def submit(self, product: str, stage: str, score: int, text: str | None) -> Expected:
        token = self.world.invite(product, stage=stage)
        review = self.world.submit(token, score=score, text=text)
        made = Expected(token, product, score, review, [] if text is None else [text])
        self.expected.append(made)
        return made

    @rule(hours=st.integers(0, 40))
    def wait(self, hours: int) -> None:
        self.world.pass_time(hours=hours)

    @rule(given=reviews)
    def submit_again(self, given: Expected) -> None:
        with pytest.raises(InvitationUsed):
            self.world.submit(given.token, score=6 - given.score)

    @rule(given=reviews)
    def follow_up(self, given: Expected) -> None:
        if given.withdrawn:
            with pytest.raises(Withdrawn):
                self.world.follow_up(given.review, TEXT)
            return
        self.world.follow_up(given.review, TEXT)
        given.texts.append(TEXT)

    @rule(given=reviews)
    def reply(self, given: Expected) -> None:
        given.replies += 1
        assert self.world.reply(given.review).version == given.replies

    @rule(given=reviews, number=st.integers(0, 3), whole=st.booleans())
    def remove(self, given: Expected, number: int, whole: bool) -> None:
        """Report a text and remove it, or blot out its first letter that is left."""
        standing = [place for place, text in enumerate(given.texts) if text is not None]
        if number >= len(standing):
            return
        place = standing[number]
        text = given.texts[place]
        assert text is not None
        rest = text.lstrip(BLOT)
        blotted = BLOT * (len(text) - len(rest) + 1) + rest[1:]
        redacted = None if whole or not rest else blotted
        item = self.world.own(given.review).texts[place].item
        self.world.remove(given.review, item=item, redacted=redacted)
        given.texts[place] = redacted

    @rule(given=reviews)
    def withdraw(self, given: Expected) -> None:
        if not any(text is not None for text in given.texts):
            with pytest.raises(TextRemoved if given.texts else NoText):
                self.world.withdraw(given.review)
            return
        self.world.withdraw(given.review)
        given.texts = [None] * len(given.texts)
        given.withdrawn = True

    @rule(given=reviews)
    def withdraw_with_another_key(self, given: Expected) -> None:
        with pytest.raises(AuthorKeyMismatch):
            self.world.withdraw(given.review, new_author_key())

    def teardown(self) -> None:
        scores: dict[str, Counter[int]] = {product: Counter() for product in PRODUCTS}
        for each in self.expected:
            shown = self.world.read(partial(find_review, review_id=each.review.id))
            own = [] if shown.text is None else [shown.text]
            assert shown.score == each.score
            assert [text.state.text for text in (*own, *shown.follow_ups)] == each.texts
            assert [reply.version for reply in shown.replies] == list(range(1, each.replies + 1))
            scores[each.product][each.score] += 1
        for product in PRODUCTS:
            assert self.histogram(product) - self.before[product] == scores[product]
        self.world.check()


@pytest.fixture(scope="module", params=ENGINES)
def shared_world(
    request: pytest.FixtureRequest,
    database_factory: DatabaseFactory,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """One world for all lives: each begins where the last one ended."""
    with (
        database_factory.fresh(request.param) as url,
        built_world(url, tmp_path_factory.mktemp("life") / "state") as world,
    ):
        yield world


def test_every_life_leaves_the_logs_and_the_figures_whole(shared_world: World) -> None:
    machine = type("LifeIn", (Life,), {"world": shared_world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
