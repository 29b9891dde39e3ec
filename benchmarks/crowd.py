"""Very many reviews of one product, fast, and each as true as any: entry, fact, lock and counter.

The services would take twenty minutes for a million, most of it for one checkpoint and one commit
per review. Here a transaction holds a thousand; what the triggers refuse, they refuse here too.
Some reviews rate aspects, some have a follow-up or a reply, so that every filter finds something.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from measure import Progress
from sqlalchemy import Table
from sqlalchemy.orm import Session

from insurance_reviews.moderation import canonical
from insurance_reviews.moderation.commitment import Words
from insurance_reviews.moderation.ids import new_id
from insurance_reviews.moderation.log import Entry, LogWriter
from insurance_reviews.moderation.prepared import insertion
from insurance_reviews.moderation.schema import content, item
from insurance_reviews.plugin import schema
from insurance_reviews.plugin.aspects import aspects_of
from insurance_reviews.plugin.capabilities import policy_hash
from insurance_reviews.plugin.figures import adding, touch
from insurance_reviews.plugin.search import documents
from insurance_reviews.plugin.search.analysis import analyse
from insurance_reviews.plugin.search.keys import key_of
from insurance_reviews.plugin.services.catalogue import Product, find_product, log_of
from support.world import SHOP, World

BATCH = 1_000
#: So long it takes people to write a batch: a million reviews of a third of a year.
BATCH_HOURS = 3
#: How many of a hundred people give 1, 2, … 5 stars.
SCORES = (9, 6, 12, 28, 45)
#: Which share writes something, which rates aspects too; of those who wrote, which share writes
#: again; and which share is answered.
WRITING, RATING, WRITING_AGAIN, ANSWERED = 0.4, 0.5, 0.1, 0.15
#: What insurers answer.
ANSWER = "感谢反馈，已转交理赔负责人，三个工作日内回电"
#: What people say, and how many of a hundred say it: some words are common and some are rare.
CLAUSES = {
    "理赔": 40,
    "客服一次就讲清楚": 18,
    "线上提交资料": 18,
    "比我想的快": 15,
    "等了很久，慢": 12,
    "报案后三天查勘员到场": 10,
    "电话打了两次才有人接": 10,
    "材料补了一次": 10,
    "续保提醒很及时": 9,
    "投保全程在线": 9,
    "二十天后到账": 8,
    "条款看不懂": 7,
    "中间有短信提醒进度": 6,
    "自费药部分没有赔": 5,
    "投保时没有人说明过这一条": 4,
    "结案通知只有一句话": 3,
    "没有写扣减的依据": 3,
    "免赔额太高": 2,
    "等待期内确诊，拒赔": 1,
    "犹豫期内退保": 0.5,
    "现金价值低": 0.2,
    "保全变更受益人": 0.1,
}
CLAUSES_EACH = 5
AUTHOR = "0" * 64

Row = dict[str, Any]
# In the order in which they refer to each other.
_TABLES = (
    *(schema.policy_event, schema.invitation, item, content),
    *(schema.review, schema.follow_up, schema.reply),
)
_facts = {table.name: insertion(table) for table in _TABLES}
_policy = insertion(schema.policy)
_reviews = insertion(schema.review_count, adding)
_invitations = insertion(schema.invitation_count, adding)
_months = insertion(schema.month_count, adding)
_aspects = insertion(schema.aspect_count, adding)
_delays = insertion(schema.reply_delay, adding)


def fill(world: World, sku: str, number: int, title: str) -> None:
    """Let ``number`` policyholders review the product ``sku``."""
    product = world.read(lambda session: find_product(session, sku))
    chance = random.Random(number)
    with Progress(title, number) as progress:
        for done in range(0, number, BATCH):
            size = min(BATCH, number - done)
            world.write(lambda session: _Batch(world, product, chance).write(session, size))  # noqa: B023
            world.pass_time(hours=BATCH_HOURS)
            progress.step(size)


class _Batch:
    """The reviews of one transaction: entries are appended one by one, rows gathered by table."""

    def __init__(self, world: World, product: Product, chance: random.Random) -> None:
        self._world, self._product, self._chance = world, product, chance
        #: All the events of a batch are of one policy, told apart by their occurrence.
        self._policy = policy_hash(
            world.settings.policy_key, product.insurer, f"P{chance.getrandbits(64):020}"
        )
        self._rows: dict[str, list[Row]] = {table.name: [] for table in _TABLES}
        self._documents: list[documents.Change] = []
        self._invited: Counter[str] = Counter()
        self._reviewed: Counter[tuple[str, int, int]] = Counter()
        self._rated: Counter[tuple[str, str, int]] = Counter()
        self._answered = 0

    def write(self, session: Session, size: int) -> None:
        """Write ``size`` reviews."""
        ref = log_of(session, self._product.insurer)
        with self._world.context.logs.writing(session, ref, self._world.now) as writer:
            _policy.run(session, {"number_hash": self._policy, "insurer": ref.insurer})
            for occurrence in range(size):
                self._add(writer, str(occurrence))
            for name, fact in _facts.items():
                if rows := self._rows[name]:
                    fact.run(session, *rows)
            documents.write(session, *self._documents)
            self._count(session)

    def _add(self, writer: LogWriter, occurrence: str) -> None:
        event, invitation = new_id("ev"), new_id("iv")
        stage = self._chance.choice(self._product.stages)
        about = {"product": self._product.sku, "stage": stage}
        now, today = int(self._world.now.timestamp()), self._world.today.isoformat()
        self._put(
            schema.policy_event,
            {
                **about,
                "id": event,
                "policy": self._policy,
                "occurrence": occurrence,
                "occurred_on": today,
                "storefront": SHOP,
                "created_at": now,
            },
        )
        entry = writer.append("invitation.issued", {"invitation": invitation, **about})
        self._put(
            schema.invitation,
            {**entry.columns, **about, "id": invitation, "event": event, "expires_at": now},
        )
        self._invited[stage] += 1
        self._review(writer, {**about, "invitation": invitation, "experienced": today[:7]})

    def _review(self, writer: LogWriter, fields: Row) -> None:
        review, stage = new_id("rv"), fields["stage"]
        words = self._words() if self._happens(WRITING) else None
        name = None if words is None else new_id("it")
        score = self._chance.choices((1, 2, 3, 4, 5), SCORES)[0]
        aspects = self._ratings(stage, score) if self._happens(RATING) else {}
        fields = {
            **fields,
            "channel": "online",
            "score": score,
            "aspects": aspects,
            "item": name,
            "commitment": words and words.commitment,
            "author": AUTHOR,
        }
        entry = writer.append("review.submitted", {"review": review, **fields})
        own = None
        if words is not None and name is not None:
            self._publish(entry, "review", name, words)
            own = name, analyse(self._world.settings.state_dir, words.text)
        written = canonical.dumps(aspects).decode()
        self._put(schema.review, {**entry.columns, **fields, "id": review, "aspects": written})
        key = key_of(entry.log.id, entry.index)
        sku, insurer = self._product.sku, self._product.insurer
        document = documents.new_document(key, sku, insurer, stage, score, aspects, own)
        if words is not None and self._happens(WRITING_AGAIN):
            self._follow_up(writer, review, document)
        if self._happens(ANSWERED):
            self._reply(writer, review, document)
        self._documents.append(document)
        self._reviewed[stage, score, int(words is not None)] += 1
        for aspect, value in aspects.items():
            self._rated[stage, aspect, value] += 1

    def _follow_up(self, writer: LogWriter, review: str, document: documents.Change) -> None:
        words, name = self._words(), new_id("it")
        fields = {"review": review, "item": name, "commitment": words.commitment}
        entry = writer.append("followup.published", fields)
        self._publish(entry, "follow_up", name, words)
        self._put(schema.follow_up, {**entry.columns, **fields})
        document.follow_up(name, analyse(self._world.settings.state_dir, words.text))

    def _reply(self, writer: LogWriter, review: str, document: documents.Change) -> None:
        number = self._chance.getrandbits(32)
        words, name = Words(self._product.insurer_name, f"{ANSWER}。{number}"), new_id("it")
        fields = {"review": review, "version": 1, "item": name, "commitment": words.commitment}
        entry = writer.append("reply.published", fields)
        self._publish(entry, "reply", name, words, None)
        self._put(schema.reply, {**entry.columns, **fields})
        document.reply(name, analyse(self._world.settings.state_dir, words.text))
        self._answered += 1

    def _publish(
        self, entry: Entry, kind: str, name: str, words: Words, author: str | None = AUTHOR
    ) -> None:
        where = {"log": entry.log.id, "entry": entry.index}
        kept = {"id": name, "kind": kind, "author": author, "commitment": words.commitment}
        self._put(item, {**where, **kept})
        self._put(content, {"item": name, "salt": words.salt, "body": words.body})

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share

    def _words(self) -> Words:
        number = self._chance.getrandbits(32)
        said = self._chance.choices(list(CLAUSES), list(CLAUSES.values()), k=CLAUSES_EACH)
        return Words("王**", f"{'，'.join(dict.fromkeys(said))}。{number}")

    def _ratings(self, stage: str, score: int) -> dict[str, int]:
        """Each aspect about as well as the whole."""
        return {
            aspect.key: min(5, max(1, score + self._chance.choice((-1, 0, 0, 1))))
            for aspect in aspects_of(self._product.aspects, stage)
        }

    def _put(self, table: Table, row: Row) -> None:
        self._rows[table.name].append(row)

    def _count(self, session: Session) -> None:
        sku = self._product.sku
        for (stage, score, has_text), n in self._reviewed.items():
            key = {"product": sku, "stage": stage, "score": score, "has_text": has_text}
            _reviews.run(session, {**key, "n": n})
        month = self._world.today.isoformat()[:7]
        for (stage, score, _), n in self._reviewed.items():
            key = {"product": sku, "stage": stage, "month": month}
            _months.run(session, {**key, "n": n, "total": n * score})
        for (stage, aspect, value), n in self._rated.items():
            key = {"product": sku, "stage": stage, "aspect": aspect}
            _aspects.run(session, {**key, "n": n, "total": n * value})
        for stage, n in self._invited.items():
            _invitations.run(session, {"product": sku, "stage": stage, "n": n})
        if self._answered:
            _delays.run(session, {"product": sku, "hours": 0, "n": self._answered})
        touch(session, sku)
